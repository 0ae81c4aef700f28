/** Roll-outs: how many devices a run changes at a time, and after how many failures it stops. */
import { amountText, readAmount, type Amount } from "./amount.js";
import { isRecord } from "./data.js";
import { parseIdPatterns } from "./idPatterns.js";
import { quote } from "./rules.js";

/** Devices change in batches. After each batch the run stops if too many have failed. Shares are rounded up to whole devices. */
export interface Rollout {
  /** How many devices change before all others. A share is one of the devices that the roll-out has to change. */
  readonly first: Amount;
  /** How many of the others change together, as a count or the same kind of share; absent: all. */
  readonly batch?: Amount;
  /** The run stops when more devices have failed: a count, or a share of those tried so far. */
  readonly stopAfter: Amount;
}

/** A roll-out with the devices that it applies to. */
export interface TargetedRollout {
  readonly rollout: Rollout;
  /** Patterns of ids, separated by commas; absent: all devices that no other roll-out names. */
  readonly ids?: string;
}

/** A roll-out is invalid. The message has the fix. */
export class RolloutError extends Error {
  override readonly name = "RolloutError";
}

/** Reads a roll-out as a fleet or program declares it. @throws RolloutError */
export function readRollout(value: unknown): Rollout {
  if (!isRecord(value)) throw new RolloutError(`it is not an object → fix: give ${NAMES}`);
  const unknown = Object.keys(value).find((name) => !isName(name));
  if (unknown !== undefined)
    throw new RolloutError(`${quote(unknown)} is unknown → fix: a roll-out has ${NAMES}`);
  const [first, batch] = [amountAt(value, "first", 1), amountAt(value, "batch", 1)];
  const stopAfter = amountAt(value, "stopAfter", 0) ?? NONE;
  const begin = first ?? batch;
  if (begin === undefined)
    throw new RolloutError(
      `it has neither first nor batch → fix: write how many devices to change first: ${EXAMPLE}`,
    );
  return { first: begin, ...(batch === undefined ? {} : { batch }), stopAfter };
}

/** Reads a roll-out with its devices as a program declares it. @throws RolloutError, IdPatternError */
export function readTargetedRollout(value: unknown): TargetedRollout {
  if (!isRecord(value)) return { rollout: readRollout(value) };
  const { ids, ...others } = value;
  const rollout = readRollout(others);
  if (ids === undefined) return { rollout };
  if (typeof ids !== "string")
    throw new RolloutError("ids must be a string → fix: write patterns such as lab-*");
  parseIdPatterns(ids);
  return { rollout, ids };
}

/** Parses a roll-out of the command line, such as `first=10,batch=10%,stopAfter=2%`. @throws RolloutError */
export function parseRollout(text: string): Rollout {
  const words = text.split(",").map((word) => word.trim().split("="));
  const named: Record<string, string> = {};
  for (const [name = "", value, ...more] of words) {
    if (value === undefined || more.length > 0 || !isName(name))
      throw new RolloutError(`${quote(text)} is not a roll-out → fix: write ${EXAMPLE}`);
    if (Object.hasOwn(named, name))
      throw new RolloutError(`${quote(text)} has ${name} twice → fix: keep one`);
    named[name] = value;
  }
  return readRollout(named);
}

/** The inverse of `parseRollout`. */
export function rolloutText({ first, batch, stopAfter }: Rollout): string {
  return [
    `first=${amountText(first)}`,
    ...(batch === undefined ? [] : [`batch=${amountText(batch)}`]),
    `stopAfter=${amountText(stopAfter)}`,
  ].join(",");
}

/** The command line's value for a run that ignores all declared roll-outs. */
export const NO_ROLLOUT = "none";

/** A roll-out with its devices as one string, such as `first=10,batch=10%,stopAfter=2% for lab-{000..499}`. */
export function targetedRolloutText({ rollout, ids }: TargetedRollout): string {
  return ids === undefined ? rolloutText(rollout) : `${rolloutText(rollout)} for ${ids}`;
}

/** The inverse of `laneText`. @throws RolloutError, IdPatternError */
export function parseTargetedRollout(text: string): TargetedRollout {
  const at = text.indexOf(FOR);
  if (at < 0) return { rollout: parseRollout(text) };
  const ids = text.slice(at + FOR.length);
  parseIdPatterns(ids);
  return { rollout: parseRollout(text.slice(0, at)), ids };
}

const FOR = " for ";
const NONE: Amount = { kind: "count", count: 0 };
const NAMES = "first, batch and stopAfter";
const EXAMPLE = "first=10,batch=10%,stopAfter=2%";

function isName(text: string): boolean {
  return text === "first" || text === "batch" || text === "stopAfter";
}

function amountAt(
  settings: Readonly<Record<string, unknown>>,
  name: "first" | "batch" | "stopAfter",
  least: number,
): Amount | undefined {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (value === undefined) return undefined;
  const amount = readAmount(value);
  const number = amount?.kind === "count" ? amount.count : amount?.percent;
  if (amount === undefined || number === undefined || number < least)
    throw new RolloutError(
      `${name} is ${shown(value)} → fix: write ${least === 0 ? "a count" : "a count from 1"} such as 10, or a share such as 10%`,
    );
  return amount;
}

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? quote(String(value)) : "not a number";
}
