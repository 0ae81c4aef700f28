import type { RowOutcome } from "../../provider/reconcile/table/record.js";
import type { Row, Way } from "../../provider/reconcile/table/row.js";
import { inNaturalOrder } from "../naturalOrder.js";
import { grouped } from "../report/grouped.js";
import type { StateResource } from "../state/export.js";
import { rowsIn, tablesIn, type StateRow } from "../state/sets.js";

/** How a device stands, as the state has it. */
export type Standing =
  /** It is in the account. */
  | "present"
  /** It was there before, and was taken over with the credential it has. */
  | "adopted"
  /** Its row waits for its first connect. */
  | "waiting"
  | "failed"
  /** The API key can't see it. */
  | "hidden"
  /** Somebody else created it again. */
  | "replaced"
  /** A refresh did not find it. */
  | "gone";

/** A device of a stack. */
export interface ManagedDevice {
  readonly id: string;
  readonly standing: Standing;
  /** Why it failed. */
  readonly reason: string | undefined;
  readonly way: Way | undefined;
  readonly name: string | undefined;
  readonly subType: string | undefined;
  readonly tags: readonly string[];
  /** Last second of its certificate, ISO 8601. */
  readonly validUntil: string | undefined;
  /** PEM, where it was issued here or by nRF Cloud. */
  readonly certificate: string | undefined;
  /** When the account got it, ISO 8601. */
  readonly createdAt: string | undefined;
  /** Logical name of the resource that has it. */
  readonly resource: string;
}

/** The devices in a state, in natural order. */
export function devicesIn(state: readonly StateResource[]): readonly ManagedDevice[] {
  return rowsIn(tablesIn(state))
    .map(managed)
    .sort((one, other) => inNaturalOrder(one.id, other.id));
}

function managed({ id, record, table }: StateRow): ManagedDevice {
  const { outcome, validUntil, certificate, createdAt } = record;
  // What has not come yet is told as it is declared.
  const row = record.row ?? table.declared.get(id);
  return {
    id,
    standing: standingOf(record.row, outcome),
    reason: outcome.kind === "failed" ? outcome.reason : undefined,
    way: row?.way,
    name: row === undefined || row.way === "attestation" ? undefined : row.name,
    subType: row === undefined || row.way === "attestation" ? undefined : row.subType,
    tags: row?.tags ?? [],
    validUntil,
    certificate,
    createdAt,
    resource: table.name,
  };
}

function standingOf(row: Row | undefined, outcome: RowOutcome): Standing {
  if (outcome.kind !== "done") return outcome.kind;
  return row === undefined ? "gone" : "present";
}

/** Ids by how their devices stand. */
export function byStanding(devices: readonly ManagedDevice[]): ReadonlyMap<string, readonly string[]> {
  const groups = grouped(devices, ({ standing }) => standing);
  return new Map([...groups].map(([standing, some]) => [standing, some.map(({ id }) => id)]));
}
