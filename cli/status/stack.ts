import { escaped } from "../../provider/engine/escaped.js";
import { idText } from "../fleet/idText.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { caKeyText } from "../state/caKey.js";
import type { CaSummary } from "../state/cas.js";
import { count, figure } from "../terminal.js";
import { byCondition, type Condition, type ManagedDevice, type ManagedRotation } from "./devices.js";
import { dayOf, deviceLines, MEANINGS } from "./words.js";

/** A stack's devices as lines of text: the total, those in the account, and each other condition with its ids. */
export function stackLines(devices: readonly ManagedDevice[]): readonly string[] {
  const ids = byCondition(devices);
  const of = (condition: Condition) => ids.get(condition) ?? [];
  const present = of("present").length + of("adopted").length + of("renewing").length + of("retired").length;
  const adopted = of("adopted").length === 0 ? "" : `, ${figure(of("adopted").length)} of them adopted`;
  const others = (
    [
      "failed",
      "not attempted",
      "waiting",
      "renewing",
      "missing",
      "foreign",
      "hidden",
      "retired",
      "deleted",
    ] as const
  ).flatMap((condition) => deviceLines(of(condition), MEANINGS[condition]));
  return [
    `Stack: ${count(devices.length, "device")} declared by the last \`up\`, ${figure(present)} in the account${adopted}.`,
    ...others,
    ...rotationLines(devices),
    ...reasons(devices),
  ];
}

/** The CAs of a stack, one line each, with the end of the CA and the place of its key. */
export function caLines(cas: readonly CaSummary[]): readonly string[] {
  return cas.map(
    ({ name, validUntil, key }) =>
      `  CA ${escaped(name)} (until ${dayOf(validUntil)}). CA's key: ${caKeyText(key)}.`,
  );
}

/** The rotations, one line for each step. */
function rotationLines(devices: readonly ManagedDevice[]): readonly string[] {
  const steps = devices.flatMap(({ id, rotation }) => {
    const text = rotation && stepText(rotation);
    return text === undefined ? [] : [{ id, text }];
  });
  return [...groupBy(steps, ({ text }) => text)].flatMap(([text, some]) =>
    deviceLines(
      some.map(({ id }) => id),
      text,
    ),
  );
}

/** Which credential is kept beside the one in use, and for what; `undefined` where none is. */
function stepText({ generation, next, previous }: ManagedRotation): string | undefined {
  const kept = next ?? previous;
  if (kept === undefined) return undefined;
  const purpose = next === undefined ? "to go back to" : "as the next one";
  return `have generation ${generation}, and ${kept.generation} is kept ${purpose}`;
}

/** The reasons of failed devices, each reason once. */
function reasons(devices: readonly ManagedDevice[]): readonly string[] {
  const failed = devices.flatMap(({ id, reason }) => (reason === undefined ? [] : [{ id, reason }]));
  return [...groupBy(failed, ({ reason }) => reason)].map(
    ([reason, some]) => `  ${idText(some.map(({ id }) => id))}: ${reason.replaceAll("\n", "\n    ")}`,
  );
}
