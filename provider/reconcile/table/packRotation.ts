import { isGeneration } from "../../fleet/rotation.js";
import type { IssuedWith, KeptTerms, KeyOrder, RotationRecord } from "./record.js";

/** A rotation without certificates and keys. */
export type BareRotation = Pick<RotationRecord, "generation" | "order" | "at" | "ordered"> & {
  readonly next?: KeptTerms | undefined;
  readonly previous?: KeptTerms | undefined;
};

/** The credentials that the state keeps besides the registered one. */
export const KEPT = ["next", "previous"] as const;
export type Kept = (typeof KEPT)[number];

export function bareRotation({
  generation,
  order,
  at,
  ordered,
  next,
  previous,
}: RotationRecord): BareRotation {
  return {
    generation,
    order,
    at,
    ...(ordered === undefined ? {} : { ordered }),
    ...(next === undefined ? {} : { next: bare(next) }),
    ...(previous === undefined ? {} : { previous: bare(previous) }),
  };
}

function bare({ generation, order, validUntil, issuedWith }: KeptTerms): KeptTerms {
  return { generation, order, validUntil, issuedWith };
}

/** Adds certificates and keys. A credential that has lost its certificate can't be registered, and is not kept. */
export function wholeRotation(
  { next, previous, ...others }: BareRotation,
  secrets: (kept: Kept) => {
    readonly certificate: string | undefined;
    readonly privateKey: string | undefined;
  },
): RotationRecord {
  const whole = (kept: Kept, terms: KeptTerms | undefined) => {
    const { certificate, privateKey } = secrets(kept);
    return terms === undefined || certificate === undefined
      ? {}
      : { [kept]: { ...terms, certificate, privateKey } };
  };
  return { ...others, ...whole("next", next), ...whole("previous", previous) };
}

/** Reads the result of `bareRotation` from JSON. `undefined`: it is anything else. */
export function readRotation(value: unknown): BareRotation | undefined {
  const bag = bagOf(value);
  const { generation, order, at } = bag;
  if (!isGeneration(generation) || typeof order !== "string" || typeof at !== "string") return undefined;
  const [next, previous, ordered] = [readKept(bag.next), readKept(bag.previous), readOrder(bag.ordered)];
  return {
    generation,
    order,
    at,
    ...(ordered === undefined ? {} : { ordered }),
    ...(next === undefined ? {} : { next }),
    ...(previous === undefined ? {} : { previous }),
  };
}

export function readIssuedWith(value: unknown): IssuedWith | undefined {
  const { ca, validityDays, activatedFor } = bagOf(value);
  if (typeof ca !== "string" || typeof validityDays !== "number") return undefined;
  return { ca, validityDays, ...(typeof activatedFor === "number" && { activatedFor }) };
}

function readKept(value: unknown): KeptTerms | undefined {
  const { generation, order, validUntil, issuedWith } = bagOf(value);
  if (!isGeneration(generation) || typeof order !== "string") return undefined;
  return {
    generation,
    order,
    validUntil: typeof validUntil === "string" ? validUntil : undefined,
    issuedWith: readIssuedWith(issuedWith),
  };
}

function readOrder(value: unknown): KeyOrder | undefined {
  const { command, generation } = bagOf(value);
  return typeof command === "string" && isGeneration(generation) ? { command, generation } : undefined;
}

function bagOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** The key under which a set keeps the next or the previous credential of a device. No id has a space. */
export function keptUnder(id: string, kept: Kept): string {
  return `${id} ${kept}`;
}
