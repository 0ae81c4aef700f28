import { FIRST_GENERATION, type Rotation } from "../../../fleet/rotation.js";
import type { KeptTerms, RotationRecord } from "../../table/record.js";
import type { Row, RowCredential } from "../../table/row.js";

/** What a rotation changes, given the generations that a row has. */
export type RotationChange =
  /** The credentials are as declared. */
  | "none"
  /** The next credential is issued, and kept in the state. */
  | "issue"
  /** The next credential is registered. */
  | "activate"
  /** The previous credential is registered again. */
  | "return"
  /** A new credential is issued and registered at once. A claimed device is ordered to generate its key. */
  | "renew"
  /** The state does not have the declared generation any more. */
  | "lost"
  /** Another credential is declared with the generation that the account has, and `phase: issue` registers nothing. */
  | "same generation";

/** The generations of a row, without their secrets. */
export type Generations = Pick<RotationRecord, "generation" | "order" | "ordered"> & {
  readonly next?: KeptTerms | undefined;
  readonly previous?: KeptTerms | undefined;
};

/** Identifies a declared credential. The state keeps it as `order`: a row with another order needs another credential. */
export function orderOf(credential: RowCredential): string {
  return "fingerprint" in credential ? `${credential.kind} ${credential.fingerprint}` : credential.kind;
}

/** The rotation of a row and its order. `undefined`: the device brings its credential, or nRF Cloud issues it. */
export function orderedBy(
  row: Row | undefined,
): { readonly rotation: Rotation; readonly order: string } | undefined {
  if (row?.way === "attestation") return { rotation: row.rotation, order: "device" };
  if (row?.way !== "preconnect" || !("rotation" in row.credential)) return undefined;
  return { rotation: row.credential.rotation, order: orderOf(row.credential) };
}

/**
 * The generations that a row has. A record without a rotation has the generation that its row declares. A credential that a device brought
 * counts as the first. The credential of an adopted device is not known.
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

/** Compares the declared rotation with the generations that a row has. */
export function rotationChangeOf(had: Generations | undefined, declared: Row): RotationChange {
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

/** Whether the account keeps its generation, because the declared one is only to be issued. */
export function keepsPresent(had: Generations | undefined, declared: Row): boolean {
  const ordered = orderedBy(declared);
  return (
    ordered?.rotation.phase === "issue" && had !== undefined && ordered.rotation.generation !== had.generation
  );
}
