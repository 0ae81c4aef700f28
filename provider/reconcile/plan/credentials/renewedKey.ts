import type { KeyOrder, RowRecord } from "../../table/record.js";
import type { AttestationRow } from "../../table/row.js";
import { keep, note, LATER_GENERATION, RENEWAL_FAILED, RENEWAL_UNKNOWN } from "../finding.js";
import { RENEWAL_IN_DOUBT, RENEWED, RENEWING, type Finding } from "../finding.js";
import type { Renewal } from "../situation.js";
import type { Step } from "../step.js";
import { generationsOf, rotationChangeOf, type RotationChange } from "./generations.js";

/** The plan for the key that a claimed device generates itself. */
export interface RenewedKey {
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  readonly outcome: "done" | "renewing";
  /** The generation that the device has, and the order for the next one. */
  readonly then: { readonly generation: number; readonly ordered?: KeyOrder | undefined };
  /** Whether the state must be updated. */
  readonly isNews: boolean;
}

/** Plans the renewal of a claimed device's key. `undefined`: no order is needed, and none is pending. */
export function renewedKey(
  record: RowRecord,
  before: AttestationRow,
  declared: AttestationRow,
  renewal: Renewal | undefined,
): RenewedKey | undefined {
  const generation = record.rotation?.generation ?? before.rotation.generation;
  const known = record.rotation?.ordered;
  const rotation = rotationChangeOf(generationsOf(record, before), declared);
  const held = (
    finding: Finding | undefined,
    ordered: KeyOrder | undefined,
    isNews: boolean,
  ): RenewedKey => ({
    steps: [],
    findings: finding === undefined ? [] : [finding],
    outcome: ordered === undefined ? "done" : "renewing",
    then: { generation, ordered },
    isNews,
  });
  const ordering = (has: number, ...findings: readonly Finding[]): RenewedKey => ({
    steps: [{ kind: "renew" }],
    findings,
    outcome: "renewing",
    then: { generation: has },
    isNews: true,
  });
  switch (renewal?.kind) {
    case undefined:
      if (known !== undefined) return held(undefined, known, false);
      if (rotation === "lost") return held(keep(LATER_GENERATION), undefined, false);
      return rotation === "renew" ? ordering(generation) : undefined;
    case "waiting":
      return held(note(RENEWING), keyOrderOf(renewal), known === undefined);
    case "done":
      return changeFrom(renewal.generation, declared) === "renew"
        ? ordering(renewal.generation, note(RENEWED))
        : {
            ...held(note(RENEWED), undefined, true),
            then: { generation: renewal.generation },
          };
    case "failed": {
      const finding = note(RENEWAL_FAILED(renewal.reason));
      return changeFrom(generation, declared) === "renew"
        ? ordering(generation, finding)
        : held(undefined, undefined, true);
    }
    case "unknown":
    case "doubt":
      // An order for a later generation can be given in any case.
      if (changeFrom(renewal.generation, declared) === "renew") return ordering(generation);
      return held(
        keep(renewal.kind === "unknown" ? RENEWAL_UNKNOWN : RENEWAL_IN_DOUBT),
        keyOrderOf(renewal),
        known === undefined,
      );
  }
}

function changeFrom(generation: number, declared: AttestationRow): RotationChange {
  return rotationChangeOf({ generation, order: "device" }, declared);
}

function keyOrderOf({ command, generation }: KeyOrder): KeyOrder {
  return { command, generation };
}
