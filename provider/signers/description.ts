import type { Fields } from "../engine/fields.js";
import type { CaRole } from "../fleet/caRole.js";
import type { LooseObject } from "../engine/outputs.js";
import { isUnknown, type Unknowable } from "../engine/unknown.js";
import { uriProblem } from "./pkcs11/uri.js";

/** A CA, whose key is in the state or with a signer. */
export interface SigningCa {
  readonly certificatePem: string;
  readonly key: CaKey;
}

export type CaKey =
  /** The key in the state. PKCS#8 or SEC1. Secret. */
  | { readonly kind: "held"; readonly privateKeyPem: string }
  /** The signer that has the key. */
  | { readonly kind: "outside"; readonly signer: SignerDescription };

/** An outside signer, as a program describes it. It contains no secrets. */
export type SignerDescription = (CommandSigner | Pkcs11Signer) & Pace;

export interface CommandSigner {
  readonly kind: "command";
  /** The program and its arguments. */
  readonly argv: readonly string[];
}

export interface Pkcs11Signer {
  readonly kind: "pkcs11";
  /** The token and its key (RFC 7512). */
  readonly uri: string;
  /** The PKCS#11 library of the token: a path, from the project's folder, or a name that the system's loader finds. */
  readonly module: string;
  /** Where its PIN is. */
  readonly pin: SecretReference | undefined;
}

/** Where a secret is kept, which is read only when it is needed. A file's path is relative to the project's folder. */
export type SecretReference =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "config"; readonly key: string };

export interface Pace {
  /** The number of concurrent signature requests. */
  readonly inFlight: number;
  /** The timeout of a request. */
  readonly timeoutSeconds: number;
}

export const DEFAULT_IN_FLIGHT = 16;
export const DEFAULT_TIMEOUT_SECONDS = 60;
const MOST_IN_FLIGHT = 1000;
const LONGEST_TIMEOUT_SECONDS = 3600;

/**
 * Reads a CA that signs, as certificate with key or signer; `undefined` where none is given.
 * @param role `nextCa`: the CA that is to replace the present one
 */
export function readSigningCa(fields: Fields, role: CaRole = "ca"): Unknowable<SigningCa | undefined> {
  return fields.unknowable(`${role}Certificate`, () =>
    fields.unknowable(`${role}PrivateKey`, () =>
      fields.unknowable(`${role}Signer`, () => {
        const certificatePem = fields.text(`${role}Certificate`);
        const privateKeyPem = fields.text(`${role}PrivateKey`);
        const nested = fields.nested(`${role}Signer`);
        const signer = nested === undefined ? undefined : readSigner(nested);
        if (certificatePem === undefined) return undefined;
        if (privateKeyPem !== undefined && nested !== undefined)
          fields.fail(role, "has a privateKey and a signer. Give it only one of the two.");
        if (signer !== undefined) return { certificatePem, key: { kind: "outside", signer } };
        if (privateKeyPem !== undefined) return { certificatePem, key: { kind: "held", privateKeyPem } };
        return undefined;
      }),
    ),
  );
}

/** As the engine keeps it. */
export function encodeSigningCa(ca: Unknowable<SigningCa | undefined>, role: CaRole = "ca"): LooseObject {
  if (isUnknown(ca) || ca === undefined) return {};
  const { certificatePem, key } = ca;
  return {
    [`${role}Certificate`]: certificatePem,
    ...(key.kind === "held"
      ? { [`${role}PrivateKey`]: key.privateKeyPem }
      : { [`${role}Signer`]: encodeSigner(key.signer) }),
  };
}

/** Reads a signer. Problems are in `fields.failures`. */
export function readSigner(fields: Fields): SignerDescription | undefined {
  const pace: Pace = {
    inFlight: fields.number("inFlight", wholeUpTo(MOST_IN_FLIGHT)) ?? DEFAULT_IN_FLIGHT,
    timeoutSeconds: fields.number("timeout", wholeUpTo(LONGEST_TIMEOUT_SECONDS)) ?? DEFAULT_TIMEOUT_SECONDS,
  };
  if (fields.has("command") === fields.has("pkcs11")) {
    fields.fail("command", "or pkcs11 must be given, and only one of the two");
    return undefined;
  }
  if (fields.has("command")) {
    const argv = fields.texts("command", (text) =>
      text.includes("\0") ? "must not have a zero byte" : undefined,
    );
    if (argv?.[0] === undefined || argv[0] === "") {
      fields.fail("command", "must begin with a program, such as [./sign.sh]");
      return undefined;
    }
    return { kind: "command", argv, ...pace };
  }
  const given = fields.nested("pkcs11");
  const uri = given?.requiredText("uri", uriProblem);
  const module = given?.requiredText("module");
  const pin = given?.nested("pin");
  if (uri === undefined || module === undefined) return undefined;
  return { kind: "pkcs11", uri, module, pin: pin === undefined ? undefined : readReference(pin), ...pace };
}

function readReference(fields: Fields): SecretReference | undefined {
  const [key, another] = (["env", "file", "config"] as const).filter((each) => fields.has(each));
  const text = key === undefined || another !== undefined ? undefined : fields.text(key);
  if (key === undefined || text === undefined) {
    fields.fail("", "must be one of { env }, { file } and { config }: the PIN itself has no place here");
    return undefined;
  }
  switch (key) {
    case "env":
      return { kind: key, name: text };
    case "file":
      return { kind: key, path: text };
    case "config":
      return { kind: key, key: text };
  }
}

/** The form of programs and of the state. Defaults are left out. */
export function encodeSigner(signer: SignerDescription): LooseObject {
  const { inFlight, timeoutSeconds } = signer;
  return {
    ...(signer.kind === "command"
      ? { command: [...signer.argv] }
      : {
          pkcs11: {
            uri: signer.uri,
            module: signer.module,
            ...(signer.pin === undefined ? {} : { pin: encodeReference(signer.pin) }),
          },
        }),
    ...(inFlight === DEFAULT_IN_FLIGHT ? {} : { inFlight }),
    ...(timeoutSeconds === DEFAULT_TIMEOUT_SECONDS ? {} : { timeout: timeoutSeconds }),
  };
}

function encodeReference(reference: SecretReference): LooseObject {
  switch (reference.kind) {
    case "env":
      return { env: reference.name };
    case "file":
      return { file: reference.path };
    case "config":
      return { config: reference.key };
  }
}

function wholeUpTo(most: number) {
  return (value: number) =>
    Number.isInteger(value) && value >= 1 && value <= most
      ? undefined
      : `must be a whole number, 1 to ${most}`;
}
