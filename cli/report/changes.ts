import type { DeviceConfig } from "../../provider/fleet/config.js";
import type { RowChange } from "../../provider/reconcile/plan/change.js";
import { CA_DIGITS } from "../../provider/ways/preconnect/cas.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";
import { isSingle, singleRow } from "../state/singles.js";
import type { Digest, State, Step } from "./digest.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { rowsOfSet } from "./rows.js";
import { withoutHidden } from "./secrets.js";
import { setFields } from "./setFields.js";
import { singleChange } from "./singles.js";
import {
  idOf,
  isBookkeeping,
  isEngineType,
  isKind,
  kindOf,
  leaves,
  nameOf,
  typeOf,
  type Action,
  type Kind,
} from "./things.js";
import { differences, type FieldChange } from "./values.js";

/** The change of a resource, or of a device in a set. */
export interface Change {
  /** URN of the resource. A device in a set has the URN of the set. */
  readonly urn: string;
  readonly kind: Kind;
  /** The name for users. */
  readonly id: string;
  readonly action: Action;
  /** The fields that differ. A new thing has all declared fields, a deleted one all recorded fields. */
  readonly fields: readonly FieldChange[];
  /** The properties that cause a replacement. */
  readonly replaceReasons: readonly string[];
  /** For resources only. */
  readonly before: State | undefined;
  readonly after: State | undefined;
  /** The change of the device or claim, if it is one. */
  readonly row: RowChange | undefined;
  /** Last second of the present certificate. */
  readonly validUntil: string | undefined;
  /** The configuration of a device that exists before and after the change; `undefined` without one. */
  readonly config: DeviceConfig | undefined;
  readonly inSet: boolean;
}

/** A thing that will not change. */
export interface Unchanged {
  readonly kind: Kind;
  readonly id: string;
  readonly validUntil: string | undefined;
  /** The configuration of a device; `undefined` without one. */
  readonly config: DeviceConfig | undefined;
  readonly inSet: boolean;
}

/** The operation of the preview. */
export type Operation = "update" | "destroy" | "refresh";

export interface Changes {
  readonly operation: Operation;
  /** In natural order of their ids. */
  readonly changes: readonly Change[];
  /** Things that will not change, if the preview names them. */
  readonly unchanged: readonly Unchanged[];
  /** The number of resources that will not change, including those that the preview does not name. */
  readonly unchangedCount: number;
  /** The number of unchanged resources that the preview does not name. */
  readonly unseen: number;
  readonly leftOut: readonly LeftOut[];
  /** The changes that create a missing device again. */
  readonly lost: readonly Change[];
}

/** A device that differs and will not change, because the user selected only others. */
export interface LeftOut {
  readonly kind: Kind;
  readonly id: string;
  /** Whether the state has the device. */
  readonly isThere: boolean;
}

/** The context for reading the changes of a step. */
export interface ChangeContext {
  readonly operation: Operation;
  /** Names of CAs by their id and by their certificate. */
  readonly cas: ReadonlyMap<string, string>;
  readonly now: Date;
}

/** Reads the changes of a fleet from the steps of the engine. */
export function changesOf({ steps, same }: Digest, now: Date): Changes {
  const byUrn = groupBy(steps, ({ urn }) => urn);
  const context: ChangeContext = { operation: operationOf(byUrn), cas: namesOfCas(steps), now };
  const things = steps.filter(({ urn }) => !isBookkeeping(typeOf(urn)));
  const parts = [...groupBy(things, ({ urn }) => urn).values()].map((ofOne) => partOfOne(ofOne, context));
  const all = merged(parts);
  const { operation } = context;
  const seen = things.filter(({ op }) => op === "same" || (operation === "refresh" && op === "refresh"));
  const named = steps.filter(({ op }) => op === "same");
  const engines = named.filter(({ urn }) => isEngineType(typeOf(urn)));
  return {
    operation,
    ...all,
    changes: [...all.changes].sort(byId),
    unchangedCount: operation === "refresh" ? seen.length : Math.max(same - engines.length, 0),
    unseen: operation === "refresh" ? 0 : Math.max(same - named.length, 0),
  };
}

function byId(one: Change, other: Change): number {
  return inNaturalOrder(one.id, other.id);
}

/**
 * A refresh alone has one step for each resource: `refresh` if nothing differs, else the change of the state. A refresh before a
 * preview has a `refresh` step for all resources, and the steps of the preview.
 */
function operationOf(byUrn: ReadonlyMap<string, readonly Step[]>): Operation {
  const all = [...byUrn.values()];
  const refreshed = all.filter((steps) => steps.some(({ op }) => op === "refresh"));
  if (refreshed.length > 0 && refreshed.every((steps) => steps.every(({ op }) => op === "refresh")))
    return "refresh";
  const isStackDeleted = all
    .flat()
    .some(({ op, urn }) => op === "delete" && typeOf(urn) === "pulumi:pulumi:Stack");
  return isStackDeleted ? "destroy" : "update";
}

type Part = Pick<Changes, "changes" | "unchanged" | "leftOut" | "lost">;

const NOTHING: Part = { changes: [], unchanged: [], leftOut: [], lost: [] };

const replaceOps = ["replace", "create-replacement", "import-replacement"];
/** Steps that are not a change. */
const noChangeOps = ["same", "refresh", "remove-pending-replace", "read-discard", "discard-replaced"];

/** The changes in all steps on one resource. */
function partOfOne(steps: readonly Step[], context: ChangeContext): Part {
  // The engine reports one replacement in three steps.
  const replacement = replaceOps
    .map((op) => steps.find((step) => step.op === op))
    .find((step) => step !== undefined);
  if (replacement !== undefined) {
    const before = replacement.before ?? steps.find((step) => step.before !== undefined)?.before;
    return partOf({ ...replacement, before }, "replace", context);
  }
  const work = steps.filter(({ op }) => !noChangeOps.includes(op));
  if (work.length === 0) {
    const staying = context.operation === "refresh" ? ["same", "refresh"] : ["same"];
    return merged(
      steps.filter(({ op }) => staying.includes(op)).map((step) => unchangedPartOf(step, context)),
    );
  }
  const part = merged(work.map((step) => partOf(step, actionOf(step, context.operation), context)));
  const [{ urn } = { urn: "" }] = work;
  const isSearchedFor = isSingle(kindOf(typeOf(urn))) && steps.some(({ op }) => op === "refresh");
  return isSearchedFor ? { ...part, lost: part.changes.filter(({ action }) => action === "create") } : part;
}

function merged(all: readonly Part[]): Part {
  return {
    changes: all.flatMap(({ changes }) => changes),
    unchanged: all.flatMap(({ unchanged }) => unchanged),
    leftOut: all.flatMap(({ leftOut }) => leftOut),
    lost: all.flatMap(({ lost }) => lost),
  };
}

function actionOf({ op, before }: Step, operation: Operation): Action {
  switch (op) {
    case "create":
      return "create";
    case "import":
      return "import";
    case "read":
    case "read-replacement":
      return "read";
    case "delete":
    case "delete-replaced":
      if (operation === "refresh") return "vanish";
      return before?.retainOnDelete === true ? "forget" : "delete";
    default:
      return operation === "refresh" ? "drift" : "update";
  }
}

function partOf(step: Step, action: Action, context: ChangeContext): Part {
  const kind = kindOf(typeOf(step.urn));
  if (!isKind(kind, "DeviceSet")) {
    return { ...NOTHING, changes: [changeOf(step, kind, action, context)] };
  }
  const rows = rowsOfSet(step, context);
  const fields = setFields(step, { action, hasRows: rows.changes.length > 0, cas: context.cas });
  // A set is not shown if only its devices change.
  const isShown = fields.length > 0 || !["update", "drift"].includes(action) || isUnprotected(step);
  return { ...rows, changes: [...(isShown ? [setChange(step, kind, action, fields)] : []), ...rows.changes] };
}

function isUnprotected({ before, after }: Step): boolean {
  return before?.protect === true && after?.protect !== true;
}

function setChange(
  { urn, before, after, replaceReasons }: Step,
  kind: Kind,
  action: Action,
  fields: readonly FieldChange[],
): Change {
  const id = nameOf(urn);
  return {
    urn,
    kind,
    id,
    action,
    fields,
    replaceReasons,
    before,
    after,
    row: undefined,
    validUntil: undefined,
    config: undefined,
    inSet: false,
  };
}

function changeOf(step: Step, kind: Kind, action: Action, { cas, now }: ChangeContext): Change {
  const { urn, before, after, diffReasons, replaceReasons, differing } = step;
  const all = differences(before?.inputs ?? {}, after?.inputs ?? {}, [...differing, ...diffReasons], cas);
  const id = idOf(urn, kind, before ?? after);
  const fields = all.filter((field) => !isObvious(field, id));
  const single = isSingle(kind)
    ? singleChange(step, { kind, action, fields }, now)
    : { action, row: undefined };
  const validUntil = before?.outputs.validUntil;
  return {
    urn,
    kind,
    id,
    ...single,
    fields,
    replaceReasons,
    before,
    after,
    validUntil: typeof validUntil === "string" ? validUntil : undefined,
    config: desiredAfter(step, kind, action),
    inSet: false,
  };
}

/** The configuration of a device that exists before and after. After a drift the recorded one is desired. */
function desiredAfter({ before, after }: Step, kind: Kind, action: Action): DeviceConfig | undefined {
  if (leaves(action) || action === "create") return undefined;
  return configOf(kind, action === "drift" ? before : (after ?? before));
}

/** The configuration of a device that is a single resource. */
function configOf(kind: Kind, state: State | undefined): DeviceConfig | undefined {
  const config = state && singleRow(kind, state.inputs, undefined)?.config;
  return config && withoutHidden(config);
}

/** Whether a field repeats the id. */
function isObvious({ field, before, after }: FieldChange, id: string): boolean {
  return before === undefined && after === id && ["device id", "device UUID"].includes(field);
}

function unchangedPartOf(step: Step, context: ChangeContext): Part {
  const { urn, before, after } = step;
  const kind = kindOf(typeOf(urn));
  const state = after?.outputs.validUntil === undefined ? (before ?? after) : after;
  if (state === undefined) return NOTHING;
  const validUntil = state.outputs.validUntil;
  const thing: Unchanged = {
    kind,
    id: idOf(urn, kind, state),
    validUntil: typeof validUntil === "string" ? validUntil : undefined,
    config: configOf(kind, after ?? before),
    inSet: false,
  };
  if (!isKind(kind, "DeviceSet")) return { ...NOTHING, unchanged: [thing] };
  return { ...rowsOfSet({ ...step, before: before ?? after }, context), changes: [] };
}

/** The names of CAs, by their id, by the start of their fingerprint, and by their certificate. */
function namesOfCas(steps: readonly Step[]): ReadonlyMap<string, string> {
  return new Map(
    steps.flatMap(({ urn, before }): [string, string][] => {
      const kind = kindOf(typeOf(urn));
      if (!isKind(kind, "CaCertificate") || before?.id === undefined) return [];
      const { certificate } = before.outputs;
      const known = [
        before.id,
        before.id.slice(0, CA_DIGITS),
        ...(typeof certificate === "string" ? [certificate] : []),
      ];
      return known.map((key) => [key, `${idOf(urn, kind, before)} (${nameOf(urn)})`]);
    }),
  );
}
