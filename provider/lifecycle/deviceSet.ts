import { ExpectedError } from "../engine/errors.js";
import type { Resource } from "../engine/resource.js";
import { isUnknown, UNKNOWN } from "../engine/unknown.js";
import { parseIdPatterns } from "../fleet/idPatterns.js";
import type { RowPlan } from "../reconcile/plan/row/rowPlan.js";
import { lanesOf } from "../reconcile/plan/rollout/lanes.js";
import { planText, refusals } from "../reconcile/plan/planText.js";
import type { TablePlan } from "../reconcile/plan/tablePlan.js";
import { formatRow } from "../reconcile/table/formatRow.js";
import type { Row } from "../reconcile/table/row.js";
import { decodeSetState, encodeSetState, type SetState } from "../reconcile/table/state.js";
import { setInputsCodec, type SetInputs } from "../reconcile/table/table.js";
import { findingOfMaterial } from "../ways/material.js";
import { declaredDigest } from "./tables/declaredDigest.js";
import { warnOfExpiry } from "./expiry.js";
import { PROFILE_IS_FOR_NEW } from "./profile.js";
import type { Session } from "./session/session.js";
import { noteDeclared, noteRemoved } from "./tables/inThisRun.js";
import { whyNotRenamed } from "./tables/renamed.js";
import { applyTable } from "./tables/apply.js";
import { destroyTable, leaveTable } from "./tables/destroy.js";
import { previewTable } from "./tables/preview.js";
import { refreshTable } from "./tables/refresh.js";
import type { AppliedTable, DeclaredTable, RecordedTable } from "./tables/table.js";

/** A table of devices. Its id is its name in the program. */
export const deviceSet: Resource<SetInputs, SetState, Session> = {
  inputs: setInputsCodec,
  state: { decode: decodeSetState, encode: encodeSetState },

  async check(session, news, olds) {
    const problems = materialProblems(session, news, olds);
    if (problems.length > 0) return problems;
    session.checked.add(keyOf(news));
    const table = declaredTable(session, news);
    const refused = noteDeclared(session, table, olds && new Set(olds.devices.keys()));
    if (refused.length > 0 || olds !== undefined) return refused;
    const plan = await previewTable(session, table);
    report(session, news, plan);
    return refusals(plan);
  },

  async diff(session, _id, state, news) {
    const same = declaredDigest(news) === state.declared;
    // A refresh compares without a check. Only after a check is an operation about to start.
    if (!session.checked.delete(keyOf(news))) return { kind: same ? "same" : "update" };
    const [table, recorded] = [declaredTable(session, news, state), recordedTable(state)];
    const plan = await previewTable(session, table, recorded);
    report(session, news, plan);
    const refused = [
      ...refusals(plan),
      ...(news.name === state.inputs.name
        ? []
        : whyNotRenamed(session, declaredTable(session, state.inputs), recorded)),
      ...noteRemoved(session, table, plan, recorded),
    ];
    if (refused.length > 0) throw new ExpectedError(refused.join("\n\n"));
    warnOfExpiry(session, state.records, news.materials);
    if (news.profile !== state.inputs.profile)
      session.notices.add({ subject: titleOf(news), text: PROFILE_IS_FOR_NEW });
    session.notices.flush();
    const differs = [...plan.rows.values()].some(isWork);
    // After a refresh the engine's inputs lack deleted rows, so that the engine would not see that they are removed.
    const dropsDeleted = [...plan.rows].some(
      ([id, { then }]) => then === "nothing" && state.records.get(id)?.deletedAt !== undefined,
    );
    if (same || dropsDeleted) return { kind: differs || plan.leftOut.length > 0 ? "renew" : "same" };
    return { kind: "update" };
  },

  async create(session, news) {
    const applied = await applyTable(session, declaredTable(session, news));
    return outcomeOf(news, applied, undefined);
  },

  async read(session, _id, state) {
    const records = await refreshTable(session, declaredTable(session, state.inputs), recordedTable(state));
    const devices = new Map<string, Row>();
    for (const [id, row] of state.inputs.devices) {
      const found = records.get(id)?.row;
      // Missing devices have no line. Failed and waiting rows keep the declared one.
      if (found !== undefined) devices.set(id, found);
      else if (state.records.get(id)?.row === undefined) devices.set(id, row);
    }
    const inputs = { ...state.inputs, devices };
    // Only the digest of the last run has the declared rows of retired devices that are deleted.
    const declared = isSameTable(devices, state.inputs.devices) ? state.declared : declaredDigest(inputs);
    return {
      kind: "present",
      state: { ...state, records, inputs, declared },
      inputs,
    };
  },

  async update(session, _id, state, news) {
    const applied = await applyTable(session, declaredTable(session, news, state), recordedTable(state));
    // The state has all of the journal under the former name now. Another table that gets the name must not own these devices.
    if (news.name !== state.inputs.name) await leaveTable(session, declaredTable(session, state.inputs));
    return outcomeOf(news, applied, state);
  },

  async delete(session, _id, state) {
    if (state.inputs.keepOnDestroy) {
      session.notices.add({
        subject: titleOf(state.inputs),
        text: "keeps its devices in the account, because it declares `keepOnDestroy`.",
      });
      await leaveTable(session, declaredTable(session, state.inputs));
      return;
    }
    await destroyTable(session, declaredTable(session, state.inputs), recordedTable(state));
  },
};

/** Whether an `up` would change the account or the state. A failed row is retried, even if the account already matches it. */
function isWork({ steps, change, then }: RowPlan): boolean {
  return steps.length > 0 || change.kind !== "same" || then !== "as it was";
}

function isSameTable(one: ReadonlyMap<string, Row>, other: ReadonlyMap<string, Row>): boolean {
  const isSame = ([id, row]: readonly [string, Row]) => {
    const found = one.get(id);
    return found !== undefined && formatRow(found) === formatRow(row);
  };
  return one.size === other.size && [...other].every(isSame);
}

function titleOf({ name }: SetInputs): string {
  return `DeviceSet ${name}`;
}

function keyOf({ stack, name }: SetInputs): string {
  return `${stack} ${name}`;
}

function report(session: Session, news: SetInputs, plan: TablePlan): void {
  const text = planText(titleOf(news), plan);
  if (text !== undefined) session.notices.print(text);
}

function declaredTable(session: Session, inputs: SetInputs, state?: SetState): DeclaredTable {
  const { devices, keepOnDestroy: _, only, rollout, ...common } = inputs;
  const isDeclared = (id: string) => devices.has(id) || inputs.unknown.has(id);
  return {
    ...common,
    title: titleOf(inputs),
    declared: devices,
    isChosen: only === undefined ? () => true : parseIdPatterns(only),
    lanes: session.rollout ?? lanesOf(rollout, state?.inputs.rollout ?? [], isDeclared),
    isDestroyed: false,
  };
}

function recordedTable({ revision, team, records, inputs }: SetState): RecordedTable {
  return { revision, team, records, materials: inputs.materials, cas: inputs };
}

function outcomeOf(
  news: SetInputs,
  { revision, team, outcome, failures }: AppliedTable,
  before: SetState | undefined,
) {
  const state: SetState = {
    inputs: news,
    declared: declaredDigest(news),
    revision,
    team,
    records: outcome.records,
    notAttempted: outcome.stopped?.rest ?? [],
    serverCa: outcome.serverCa ?? before?.serverCa,
  };
  return { id: news.name, state, failures };
}

/** Finds problems of the material of new or changed rows only, because reading ten thousand certificates is slow. */
function materialProblems(
  { clock, notices }: Session,
  news: SetInputs,
  olds: SetInputs | undefined,
): string[] {
  if (isUnknown(news.materials)) return [];
  const before = olds === undefined || isUnknown(olds.materials) ? undefined : olds;
  const problems: string[] = [];
  const now = clock.now();
  const isOther = (id: string) => news.devices.has(id) || news.unknown.has(id);
  for (const [id, row] of news.devices) {
    const material = news.materials.get(id);
    const known = before?.devices.get(id);
    const isKnown =
      known !== undefined &&
      before?.materials !== UNKNOWN &&
      before?.materials.get(id) === material &&
      formatRow(known) === formatRow(row);
    if (isKnown) continue;
    const finding = findingOfMaterial(id, row, material, { now, isOther });
    if (finding?.kind === "refuse") problems.push(`devices.${id}: ${finding.text}`);
    else if (finding !== undefined) notices.add({ subject: id, text: finding.text });
  }
  return problems;
}
