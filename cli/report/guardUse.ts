import { amountText, resolveAmount, readAmount } from "../../provider/fleet/amount.js";
import { parsePolicy } from "../../provider/fleet/policy.js";
import { takesOut } from "../../provider/reconcile/plan/change.js";
import { linesIn, parseLines, recordsIn } from "../state/lines.js";
import type { Change, Changes } from "./changes.js";
import type { Digest, Step } from "./digest.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { isKind, kindOf, nameOf, number, typeOf } from "./things.js";

/** What the guards of a set allow, and how much of it this change uses. */
export interface GuardUse {
  /** The name of the set in the program. */
  readonly set: string;
  /** Sentences, with code in backticks. */
  readonly texts: readonly string[];
}

/**
 * For each set with guards: how much of them the change uses.
 * @param allowed the number of deletions that are allowed once, instead of the limit (`NRF_CLOUD_ALLOW_DELETES`)
 */
export function guardUses(
  { steps }: Digest,
  { changes, operation }: Changes,
  allowed: number | undefined,
): GuardUse[] {
  if (operation === "refresh") return [];
  const bySet = groupBy(
    changes.filter(({ inSet }) => inSet),
    ({ urn }) => urn,
  );
  const sets = groupBy(
    steps.filter(({ urn }) => isKind(kindOf(typeOf(urn)), "DeviceSet")),
    ({ urn }) => urn,
  );
  return [...sets].flatMap(([urn, [step]]): GuardUse[] => {
    const texts = step === undefined ? [] : textsOf(step, bySet.get(urn) ?? [], allowed);
    return texts.length === 0 ? [] : [{ set: nameOf(urn), texts }];
  });
}

function textsOf(step: Step, changes: readonly Change[], allowed: number | undefined): string[] {
  const leaving = changes.filter(({ row }) => row !== undefined && takesOut(row));
  return [
    ...limitTexts(step, leaving.length, allowed),
    ...protectTexts(step, leaving),
    ...keepTexts(step),
    ...policyTexts(step),
  ];
}

function limitTexts({ before, after }: Step, leaving: number, allowed: number | undefined): string[] {
  const limit = readAmount((after ?? before)?.inputs.maxDeletes);
  if (limit === undefined) return leaving === 0 ? [] : [NO_LIMIT];
  const size = recordsIn(before?.outputs ?? {}).size;
  const most = resolveAmount(limit, size);
  const share = limit.kind === "percent" ? `, ${amountText(limit)} of ${number(size)}` : "";
  const used = `\`maxDeletes\`: ${number(leaving)} of ${number(most)} allowed deletes will be used${share}.`;
  if (allowed === undefined) return [used];
  return [used, `\`allowDeletes\`: the limit of this run is ${number(Math.max(most, allowed))} deletes.`];
}

const NO_LIMIT = "No `maxDeletes` is declared: nothing limits how many devices one operation deletes.";

function protectTexts(step: Step, leaving: readonly Change[]): string[] {
  const lines = step.before === undefined ? step.after?.inputs.devices : step.before.outputs.devices;
  const count = [...parseLines(linesIn(lines)).values()].filter(({ protect }) => protect).length;
  if (count === 0) return [];
  const hit = leaving.filter(({ row }) => row !== undefined && "before" in row && row.before.protect).length;
  const devices = count === 1 ? "1 device is" : `${number(count)} devices are`;
  return [
    `\`protect\`: ${devices} protected, and ${hit === 0 ? "none" : number(hit)} of them would leave the account.`,
  ];
}

function keepTexts({ before, after }: Step): string[] {
  return (after ?? before)?.inputs.keepOnDestroy === true
    ? ["`keepOnDestroy`: a destroy will leave the devices in the account."]
    : [];
}

function policyTexts({ before, after }: Step): string[] {
  const rules = certificateRules((after ?? before)?.inputs.policy);
  return rules.length === 0 ? [] : [`\`policy\`: device certificates ${rules.join(", ")}.`];
}

function certificateRules(line: unknown): string[] {
  const read = typeof line === "string" ? parsePolicy(line) : undefined;
  if (read?.ok !== true) return [];
  const { maxValidity, minRemaining, keyReuse } = read.policy;
  return [
    ...(maxValidity === undefined ? [] : [`are valid for ${maxValidity.text} at most`]),
    ...(minRemaining === undefined ? [] : [`have at least ${minRemaining.text} left`]),
    ...(keyReuse ? [] : ["use each key once"]),
  ];
}
