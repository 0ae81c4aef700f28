import type { Digest, State, Step } from "./digest.js";
import { grouped } from "./grouped.js";
import {
  idOf,
  isBookkeeping,
  isEngines,
  isKind,
  kindOf,
  nameOf,
  typeOf,
  type Action,
  type Kind,
} from "./things.js";
import { differences, type FieldChange } from "./values.js";

/** What happens to one thing. */
export interface Change {
  readonly urn: string;
  readonly kind: Kind;
  /** What users call it. */
  readonly id: string;
  readonly action: Action;
  /** What differs. Of a new thing all that is declared; of one that goes all that was. */
  readonly fields: readonly FieldChange[];
  /** Properties because of which it is made anew. */
  readonly because: readonly string[];
  readonly before: State | undefined;
  readonly after: State | undefined;
  /** Changed, although nothing that is declared has changed: a renewal, drift, or work left over from an earlier run. */
  readonly silent: boolean;
}

/** A thing that stays as it is. */
export interface Unchanged {
  readonly kind: Kind;
  readonly id: string;
  readonly state: State;
}

/** What was previewed. */
export type Operation = "update" | "destroy" | "refresh";

export interface Changes {
  readonly operation: Operation;
  readonly changes: readonly Change[];
  /** Things that stay, where the preview names them. */
  readonly unchanged: readonly Unchanged[];
  /** How many resources stay; also those that the preview does not name. */
  readonly unchangedCount: number;
  /** How many of these the preview does not name. */
  readonly unseen: number;
  /** Ids of devices that a refresh before the preview did not find any more; they are onboarded anew. */
  readonly vanished: readonly string[];
}

/** Tells from the steps of the engine what happens to the things of the fleet. */
export function changesOf({ steps, same }: Digest): Changes {
  const byUrn = grouped(steps, ({ urn }) => urn);
  const operation = operationOf(byUrn);
  const cas = namesOfCas(steps);
  const things = steps.filter(({ urn }) => !isBookkeeping(typeOf(urn)));
  const changes = [...grouped(things, ({ urn }) => urn).values()].flatMap((ofOne) =>
    changesOfOne(ofOne, operation, cas),
  );
  const seen = things.filter(({ op }) => op === "same" || (operation === "refresh" && op === "refresh"));
  const named = steps.filter(({ op }) => op === "same");
  const engines = named.filter(({ urn }) => isEngines(typeOf(urn)));
  return {
    operation,
    changes,
    unchanged: seen.flatMap(({ urn, after, before }): Unchanged[] => {
      const state = after?.outputs.validUntil === undefined ? (before ?? after) : after;
      const kind = kindOf(typeOf(urn));
      return state === undefined ? [] : [{ kind, id: idOf(urn, kind, state), state }];
    }),
    unchangedCount: operation === "refresh" ? seen.length : Math.max(same - engines.length, 0),
    unseen: operation === "refresh" ? 0 : Math.max(same - named.length, 0),
    vanished: operation === "update" ? vanishedIds(byUrn) : [],
  };
}

/**
 * A refresh alone has one step a resource: `refresh` where nothing differs, else what it does to the state. A refresh before
 * a preview has a `refresh` for all, besides what follows.
 */
function operationOf(byUrn: ReadonlyMap<string, readonly Step[]>): Operation {
  const all = [...byUrn.values()];
  const refreshed = all.filter((steps) => steps.some(({ op }) => op === "refresh"));
  if (refreshed.length > 0 && refreshed.every((steps) => steps.every(({ op }) => op === "refresh")))
    return "refresh";
  const stackGoes = all
    .flat()
    .some(({ op, urn }) => op === "delete" && typeOf(urn) === "pulumi:pulumi:Stack");
  return stackGoes ? "destroy" : "update";
}

const replacing = ["replace", "create-replacement", "import-replacement"];
/** Steps that lead to no change of their own. */
const passed = ["same", "refresh", "remove-pending-replace", "read-discard", "discard-replaced"];

function changesOfOne(
  steps: readonly Step[],
  operation: Operation,
  cas: ReadonlyMap<string, string>,
): Change[] {
  // Asked for its single steps, the engine tells of one replacement in three.
  const replacement = replacing
    .map((op) => steps.find((step) => step.op === op))
    .find((step) => step !== undefined);
  if (replacement !== undefined) {
    const before = replacement.before ?? steps.find((step) => step.before !== undefined)?.before;
    return [changeOf({ ...replacement, before }, "replace", cas)];
  }
  return steps
    .filter(({ op }) => !passed.includes(op))
    .map((step) => changeOf(step, actionOf(step, operation), cas));
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

function changeOf(step: Step, action: Action, cas: ReadonlyMap<string, string>): Change {
  const { urn, before, after, diffReasons, replaceReasons, differing } = step;
  const kind = kindOf(typeOf(urn));
  const paths = [...differing, ...diffReasons];
  const fields = differences(before?.inputs ?? {}, after?.inputs ?? {}, paths, cas);
  const id = idOf(urn, kind, before ?? after);
  return {
    urn,
    kind,
    id,
    action,
    fields: fields.filter((field) => !isObvious(field, kind, id)),
    because: replaceReasons,
    before,
    after,
    silent: paths.length === 0,
  };
}

/** What the id of a thing says already, and the list of all devices by which a guard counts. */
function isObvious({ field, before, after }: FieldChange, kind: Kind, id: string): boolean {
  if (isKind(kind, "FleetGuard")) return field.startsWith("devices");
  return before === undefined && after === id && ["device id", "device UUID"].includes(field);
}

function vanishedIds(byUrn: ReadonlyMap<string, readonly Step[]>): string[] {
  return [...byUrn].flatMap(([urn, steps]) => {
    const found = steps.find(({ op }) => op === "refresh");
    const again = steps.some(({ op }) => op === "create");
    const kind = kindOf(typeOf(urn));
    return found && again && isKind(kind, "Device") ? [idOf(urn, kind, found.before)] : [];
  });
}

/** CAs are known to devices by a fingerprint, and to people by their name. */
function namesOfCas(steps: readonly Step[]): ReadonlyMap<string, string> {
  return new Map(
    steps.flatMap(({ urn, before }): [string, string][] => {
      const kind = kindOf(typeOf(urn));
      if (!isKind(kind, "CaCertificate") || before?.id === undefined) return [];
      return [[before.id, `${idOf(urn, kind, before)} (${nameOf(urn)})`]];
    }),
  );
}
