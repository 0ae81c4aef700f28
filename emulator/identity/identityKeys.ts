import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const fileName = "identity-root.key";
const rootBytes = 32;

/** Order of the P-256 group. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * The keys with which devices prove who they are. Nordic's factory writes the real ones into the devices. Here they are derived from
 * one root, so the emulator needs no list of devices.
 */
export class IdentityKeys {
  private constructor(private readonly root: Buffer) {}

  /** With a root that ends with the emulator. Then all tokens are invalid. */
  static inMemory(): IdentityKeys {
    return new IdentityKeys(randomBytes(rootBytes));
  }

  /** With the root stored in a directory. The first start creates it there, in a file that only its owner can read. */
  static async open(directory: string): Promise<IdentityKeys> {
    const path = join(directory, fileName);
    try {
      await writeFile(path, `${randomBytes(rootBytes).toString("hex")}\n`, { flag: "wx", mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const root = Buffer.from((await readFile(path, "utf8")).trim(), "hex");
    if (root.length !== rootBytes) {
      throw new Error(`${path}: not the root key of this emulator; delete the file to have a new one made`);
    }
    return new IdentityKeys(root);
  }

  /** The identity key of a device: P-256. */
  keyOf(deviceId: string): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
    const seed = Buffer.from(hkdfSync("sha256", this.root, "", `identity key of ${deviceId}`, 48));
    const scalar = (BigInt(`0x${seed.toString("hex")}`) % (order - 1n)) + 1n;
    const privateBytes = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex");
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(privateBytes);
    const point = pair.getPublicKey();
    const publicJwk = {
      kty: "EC",
      crv: "P-256",
      x: point.subarray(1, 33).toString("base64url"),
      y: point.subarray(33).toString("base64url"),
    };
    return {
      publicKey: createPublicKey({ key: publicJwk, format: "jwk" }),
      privateKey: createPrivateKey({
        key: { ...publicJwk, d: privateBytes.toString("base64url") },
        format: "jwk",
      }),
    };
  }
}

/** The IMEI of a device, as looked up in Nordic's production data: 15 digits, the last one of which is the check digit. */
export function imeiOf(deviceId: string): string {
  const typeAllocation = "35025693";
  const serial = createHash("sha256").update(deviceId).digest().readUInt32BE() % 1_000_000;
  const digits = `${typeAllocation}${String(serial).padStart(6, "0")}`;
  const sum = Array.from(digits).reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
