import { ExpectedError } from "../../engine/errors.js";
import { declaredTwice, FORCED, MOVED } from "../../reconcile/plan/finding.js";
import type { TablePlan } from "../../reconcile/plan/tablePlan.js";
import { holdingOf } from "../session/holders.js";
import type { Session } from "../session/session.js";
import { failureTexts } from "./failures.js";
import type { DeclaredTable, RecordedTable } from "./table.js";

type Run = Pick<Session, "holders" | "notices">;

/**
 * Records what a table declares.
 * @param before the ids that the resource declares in the state; `undefined`: the state does not have the resource
 * @returns refusals, where another resource of this run declares or removes the same device
 */
export function noteDeclared(
  { holders }: Run,
  table: DeclaredTable,
  before: ReadonlySet<string> | undefined,
): string[] {
  const { title, declared } = table;
  const isNew = before === undefined;
  const refused = new Map<string, string>();
  for (const [id, row] of declared) {
    const holding = holdingOf(id, row);
    const twice = holders.declare(holding, { title, isNew, isRecorded: before?.has(id) === true });
    const remover = holders.removedBy(holding, title);
    if (twice !== undefined) refused.set(id, declaredTwice(title, twice));
    else if (remover !== undefined) refused.set(id, MOVED(remover, title));
  }
  for (const id of table.unknown)
    holders.declare(holdingOf(id, undefined), { title, isNew, isRecorded: before?.has(id) === true });
  return failureTexts(refused);
}

/**
 * Records what a table removes.
 * @returns refusals, where another resource of this run declares the device
 */
export function noteRemoved(
  { holders }: Run,
  table: DeclaredTable,
  { leaving }: TablePlan,
  state: RecordedTable,
): string[] {
  const { title, declared } = table;
  const refused = new Map<string, string>();
  for (const id of leaving) {
    if (declared.has(id)) continue;
    const holding = holdingOf(id, state.records.get(id)?.row);
    const other = holders.declaredBesides(holding, title);
    if (other === undefined) holders.remove(holding, title);
    else refused.set(id, MOVED(title, other));
  }
  return failureTexts(refused);
}

/**
 * A state without the devices that another resource of this run has taken over, as after a rename without `aliases`, or `--replace`.
 * @throws ExpectedError where it would delete a device that another resource declares and does not have
 */
export function withoutHandedOver(
  { holders, notices }: Run,
  table: DeclaredTable,
  state: RecordedTable,
): RecordedTable {
  const { title, declared } = table;
  const records = new Map(state.records);
  const refused = new Map<string, string>();
  for (const [id, { row, privateKey }] of state.records) {
    if (declared.has(id)) continue;
    const holding = holdingOf(id, row);
    const fate = holders.fateOf(holding);
    if (fate.kind === "free") continue;
    records.delete(id);
    if (row === undefined) continue;
    if (fate.kind === "declared") {
      const other = holders.declaredBesides(holding, title);
      refused.set(id, other === undefined ? FORCED : MOVED(title, other));
    } else {
      const isKeyLost = privateKey !== undefined && !fate.hasKey;
      notices.add({ subject: id, text: isKeyLost ? KEPT_WITHOUT_KEY : KEPT });
    }
  }
  if (refused.size > 0) throw new ExpectedError(failureTexts(refused).join("\n\n"));
  return { ...state, records };
}

const KEPT = "is kept in the account, because another resource of this run manages it now.";
const KEPT_WITHOUT_KEY = `${KEPT} Its private key is in an earlier state only.`;
