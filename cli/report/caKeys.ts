import { isMarker } from "../../provider/engine/unknown.js";
import { describeCertificate } from "../../provider/pki/certificate.js";
import { caKeyPlace, caKeyText } from "../state/caKey.js";
import type { Digest, State, Step } from "./digest.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { idOf, isKind, kindOf, nameOf, typeOf } from "./things.js";

/** Where the private key of a CA will be, and where it is now if that differs. */
export interface CaKey {
  /** Such as `Acme Lab CA (fleet-ca)`. */
  readonly ca: string;
  readonly before?: string;
  readonly after: string;
}

/** The CAs that sign after the change, if the preview names them. */
export function caKeysOf({ steps }: Digest): CaKey[] {
  const staying = steps.filter(({ op, after }) => after !== undefined && op !== "delete" && op !== "refresh");
  const own = staying.filter(({ urn }) => isKind(kindOf(typeOf(urn)), "CaCertificate"));
  const known = new Set(
    own.flatMap(({ before, after }) => [before?.outputs.certificate, after?.outputs.certificate]),
  );
  const outside = staying.flatMap(({ after }) => (after === undefined ? [] : usedCas(after, known)));
  return [...[...groupBy(own, ({ urn }) => urn).values()].flatMap(ownKey), ...distinct(outside)];
}

/** A replacement has several steps. Takes each side from the first step that has it. */
function ownKey(steps: readonly Step[]): CaKey[] {
  const after = steps.find((step) => step.after !== undefined)?.after;
  if (after === undefined) return [];
  const before = steps.find((step) => step.before !== undefined)?.before;
  const [{ urn } = { urn: "" }] = steps;
  const [was, is] = [
    before && caKeyText(caKeyPlace(signerIn(before))),
    caKeyText(caKeyPlace(signerIn(after))),
  ];
  const ca = titleOf(urn, after);
  return [{ ca, ...(was === undefined || was === is ? {} : { before: was }), after: is }];
}

/** The common name, and the name in the program if it differs. */
function titleOf(urn: string, after: State): string {
  const id = commonNameIn(after.inputs.certificate) ?? idOf(urn, kindOf(typeOf(urn)), after);
  const name = nameOf(urn);
  return id === name ? name : `${id} (${name})`;
}

/** `undefined` for what can't be read, such as a certificate that only the apply will create. */
function commonNameIn(certificate: unknown): string | undefined {
  if (typeof certificate !== "string") return undefined;
  try {
    return describeCertificate(certificate).subject.commonName;
  } catch {
    return undefined;
  }
}

/** The declared signer. An imported resource may have no inputs, and then its outputs have the signer. */
function signerIn({ inputs, outputs }: State): unknown {
  const isDeclared = ["subject", "takeOver", "signer"].some((key) => inputs[key] !== undefined);
  return isDeclared ? inputs.signer : outputs.signer;
}

/** The CAs of a set or device that are not resources of this stack. */
function usedCas({ inputs }: State, own: ReadonlySet<unknown>): CaKey[] {
  return (["ca", "nextCa"] as const).flatMap((role) => {
    const certificate = inputs[`${role}Certificate`];
    if (typeof certificate !== "string" || isMarker(certificate) || own.has(certificate)) return [];
    const ca = commonNameIn(certificate) ?? "a CA without a name";
    return [{ ca, after: caKeyText(caKeyPlace(inputs[`${role}Signer`])) }];
  });
}

function distinct(keys: readonly CaKey[]): CaKey[] {
  return [...new Map(keys.map((key) => [`${key.ca} ${key.after}`, key])).values()];
}
