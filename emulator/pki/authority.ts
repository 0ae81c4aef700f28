import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRecord, isText } from "../http/json.js";
import { certify, type Name, type Signer } from "./certificate.js";

const organization = "nRF Cloud emulator";
const serverRootName: Name = { organization, commonName: "Emulated server root CA" };
const deviceRootName: Name = { organization, commonName: "Emulated device root CA" };
const deviceIssuerName: Name = { organization, commonName: "Emulated device intermediate CA" };

const authorityDays = 36_500;
const deviceDays = 7_300;
/** A server certificate lives for one run of the emulator. */
const serverDays = 365;

const fileName = "authority.json";

/** A certificate with its private key, both in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The two CAs that Nordic runs: one whose root devices trust, and one that issues just-in-time certificates. */
interface Authorities {
  readonly serverRoot: Identity;
  readonly deviceIssuer: Identity;
}

/** Issues what Nordic issues: the certificate of the broker, and just-in-time certificates of devices. */
export class Authority {
  private readonly serverSigner: Signer;
  private readonly deviceSigner: Signer;

  private constructor(private readonly authorities: Authorities) {
    this.serverSigner = signer(serverRootName, authorities.serverRoot);
    this.deviceSigner = signer(deviceIssuerName, authorities.deviceIssuer);
  }

  /** With CAs that end with the emulator. */
  static inMemory(): Authority {
    return new Authority(newAuthorities());
  }

  /** With the CAs stored in a directory. The first start creates them there, in a file that only its owner can read. */
  static async open(directory: string): Promise<Authority> {
    const path = join(directory, fileName);
    const present = await readFileIfAny(path);
    if (present !== undefined) return new Authority(parseAuthorities(present, path));
    const authorities = newAuthorities();
    const temporary = `${path}.tmp`;
    await writeFile(temporary, `${JSON.stringify(authorities, undefined, 2)}\n`, { mode: 0o600 });
    await rename(temporary, path);
    return new Authority(authorities);
  }

  /** PEM of the root that devices must trust to verify the broker. */
  get serverRoot(): string {
    return this.authorities.serverRoot.certificate;
  }

  /** A new certificate of the broker for these host names and addresses. */
  issueServer(hosts: readonly string[]): Identity {
    const name = { organization, commonName: "Emulated MQTT broker" };
    const { publicKey, privateKey } = newKeys();
    return {
      certificate: certify(this.serverSigner, { name, publicKey }, { kind: "server", hosts }, serverDays),
      privateKey: keyPem(privateKey),
    };
  }

  /** A new key and certificate for a device, and the certificate's issuer. */
  issueDevice(deviceId: string): Identity & { readonly intermediate: string } {
    const name = { organization, commonName: deviceId };
    const { publicKey, privateKey } = newKeys();
    return {
      certificate: certify(this.deviceSigner, { name, publicKey }, { kind: "device" }, deviceDays),
      privateKey: keyPem(privateKey),
      intermediate: this.authorities.deviceIssuer.certificate,
    };
  }
}

function newAuthorities(): Authorities {
  const serverRoot = newSigner(serverRootName);
  // Nobody needs the key of the device root again, so it is discarded. Nobody can reach Nordic's either.
  const deviceRoot = newSigner(deviceRootName);
  const deviceIssuer = newSigner(deviceIssuerName);
  const authority = (issuer: Signer, subject: Signer): Identity => ({
    certificate: certify(issuer, subject, { kind: "authority" }, authorityDays),
    privateKey: keyPem(subject.privateKey),
  });
  return {
    serverRoot: authority(serverRoot, serverRoot),
    deviceIssuer: authority(deviceRoot, deviceIssuer),
  };
}

const newKeys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

const newSigner = (name: Name): Signer => ({ name, ...newKeys() });

const keyPem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();

function signer(name: Name, { privateKey }: Identity): Signer {
  const key = createPrivateKey(privateKey);
  return { name, privateKey: key, publicKey: createPublicKey(key) };
}

function parseAuthorities(text: string, path: string): Authorities {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value) && isIdentity(value.serverRoot) && isIdentity(value.deviceIssuer)) {
      return { serverRoot: value.serverRoot, deviceIssuer: value.deviceIssuer };
    }
  } catch {
    // Reported below, without the content of the file.
  }
  throw new Error(`${path}: not the CAs of this emulator; delete the file to have new ones made`);
}

const isIdentity = (value: unknown): value is Identity =>
  isRecord(value) && isText(value.certificate) && isText(value.privateKey);

async function readFileIfAny(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
