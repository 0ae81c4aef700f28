import type { Change } from "./changes.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { actions, inOrder, leaves, type Action, type Kind } from "./things.js";
import type { FieldChange } from "./values.js";

/** Things of one kind with the same action. */
export interface Group {
  readonly kind: Kind;
  readonly action: Action;
  readonly changes: readonly Change[];
  readonly what: GroupFields;
}

export type GroupFields =
  /** The same fields change from the same values to the same values. `{id}` stands for the id of each thing. */
  | { readonly kind: "equal"; readonly fields: readonly FieldChange[] }
  /** The same fields change, to different values. */
  | { readonly kind: "varied"; readonly fields: readonly string[] };

/** The highest number of groups of equal changes to the same fields that are shown one by one. */
const EQUAL_AT_MOST = 6;
/** Shorter ids are found in values by chance. */
const SHORTEST_ID = 4;

/** Groups changes: the worst actions first, then by kind and size. */
export function groupsOf(changes: readonly Change[]): Group[] {
  const alike = groupBy(changes, ({ kind, action, fields }) =>
    JSON.stringify([kind.type, action, leaves(action) ? [] : fields.map(({ field }) => field)]),
  );
  return [...alike.values()].flatMap(foldEqual).sort(byWeight);
}

/** Keeps large groups of equal changes. Combines the others into one, unless they are few. */
function foldEqual(changes: readonly Change[]): Group[] {
  const equal = [...groupBy(changes, (change) => JSON.stringify(fieldsOf(change)))]
    .map(([, members]) => members)
    .sort((a, b) => b.length - a.length);
  if (equal.length <= EQUAL_AT_MOST) return equal.flatMap(groupOfEqual);
  const large = equal.slice(0, EQUAL_AT_MOST - 1).filter((members) => members.length > 1);
  const [first] = changes;
  if (first === undefined) return [];
  const { kind, action } = first;
  const fields = first.fields.map(({ field }) => field);
  const rest = equal.slice(large.length).flat();
  return [...large.flatMap(groupOfEqual), { kind, action, changes: rest, what: { kind: "varied", fields } }];
}

function groupOfEqual(changes: readonly Change[]): Group[] {
  const [first, second] = changes;
  if (first === undefined) return [];
  const { kind, action } = first;
  const fields = leaves(action) ? [] : second === undefined ? first.fields : fieldsOf(first);
  return [{ kind, action, changes, what: { kind: "equal", fields } }];
}

/** The fields, with `{id}` for the id itself, as in the names of a fleet file. */
function fieldsOf({ id, action, fields }: Change): readonly FieldChange[] {
  if (leaves(action)) return [];
  if (id.length < SHORTEST_ID) return fields;
  return fields.map(({ before, after, ...field }) => ({
    ...field,
    ...(before === undefined ? {} : { before: before.replaceAll(id, "{id}") }),
    ...(after === undefined ? {} : { after: after.replaceAll(id, "{id}") }),
  }));
}

function byWeight(one: Group, other: Group): number {
  return (
    actions.indexOf(one.action) - actions.indexOf(other.action) ||
    inOrder(one.kind, other.kind) ||
    other.changes.length - one.changes.length
  );
}
