import { FIRST_GENERATION, type Rotation } from "../../../fleet/rotation.js";
import type { KeptTerms, RotationRecord } from "../../table/record.js";
import type { Row, RowCredential } from "../../table/row.js";

/** What a rotation asks for, given which generations there are. */
export type Turn =
  /** Nothing of a credential. */
  | "none"
  /** The next credential is made, and kept. */
  | "issue"
  /** The next credential is registered. */
  | "activate"
  /** The previous credential is registered again. */
  | "return"
  /** A credential is made and registered at once. A claimed device is ordered to make it. */
  | "renew"
  /** The state has this generation no more. */
  | "lost"
  /** Another credential is declared as the generation that the account has, and nothing may be registered. */
  | "same generation";

/** Which generations a row has, without their secrets. */
export type Generations = Pick<RotationRecord, "generation" | "order" | "ordered"> & {
  readonly next?: KeptTerms | undefined;
  readonly previous?: KeptTerms | undefined;
};

/** What a credential was ordered as: another order is another credential. */
export function orderOf(credential: RowCredential): string {
  return "fingerprint" in credential ? `${credential.kind} ${credential.fingerprint}` : credential.kind;
}

/** What a row says of its rotation, and what it orders; `undefined` where it brings its credential, or leaves it to nRF Cloud. */
export function orderedBy(
  row: Row | undefined,
): { readonly rotation: Rotation; readonly order: string } | undefined {
  if (row?.way === "attestation") return { rotation: row.rotation, order: "device" };
  if (row?.way !== "preconnect" || !("rotation" in row.credential)) return undefined;
  return { rotation: row.credential.rotation, order: orderOf(row.credential) };
}

/**
 * The generations of a record; where it has none, its row was made at the generation that it says. What a device brought counts as the
 * first. Of what an adopted device has, nothing is known.
 */
export function generationsOf(
  record: { readonly rotation?: Generations | undefined } | undefined,
  row: Row | undefined,
): Generations | undefined {
  if (record?.rotation !== undefined) return record.rotation;
  const ordered = orderedBy(row);
  if (ordered !== undefined) return { generation: ordered.rotation.generation, order: ordered.order };
  if (row?.way !== "preconnect" || row.credential.kind === "existing") return undefined;
  return { generation: FIRST_GENERATION.generation, order: orderOf(row.credential) };
}

/** What a declared row asks for of the generations that there are. */
export function turnOf(had: Generations | undefined, declared: Row): Turn {
  const ordered = orderedBy(declared);
  if (ordered === undefined || had === undefined) return "none";
  const { generation, phase } = ordered.rotation;
  const is = (kept: KeptTerms | undefined) => kept?.generation === generation && kept.order === ordered.order;
  if (declared.way === "attestation") {
    const latest = had.ordered?.generation ?? had.generation;
    if (phase === "issue" || generation === latest) return "none";
    return generation > latest ? "renew" : "lost";
  }
  const isPresent = generation === had.generation;
  if (phase === "issue") {
    if (isPresent) return ordered.order === had.order ? "none" : "same generation";
    if (is(had.next) || is(had.previous)) return "none";
    return generation > had.generation ? "issue" : "lost";
  }
  if (isPresent) return "none";
  if (is(had.next)) return "activate";
  if (is(had.previous)) return "return";
  return generation > had.generation ? "renew" : "lost";
}

/** Whether the account has another generation than the row asks for, and is to keep it. */
export function isHeld(had: Generations | undefined, declared: Row): boolean {
  const ordered = orderedBy(declared);
  return (
    ordered?.rotation.phase === "issue" && had !== undefined && ordered.rotation.generation !== had.generation
  );
}
