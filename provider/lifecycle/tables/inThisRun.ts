import { ExpectedError } from "../../engine/errors.js";
import { declaredTwice, FORCED, MOVED } from "../../reconcile/plan/finding.js";
import type { TablePlan } from "../../reconcile/plan/tablePlan.js";
import { holdingOf } from "../session/holders.js";
import type { Session } from "../session/session.js";
import { failureTexts } from "./failures.js";
import type { DeclaredTable, RecordedTable } from "./table.js";

type Run = Pick<Session, "holders" | "notices">;

/**
 * Notes what a table declares.
 * @param before what the state has the resource declare; `undefined` where it has no such resource
 * @returns what is refused, because another resource of this run declares the same or lets it go
 */
export function declareTable(
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
    const left = holders.leftBy(holding, title);
    if (twice !== undefined) refused.set(id, declaredTwice(title, twice));
    else if (left !== undefined) refused.set(id, MOVED(left, title));
  }
  for (const id of table.unknown)
    holders.declare(holdingOf(id, undefined), { title, isNew, isRecorded: before?.has(id) === true });
  return failureTexts(refused);
}

/** Notes what a table lets go. @returns what is refused, because another resource of this run declares it */
export function letGo(
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
    if (other === undefined) holders.leave(holding, title);
    else refused.set(id, MOVED(title, other));
  }
  return failureTexts(refused);
}

/**
 * What is left of a state once another resource of this run has taken over some of it, as a rename without `aliases` and `--replace` do.
 *
 * @throws ExpectedError where it would take out of the account what another resource declares and does not have
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
      notices.add({ subject: id, text: isKeyLost ? STAYS_WITHOUT_KEY : STAYS });
    }
  }
  if (refused.size > 0) throw new ExpectedError(failureTexts(refused).join("\n\n"));
  return { ...state, records };
}

const STAYS = "is kept in the account, because another resource of this run manages it now.";
const STAYS_WITHOUT_KEY = `${STAYS} Its private key is in an earlier state only.`;
