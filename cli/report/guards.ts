import { parsePolicy, type Policy } from "../../provider/fleet/policy.js";
import type { Change } from "./changes.js";
import type { Properties } from "./digest.js";
import { counted, isKind } from "./things.js";

/** A guard of the fleet that a change removes. */
export interface Lifted {
  readonly text: string;
  readonly changes: readonly Change[];
}

/** The guards of a fleet that changes remove. */
export function liftedBy(changes: readonly Change[]): Lifted[] {
  const rows = changes.filter(
    ({ row }) => row?.kind === "update" && row.before.protect && !row.after.protect,
  );
  const [first] = rows;
  const unprotected =
    first === undefined
      ? []
      : [
          {
            text: `${counted(rows.length, first.kind)} will lose ${rows.length === 1 ? "its" : "their"} protection`,
            changes: rows,
          },
        ];
  const options = changes.filter(({ before, after }) => before?.protect === true && after?.protect !== true);
  return [
    ...unprotected,
    ...(options.length === 0 ? [] : [{ text: "Pulumi's own protection will be removed", changes: options }]),
    ...changes.flatMap((change) => liftedOfSet(change).map((text) => ({ text, changes: [change] }))),
  ];
}

function liftedOfSet({ kind, action, before, after }: Change): string[] {
  if (!isKind(kind, "DeviceSet") || before === undefined) return [];
  const now = action === "delete" || after === undefined ? {} : after.inputs;
  return [
    ...limitLifted(before.inputs, now),
    ...keepLifted(before.inputs, now),
    ...(action === "delete" ? [] : policyLifted(before.inputs.policy, now.policy)),
  ];
}

function keepLifted(was: Properties, now: Properties): string[] {
  return was.keepOnDestroy === true && now.keepOnDestroy !== true
    ? ["Devices will no longer be kept in the account when their set is destroyed"]
    : [];
}

function limitLifted(was: Properties, now: Properties): string[] {
  const [before, after] = [limit(was.maxDeletes), limit(now.maxDeletes)];
  if (before === undefined || before.text === after?.text) return [];
  if (after === undefined) return [`The limit of ${before.text} deletes in one operation will end`];
  const isTighter = before.unit === after.unit && after.value < before.value;
  return isTighter ? [] : [`The limit of ${before.text} deletes in one operation will become ${after.text}`];
}

function limit(value: unknown): { text: string; value: number; unit: string } | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value);
  const [, count = "", unit = ""] = /^([\d.]+)\s*(%?)$/.exec(text) ?? [];
  return { text, value: count === "" ? Infinity : Number(count), unit };
}

/** Rules for certificates that end, or that allow more than before. */
function policyLifted(was: unknown, now: unknown): string[] {
  const before = policyOf(was);
  const after = policyOf(now);
  if (before === undefined) return [];
  const times = [
    { rule: "maxValidity", old: before.maxValidity, now: after?.maxValidity, sign: 1 },
    { rule: "minRemaining", old: before.minRemaining, now: after?.minRemaining, sign: -1 },
  ];
  return [
    ...times.flatMap(({ rule, old, now: present, sign }) => {
      if (old === undefined) return [];
      if (present === undefined) return [`The rule for certificates \`${rule}: ${old.text}\` will end`];
      const isLooser = sign * (present.hours - old.hours) > 0;
      return isLooser
        ? [`The rule for certificates \`${rule}: ${old.text}\` will become ${present.text}`]
        : [];
    }),
    ...(!before.keyReuse && after?.keyReuse !== false
      ? ["The rule for certificates `keyReuse: false` will end"]
      : []),
  ];
}

function policyOf(line: unknown): Policy | undefined {
  const read = typeof line === "string" ? parsePolicy(line) : undefined;
  return read?.ok === true ? read.policy : undefined;
}
