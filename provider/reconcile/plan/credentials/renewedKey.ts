import type { KeyOrder, RowRecord } from "../../table/record.js";
import type { AttestationRow } from "../../table/row.js";
import { keep, note, LATER_GENERATION, RENEWAL_FAILED, RENEWAL_GONE } from "../finding.js";
import { RENEWAL_IN_DOUBT, RENEWED, RENEWING, type Finding } from "../finding.js";
import type { Renewal } from "../situation.js";
import type { Step } from "../step.js";
import { generationsOf, turnOf, type Turn } from "./turn.js";

/** What is to become of the key that a claimed device makes itself. */
export interface RenewedKey {
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  readonly outcome: "done" | "renewing";
  /** Which generation the device has, and which it is ordered to make. */
  readonly then: { readonly generation: number; readonly ordered?: KeyOrder | undefined };
  /** Whether the state does not know all of it. */
  readonly isNews: boolean;
}

/** Plans the renewal of a claimed device's key; `undefined` where nothing is ordered and nothing was. */
export function renewedKey(
  record: RowRecord,
  before: AttestationRow,
  declared: AttestationRow,
  renewal: Renewal | undefined,
): RenewedKey | undefined {
  const generation = record.rotation?.generation ?? before.rotation.generation;
  const known = record.rotation?.ordered;
  const turn = turnOf(generationsOf(record, before), declared);
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
      if (turn === "lost") return held(keep(LATER_GENERATION), undefined, false);
      return turn === "renew" ? ordering(generation) : undefined;
    case "waiting":
      return held(note(RENEWING), keyOrderOf(renewal), known === undefined);
    case "done":
      return turnFrom(renewal.generation, declared) === "renew"
        ? ordering(renewal.generation, note(RENEWED))
        : {
            ...held(note(RENEWED), undefined, true),
            then: { generation: renewal.generation },
          };
    case "failed": {
      const finding = note(RENEWAL_FAILED(renewal.reason));
      return turnFrom(generation, declared) === "renew"
        ? ordering(generation, finding)
        : held(undefined, undefined, true);
    }
    case "gone":
    case "doubt":
      // A later generation is another order.
      if (turnFrom(renewal.generation, declared) === "renew") return ordering(generation);
      return held(
        keep(renewal.kind === "gone" ? RENEWAL_GONE : RENEWAL_IN_DOUBT),
        keyOrderOf(renewal),
        known === undefined,
      );
  }
}

function turnFrom(generation: number, declared: AttestationRow): Turn {
  return turnOf({ generation, order: "device" }, declared);
}

function keyOrderOf({ command, generation }: KeyOrder): KeyOrder {
  return { command, generation };
}
