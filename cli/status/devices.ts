import type { DeviceConfig } from "../../provider/fleet/config.js";
import { FIRST_GENERATION } from "../../provider/fleet/rotation.js";
import { generationsOf } from "../../provider/reconcile/plan/credentials/generations.js";
import { EMPTY_RECORD, type KeptTerms, type RowRecord } from "../../provider/reconcile/table/record.js";
import type { Row, Way } from "../../provider/reconcile/table/row.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import type { StateResource } from "../state/export.js";
import { rowsIn, tablesIn, type StateRow, type StateTable } from "../state/sets.js";

/** The condition of a device, by the state. */
export type Condition =
  /** The account has the device. */
  | "present"
  /** The account had the device already, and the device keeps its credential. */
  | "adopted"
  /** Its row waits for its first connect. */
  | "waiting"
  /** The device is ordered to make a new key, and has not made it yet. */
  | "renewing"
  | "failed"
  /** The API key can't see it. */
  | "hidden"
  /** Somebody else created it again. */
  | "foreign"
  /** A refresh did not find it. */
  | "missing"
  /** It is retired, and is kept for a while. */
  | "retired"
  /** It was retired, and is deleted or released. */
  | "deleted"
  /** The last run did not attempt it, because its roll-out stopped. */
  | "not attempted";

/** A device of a stack. */
export interface ManagedDevice {
  readonly id: string;
  readonly condition: Condition;
  /** Why it failed. */
  readonly reason: string | undefined;
  readonly way: Way | undefined;
  readonly name: string | undefined;
  readonly subType: string | undefined;
  readonly tags: readonly string[];
  /** The configuration in its shadow. */
  readonly config: DeviceConfig | undefined;
  /** Last second of its certificate, ISO 8601. */
  readonly validUntil: string | undefined;
  /** PEM, if the provider or nRF Cloud issued it. */
  readonly certificate: string | undefined;
  /** When it was retired, ISO 8601. */
  readonly retiredAt: string | undefined;
  /** When it was deleted or released because it was retired, ISO 8601. */
  readonly deletedAt: string | undefined;
  /** The rotation of its credential, if it ever rotated. */
  readonly rotation: ManagedRotation | undefined;
  /** When the account created the device, ISO 8601. */
  readonly createdAt: string | undefined;
  /** Logical name of its resource. */
  readonly resource: string;
}

/** The generations of a device's credential. */
export interface ManagedRotation {
  /** The one that nRF Cloud has. */
  readonly generation: number;
  /** A later one that is kept, and that nRF Cloud does not have. */
  readonly next: KeptGeneration | undefined;
  /** An earlier one that is kept. */
  readonly previous: KeptGeneration | undefined;
  /** The one that the device is ordered to make. */
  readonly ordered: number | undefined;
  /** When a credential was last issued or registered for it, ISO 8601. Empty if the device was created with its generation. */
  readonly at: string;
}

/** A credential that the state keeps, and that nRF Cloud does not have. */
export interface KeptGeneration {
  readonly generation: number;
  /** Last second of its certificate, ISO 8601. */
  readonly validUntil: string | undefined;
}

/** The devices in a state, in natural order. */
export function devicesIn(state: readonly StateResource[]): readonly ManagedDevice[] {
  const tables = tablesIn(state);
  const left = new Set(tables.flatMap(({ notAttempted }) => notAttempted));
  return [...rowsIn(tables), ...tables.flatMap(toCreate)]
    .map((row) => managed(row, left.has(row.id)))
    .sort((one, other) => inNaturalOrder(one.id, other.id));
}

/** Rows that are not in the state yet, because a roll-out stopped before them. */
function toCreate(table: StateTable): StateRow[] {
  return table.notAttempted
    .filter((id) => !table.records.has(id))
    .map((id) => ({ id, record: EMPTY_RECORD, table }));
}

function managed({ id, record, table }: StateRow, isLeft: boolean): ManagedDevice {
  const { outcome, validUntil, certificate, createdAt, retiredAt, deletedAt } = record;
  // A device that does not exist yet is shown as it is declared.
  const row = record.row ?? table.declared.get(id);
  return {
    id,
    condition: conditionOf(record, isLeft),
    reason: outcome.kind === "failed" ? outcome.reason : undefined,
    way: row?.way,
    name: row === undefined || row.way === "attestation" ? undefined : row.name,
    subType: row === undefined || row.way === "attestation" ? undefined : row.subType,
    tags: row?.tags ?? [],
    config: row?.config,
    validUntil,
    certificate,
    rotation: rotationOf(record, row),
    createdAt,
    retiredAt,
    deletedAt,
    resource: table.name,
  };
}

/** A device in its first generation has no rotation. */
function rotationOf(record: StateRow["record"], row: Row | undefined): ManagedRotation | undefined {
  const generations = generationsOf(record, row);
  const isFirst = generations?.generation === FIRST_GENERATION.generation && record.rotation === undefined;
  if (generations === undefined || isFirst) return undefined;
  const { generation, next, previous, ordered } = generations;
  const at = record.rotation?.at ?? "";
  return {
    generation,
    next: next && keptGeneration(next),
    previous: previous && keptGeneration(previous),
    ordered: ordered?.generation,
    at,
  };
}

function keptGeneration({ generation, validUntil }: KeptTerms): KeptGeneration {
  return { generation, validUntil };
}

function conditionOf({ row, outcome, retiredAt, deletedAt }: RowRecord, isLeft: boolean): Condition {
  if (deletedAt !== undefined) return "deleted";
  if (outcome.kind === "replaced") return "foreign";
  if (outcome.kind !== "done" && !(isLeft && outcome.kind === "adopted")) return outcome.kind;
  if (isLeft) return "not attempted";
  if (retiredAt !== undefined && row !== undefined) return "retired";
  return row === undefined ? "missing" : "present";
}

/** Ids by the condition of their devices. */
export function byCondition(devices: readonly ManagedDevice[]): ReadonlyMap<string, readonly string[]> {
  const groups = groupBy(devices, ({ condition }) => condition);
  return new Map([...groups].map(([condition, some]) => [condition, some.map(({ id }) => id)]));
}
