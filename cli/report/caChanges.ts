import { describeCertificate } from "../../provider/pki/certificate.js";
import { isRecord } from "../../provider/fleet/data.js";
import { isMarker } from "../../provider/engine/unknown.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";
import type { Digest, State, Step } from "./digest.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { isKind, kindOf, nameOf, number, typeOf } from "./things.js";
import { UNKNOWN } from "./values.js";

/** A CA that will be replaced by another one. */
export interface CaChange {
  /** Names of the CA's resource, or of the resources that use it. */
  readonly names: readonly string[];
  readonly before: CaSide;
  readonly after: CaSide;
}

/** The properties of a CA that people compare. */
export interface CaSide {
  /** Such as `CN=Acme CA, O=Acme`. */
  readonly subject: string;
  readonly validity: string;
  /** SHA-256 of the certificate, as groups of eight hex digits. */
  readonly fingerprint: string;
}

/** Finds the CAs that change: `CaCertificate`s with a new key, and resources that will use another CA. */
export function caChangesOf({ steps }: Digest): CaChange[] {
  const found = steps.flatMap(({ urn, before, after, op }): CaChange[] => {
    if (before === undefined || after === undefined || op === "same" || op === "refresh") return [];
    const isCa = isKind(kindOf(typeOf(urn)), "CaCertificate");
    const was = isCa ? before.outputs.certificate : usedCa(before);
    if (typeof was !== "string") return [];
    const sides = isCa ? replacedSides(was, before, after, op) : usedSides(was, usedCa(after));
    return sides === undefined ? [] : [{ names: [nameOf(urn)], ...sides }];
  });
  // A user of a CA in this stack does not know the new CA yet. The step of the CA itself describes the change.
  const own = new Set(steps.flatMap(ownCertificate).map((certificate) => sideOf(certificate).fingerprint));
  const all = found.filter(({ after, before }) => after !== NOT_KNOWN || !own.has(before.fingerprint));
  return [...groupBy(all, ({ before, after }) => JSON.stringify([before, after])).values()].flatMap(
    (alike) => {
      const [first] = alike;
      if (first === undefined) return [];
      const names = new Set(alike.flatMap((each) => each.names));
      return [{ ...first, names: [...names].sort(inNaturalOrder) }];
    },
  );
}

/** The present certificate of a CA that is updated or replaced. If it is deleted, its users change to another CA. */
function ownCertificate({ urn, before, after, op }: Step): string[] {
  const certificate = before?.outputs.certificate;
  const isCa = isKind(kindOf(typeOf(urn)), "CaCertificate") && after !== undefined && op !== "delete";
  return isCa && typeof certificate === "string" ? [certificate] : [];
}

type Sides = Pick<CaChange, "before" | "after">;

const NOT_KNOWN: CaSide = { subject: UNKNOWN, validity: UNKNOWN, fingerprint: UNKNOWN };

function replacedSides(was: string, before: State, after: State, op: string): Sides | undefined {
  if (!REPLACING.includes(op)) return undefined;
  const { subject, validityDays } = after.inputs;
  const declared = isRecord(subject) ? subjectText(subject) : UNKNOWN;
  const days = typeof validityDays === "number" ? `${number(validityDays)} days from apply` : UNKNOWN;
  return { before: sideOf(was, before), after: { subject: declared, validity: days, fingerprint: UNKNOWN } };
}

const REPLACING: readonly string[] = ["replace", "create-replacement", "import-replacement"];

/** The CA that signs the certificates of a set or device. */
function usedCa({ inputs }: State): unknown {
  return inputs.caCertificate ?? (isRecord(inputs.credential) ? inputs.credential.caCertificate : undefined);
}

function usedSides(was: string, is: unknown): Sides | undefined {
  if (typeof is !== "string" || is === was || isMarker(was)) return undefined;
  return { before: sideOf(was), after: isMarker(is) ? NOT_KNOWN : sideOf(is) };
}

/** @param state used if the certificate is unreadable */
function sideOf(certificate: string, state?: State): CaSide {
  try {
    const { subject, notBefore, notAfter, fingerprint } = describeCertificate(certificate);
    return {
      subject: subjectText({ ...subject }),
      validity: `${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`,
      fingerprint: fingerprint.replace(/(.{8})(?=.)/g, "$1 "),
    };
  } catch {
    const { commonName, validUntil } = state?.outputs ?? {};
    return {
      subject: typeof commonName === "string" ? `CN=${commonName}` : "unreadable",
      validity: typeof validUntil === "string" ? `to ${validUntil.slice(0, 10)}` : "unreadable",
      fingerprint: "unreadable",
    };
  }
}

const ATTRIBUTES: readonly (readonly [name: string, short: string])[] = [
  ["commonName", "CN"],
  ["organizationalUnit", "OU"],
  ["organization", "O"],
  ["locality", "L"],
  ["state", "ST"],
  ["country", "C"],
  ["emailAddress", "emailAddress"],
];

function subjectText(subject: Readonly<Record<string, unknown>>): string {
  const parts = ATTRIBUTES.flatMap(([name, short]) => {
    const value = subject[name];
    return typeof value === "string" ? [`${short}=${isMarker(value) ? UNKNOWN : value}`] : [];
  });
  return parts.join(", ");
}
