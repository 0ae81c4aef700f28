import type { Fields } from "../engine/fields.js";
import type { LooseObject } from "../engine/outputs.js";
import { keyUsages, type KeyUsage } from "../pki/keyUsage.js";
import { parseSerialNumber } from "../pki/serialNumber.js";
import { subjectProblems, type Subject } from "../pki/subject.js";
import { encodeSigner, readSigner, type SignerDescription } from "../signers/description.js";
import { parsedBy } from "./rules.js";
import { hoursRule, validityDaysRule } from "../reconcile/table/terms.js";

/** Ten years, like Nordic's own tool. */
export const DEFAULT_CA_VALIDITY_DAYS = 3650;
/** A month, which is enough to roll out a new CA. */
export const DEFAULT_CA_EARLY_RENEWAL_HOURS = 720;

/** The inputs of a CA: a new one, an existing one with its key, or one whose key a signer has. */
export type CaInputs = Generate | Existing | Outside;

export interface Generate {
  readonly kind: "generate";
  readonly subject: Subject;
  readonly validityDays: number;
  readonly serialNumber: string | undefined;
  readonly pathLength: number | undefined;
  readonly keyUsage: readonly KeyUsage[] | undefined;
  readonly earlyRenewalHours: number;
}

export interface Existing {
  readonly kind: "existing";
  readonly from: (
    | { readonly kind: "pem"; readonly certificate: string; readonly privateKey: string }
    | { readonly kind: "pkcs12"; readonly archive: string }
  ) & {
    /** The password of an encrypted key or file. */
    readonly password: string | undefined;
  };
  /** PEM: the certificates above the CA, as given. */
  readonly chain: string | undefined;
  readonly earlyRenewalHours: number;
}

export interface Outside {
  readonly kind: "outside";
  /** PEM. */
  readonly certificate: string;
  readonly signer: SignerDescription;
  /** PEM: the certificates above the CA, as given. */
  readonly chain: string | undefined;
  readonly earlyRenewalHours: number;
}

/** Reads the inputs of a CA. Problems are in `fields.failures`, and unknown inputs are left out. */
export function readCaInputs(fields: Fields): CaInputs | undefined {
  const earlyRenewalHours = fields.number("earlyRenewalHours", hoursRule) ?? DEFAULT_CA_EARLY_RENEWAL_HOURS;
  const given = (["takeOver", "signer"] as const).filter((key) => fields.has(key));
  const [from, another] = given;
  if (from === undefined) {
    if (fields.has("chain"))
      fields.fail("chain", "belongs to a CA in `takeOver` or with a `signer`: remove it");
    return readGenerate(fields, earlyRenewalHours);
  }
  if (another !== undefined)
    fields.fail("signer", "and takeOver exclude each other: give only one of the two");
  for (const key of ["subject", "validityDays", "serialNumber", "pathLength", "keyUsage"]) {
    if (fields.has(key)) fields.fail(key, "is a part of the certificate of the CA: remove it");
  }
  const chain = fields.text("chain");
  return from === "takeOver"
    ? readExisting(fields, chain, earlyRenewalHours)
    : readOutside(fields, chain, earlyRenewalHours);
}

function readOutside(
  fields: Fields,
  chain: string | undefined,
  earlyRenewalHours: number,
): Outside | undefined {
  const certificate = fields.requiredText("certificate");
  const given = fields.nested("signer");
  const signer = given === undefined ? undefined : readSigner(given);
  if (certificate === undefined || signer === undefined) return undefined;
  return { kind: "outside", certificate, signer, chain, earlyRenewalHours };
}

function readGenerate(fields: Fields, earlyRenewalHours: number): Generate {
  if (!fields.has("subject"))
    fields.fail(
      "subject",
      "is missing: give one, an existing CA in `takeOver`, or a certificate and a `signer`",
    );
  return {
    kind: "generate",
    subject: readSubject(fields.nested("subject")),
    validityDays: fields.number("validityDays", validityDaysRule) ?? DEFAULT_CA_VALIDITY_DAYS,
    serialNumber: fields.text("serialNumber", parsedBy(parseSerialNumber)),
    pathLength: fields.number("pathLength", pathLengthRule),
    keyUsage: readKeyUsage(fields),
    earlyRenewalHours,
  };
}

function readKeyUsage(fields: Fields): readonly KeyUsage[] | undefined {
  const before = fields.failures.length;
  const keyUsage = fields.texts("keyUsage", keyUsageRule)?.filter(isKeyUsage);
  const isKnown = keyUsage !== undefined && fields.failures.length === before;
  if (isKnown && !keyUsage.includes("keyCertSign"))
    fields.fail("keyUsage", "lacks keyCertSign, so the CA could not sign certificates");
  return keyUsage;
}

function readSubject(fields: Fields | undefined): Subject {
  if (fields === undefined) return {};
  const subject: Record<string, string> = {};
  for (const key of subjectKeys) {
    const text = fields.text(key);
    if (text !== undefined) subject[key] = text;
  }
  for (const { attribute, problem, remedy } of subjectProblems(subject))
    fields.fail(attribute, `${problem} ${remedy}`);
  return subject;
}

const subjectKeys = [
  "country",
  "state",
  "locality",
  "organization",
  "organizationalUnit",
  "commonName",
  "emailAddress",
] as const satisfies readonly (keyof Subject)[];

function readExisting(
  fields: Fields,
  chain: string | undefined,
  earlyRenewalHours: number,
): Existing | undefined {
  const given = fields.nested("takeOver");
  if (given === undefined) return undefined;
  const password = given.text("password");
  if (given.has("pkcs12")) {
    const archive = given.requiredText("pkcs12");
    if (archive === undefined) return undefined;
    return { kind: "existing", from: { kind: "pkcs12", archive, password }, chain, earlyRenewalHours };
  }
  const certificate = given.requiredText("certificate");
  const privateKey = given.requiredText("privateKey");
  if (certificate === undefined || privateKey === undefined) return undefined;
  return {
    kind: "existing",
    from: { kind: "pem", certificate, privateKey, password },
    chain,
    earlyRenewalHours,
  };
}

function pathLengthRule(length: number): string | undefined {
  return Number.isInteger(length) && length >= 0 && length <= 255
    ? undefined
    : "must be a whole number, 0 to 255";
}

function keyUsageRule(usage: string): string | undefined {
  return isKeyUsage(usage) ? undefined : `must be one of ${keyUsages.join(", ")}`;
}

function isKeyUsage(text: string): text is KeyUsage {
  return (keyUsages as readonly string[]).includes(text);
}

/** Encodes the inputs. Defaults are left out. */
export function encodeCaInputs(inputs: CaInputs): LooseObject {
  if (inputs.kind === "existing") {
    const { from, earlyRenewalHours } = inputs;
    const material =
      from.kind === "pem"
        ? { certificate: from.certificate, privateKey: from.privateKey }
        : { pkcs12: from.archive };
    const password = from.password === undefined ? {} : { password: from.password };
    return { takeOver: { ...material, ...password }, chain: inputs.chain, earlyRenewalHours };
  }
  if (inputs.kind === "outside") {
    const { certificate, signer, chain, earlyRenewalHours } = inputs;
    return { certificate, signer: encodeSigner(signer), chain, earlyRenewalHours };
  }
  const { kind: _, ...others } = inputs;
  return others;
}
