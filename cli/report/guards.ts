import { isRecord, listOf } from "../../provider/fleet/data.js";
import { parseIdPattern } from "../../provider/fleet/ids.js";
import type { Change } from "./changes.js";
import type { Properties } from "./digest.js";
import { isKind } from "./things.js";

/** As many devices as a fleet may have. */
const MOST_IDS = 100_000;

/** Something that guarded the fleet and does so no longer, or not in this operation. */
export interface Lifted {
  readonly text: string;
  readonly ids: readonly string[];
}

/** What a change takes away of the guards of a fleet. */
export function liftedBy({ kind, id, action, before, after }: Change): Lifted[] {
  const unprotected =
    before?.protect === true && after?.protect !== true
      ? [{ text: "Pulumi's own protection is taken off", ids: [id] }]
      : [];
  if (!isKind(kind, "FleetGuard")) return unprotected;
  const now = action === "delete" || after === undefined ? {} : after.inputs;
  const was = before?.inputs ?? {};
  return [...unprotected, ...groupsLifted(was, now), ...limitLifted(was, now, id), ...overrides(now, id)];
}

/** The devices that were protected, group by group, and are not any more. */
function groupsLifted(was: Properties, now: Properties): Lifted[] {
  const after = new Set(protectedIds(now).flatMap(({ ids }) => ids));
  return protectedIds(was).flatMap(({ group, ids }): Lifted[] => {
    const lifted = ids.filter((id) => !after.has(id));
    return lifted.length === 0 ? [] : [{ text: `group ${group} is no longer protected`, ids: lifted }];
  });
}

/** A list of groups with their ids, or a map of the ids by group; ids as a list, or as text with blanks between. */
function protectedIds({ protected: groups }: Properties): { group: string; ids: string[] }[] {
  if (isRecord(groups)) return Object.entries(groups).map(([group, ids]) => ({ group, ids: idsIn(ids) }));
  return listOf(groups).flatMap((entry) =>
    isRecord(entry) ? [{ group: String(entry.group), ids: idsIn(entry.ids) }] : [],
  );
}

function idsIn(value: unknown): string[] {
  const patterns = typeof value === "string" ? value.split(/[\s,]+/) : listOf(value).map(String);
  return patterns
    .filter((pattern) => pattern !== "")
    .flatMap((pattern) => {
      const parsed = parseIdPattern(pattern);
      return parsed.ok && parsed.pattern.count <= MOST_IDS ? [...parsed.pattern.ids()] : [pattern];
    });
}

function limitLifted(was: Properties, now: Properties, id: string): Lifted[] {
  const [before, after] = [limit(was.maxDeletes), limit(now.maxDeletes)];
  if (before === undefined || before.text === after?.text) return [];
  if (after === undefined) {
    return [{ text: `deletes are no longer limited (it was ${before.text} in one operation)`, ids: [id] }];
  }
  const tighter = before.unit === after.unit && after.value < before.value;
  return tighter
    ? []
    : [
        {
          text: `${after.text} deletes are allowed in one operation, where it was ${before.text}`,
          ids: [id],
        },
      ];
}

function limit(value: unknown): { text: string; value: number; unit: string } | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value);
  const [, count = "", unit = ""] = /^([\d.]+)\s*(%?)$/.exec(text) ?? [];
  return { text, value: count === "" ? Infinity : Number(count), unit };
}

function overrides({ allowedDeletes }: Properties, id: string): Lifted[] {
  if (typeof allowedDeletes !== "number") return [];
  return [{ text: `an override allows ${allowedDeletes} deletes in this operation`, ids: [id] }];
}
