import { derOfRaw } from "../../pki/signer.js";
import { CK, type Pkcs11 } from "./library.js";
import { parseUri, type KeyUri } from "./uri.js";

/** The number of threads that sign. */
const SESSIONS = 4;
/** Enough for a signature of any curve. */
const ROOM = 256;

/** A private key on a token. */
export interface TokenKey {
  /** @param digest SHA-256 @returns ECDSA signature, DER */
  sign(digest: Buffer): Promise<Buffer>;
}

/**
 * Opens a token and finds a key on it.
 * @param pin `undefined`: without a login
 * @throws Error with a message for users
 */
export function openKey(pkcs11: Pkcs11, module: string, uri: string, pin: string | undefined): TokenKey {
  const wanted = parseUri(uri);
  said(`The PKCS#11 library ${module} can't be loaded`, () => {
    pkcs11.load(module);
    pkcs11.C_Initialize({ flags: CK.lockingByOs });
  });
  const slot = onlyOne(slotsOf(pkcs11, wanted), "token");
  const sessions = said("The token can't be opened", () =>
    Array.from({ length: SESSIONS }, () => pkcs11.C_OpenSession(slot, CK.serialSession)),
  );
  const [first] = sessions;
  if (first === undefined) throw new Error("The token can't be opened.");
  if (pin !== undefined)
    said("The token refused the PIN", () => {
      pkcs11.C_Login(first, CK.user, pin);
    });
  const key = onlyOne(
    keysOf(pkcs11, first, wanted),
    pin === undefined ? "private key without a PIN" : "private key",
  );
  return signingIn(pkcs11, sessions, key);
}

function slotsOf(pkcs11: Pkcs11, { token, serial, slotId }: KeyUri): Buffer[] {
  return said("The tokens can't be listed", () =>
    pkcs11.C_GetSlotList(true).filter((slot) => {
      const info = pkcs11.C_GetTokenInfo(slot);
      return (
        (token === undefined || info.label.trim() === token) &&
        (serial === undefined || info.serialNumber.trim() === serial) &&
        (slotId === undefined || slot.readUInt32LE(0) === slotId)
      );
    }),
  );
}

function keysOf(pkcs11: Pkcs11, session: Buffer, { object, id }: KeyUri): Buffer[] {
  return said("The keys can't be listed", () => {
    pkcs11.C_FindObjectsInit(session, [
      { type: CK.attributeClass, value: CK.privateKey },
      ...(object === undefined ? [] : [{ type: CK.attributeLabel, value: object }]),
      ...(id === undefined ? [] : [{ type: CK.attributeId, value: id }]),
    ]);
    const found = pkcs11.C_FindObjects(session, 2);
    pkcs11.C_FindObjectsFinal(session);
    return found;
  });
}

/** A session can only sign one thing at a time, so requests wait for a free session. */
function signingIn(pkcs11: Pkcs11, sessions: readonly Buffer[], key: Buffer): TokenKey {
  const free = [...sessions];
  const waiting: ((session: Buffer) => void)[] = [];
  const taken = (): Promise<Buffer> => {
    const session = free.pop();
    if (session !== undefined) return Promise.resolve(session);
    return new Promise((resolve) => waiting.push(resolve));
  };
  const given = (session: Buffer): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(session);
    else next(session);
  };
  return {
    async sign(digest) {
      const session = await taken();
      try {
        pkcs11.C_SignInit(session, { mechanism: CK.ecdsa }, key);
        return derOfRaw(await pkcs11.C_SignAsync(session, digest, Buffer.alloc(ROOM)));
      } catch (thrown) {
        throw new Error(`The token did not sign: ${reasonOf(thrown)}.`, { cause: thrown });
      } finally {
        given(session);
      }
    },
  };
}

function onlyOne(found: readonly Buffer[], what: string): Buffer {
  const [one, another] = found;
  if (one === undefined) throw new Error(`The PKCS#11 URI names no ${what} that is there.`);
  if (another !== undefined)
    throw new Error(`The PKCS#11 URI names more than one ${what}: make it more exact.`);
  return one;
}

function said<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw new Error(`${what}: ${reasonOf(thrown)}.`, { cause: thrown });
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
