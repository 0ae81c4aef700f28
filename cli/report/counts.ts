import { groupBy } from "../../provider/fleet/groupBy.js";
import type { Change, Changes } from "./changes.js";
import { actions, inOrder, isDevice, leaves, verb, type Action, type Kind } from "./things.js";

/** The number of things of a kind that will be created, updated and so on. */
export interface Count {
  readonly kind: Kind;
  readonly of: ReadonlyMap<Action, number>;
  /** The number of devices that the stack has, before and after. For kinds of devices only. */
  readonly size: Size | undefined;
}

export interface Size {
  readonly before: number;
  readonly after: number;
}

/** Counts changes by kind. The kinds of this package are first, the most important on top. */
export function countsOf(all: Changes): Count[] {
  return [...groupBy(all.changes, ({ kind }) => kind.type).values()]
    .flatMap((ofKind): Count[] => {
      const [first] = ofKind;
      if (first === undefined) return [];
      const { kind } = first;
      return [{ kind, of: actionsOf(ofKind), size: isDevice(kind) ? sizeOf(all, kind) : undefined }];
    })
    .sort((a, b) => inOrder(a.kind, b.kind));
}

/** An action that any of the counts has, with its names for their kinds, such as `deleted, released`. */
export interface Column {
  readonly action: Action;
  readonly name: string;
  /** The number of things that the action changes. */
  readonly count: number;
}

export function columnsOf(counts: readonly Count[]): Column[] {
  return actions.flatMap((action): Column[] => {
    const having = counts.filter(({ of }) => of.has(action));
    if (having.length === 0) return [];
    const names = new Set(having.map(({ kind }) => verb(kind, action)));
    return [
      {
        action,
        name: [...names].join(", "),
        count: having.reduce((sum, { of }) => sum + (of.get(action) ?? 0), 0),
      },
    ];
  });
}

/** The number of devices of all kinds in the stack, before and after; `undefined` without devices. */
export function fleetSize(all: Changes): Size | undefined {
  const size = sizeOf(all);
  return size.before + size.after === 0 ? undefined : size;
}

function actionsOf(changes: readonly Change[]): Map<Action, number> {
  const by = groupBy(changes, ({ action }) => action);
  return new Map(
    actions.flatMap((action): [Action, number][] => {
      const count = by.get(action)?.length ?? 0;
      return count === 0 ? [] : [[action, count]];
    }),
  );
}

/** @param of a kind of device. Default: all kinds */
function sizeOf({ changes, unchanged, leftOut }: Changes, of?: Kind): Size {
  const isMeant = ({ kind }: { readonly kind: Kind }) => (of === undefined ? isDevice(kind) : kind === of);
  const changing = changes.filter(isMeant);
  const staying =
    unchanged.filter(isMeant).length + leftOut.filter((each) => each.isThere && isMeant(each)).length;
  return {
    before: staying + changing.filter(({ action }) => !ARRIVALS.includes(action)).length,
    after: staying + changing.filter(({ action }) => !leaves(action)).length,
  };
}

const ARRIVALS: readonly Action[] = ["create", "import", "read"];
