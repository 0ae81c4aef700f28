import { isDeepStrictEqual } from "node:util";
import { ExpectedError } from "../../../engine/errors.js";
import type { Outcome, Resource } from "../../../engine/resource.js";
import { isUnknown } from "../../../engine/unknown.js";
import { planText, refusals } from "../../../reconcile/plan/planText.js";
import type { TablePlan } from "../../../reconcile/plan/tablePlan.js";
import { EMPTY_RECORD, type RowRecord } from "../../../reconcile/table/record.js";
import { findingOfMaterial } from "../../../ways/material.js";
import { warnOfExpiry } from "../../expiry.js";
import { PROFILE_IS_FOR_NEW } from "../../profile.js";
import { holdingOf } from "../../session/holders.js";
import type { Session } from "../../session/session.js";
import { applyTable } from "../apply.js";
import { destroyTable } from "../destroy.js";
import { noteDeclared } from "../inThisRun.js";
import { previewTable } from "../preview.js";
import { refreshTable } from "../refresh.js";
import type { AppliedTable } from "../table.js";
import { known, singleInputs, titleOf, type SingleInputs, type SingleType } from "./inputs.js";
import { singleState, type SingleState } from "./state.js";
import { recordedRow, tableOfRow } from "./table.js";

/** A single device or claim: a table of one row. */
export function singleRow(single: SingleType): Resource<SingleInputs, SingleState, Session> {
  const title = (id: string) => titleOf(single, id);
  const tableOf = (inputs: SingleInputs) => tableOfRow(single, inputs);
  const recordedOf = (id: string, state: SingleState) => recordedRow(single, id, state);

  const ended = (
    id: string,
    news: SingleInputs,
    { revision, team, outcome, failures }: AppliedTable,
    now: Date,
  ): Outcome<SingleState> => {
    const record = outcome.records.get(id) ?? retiredNowhere(news, now);
    const isNothing =
      record === undefined ||
      (record.row === undefined && record.certificate === undefined && record.jobId === undefined);
    if (isNothing && failures.length > 0) throw new ExpectedError(failures.join("\n"));
    if (record === undefined)
      throw new ExpectedError(`The run of ${title(id)} ended without a result. Run again.`);
    return { id, state: { inputs: news, record, revision, team }, failures };
  };

  /** Refusals of a replacement: a retired device is kept until its time is over. */
  const whyKept = async (session: Session, id: string, state: SingleState): Promise<readonly string[]> => {
    if (state.record.retiredAt === undefined) return [];
    const nothing = { ...tableOf(state.inputs), declared: new Map(), unknown: new Set<string>() };
    return refusals(await previewTable(session, nothing, recordedOf(id, state)));
  };

  const report = ({ notices }: Session, id: string, plan: TablePlan) => {
    const text = planText(title(id), plan);
    // The engine shows the change of a single resource itself, but no adoption and no findings.
    const isAdopted = [...plan.rows.values()].some(({ change }) => change.kind === "add" && change.adopted);
    if ((isAdopted || plan.findings.length > 0) && text !== undefined) notices.print(text);
  };

  return {
    inputs: singleInputs(single),
    state: singleState(single),

    async check(session, news, olds) {
      const { id, row, material } = news.declared;
      if (isUnknown(id)) return [];
      if (!isUnknown(row) && !isUnknown(material) && !isDeepStrictEqual(news.declared, olds?.declared)) {
        const context = { now: session.clock.now(), isOther: () => false };
        const finding = findingOfMaterial(id, row, material, context);
        if (finding?.kind === "refuse") return [finding.text];
        if (finding !== undefined) session.notices.add({ subject: id, text: finding.text });
      }
      session.checked.add(title(id));
      const refused = noteDeclared(
        session,
        tableOf(news),
        olds && new Set(isUnknown(olds.declared.id) ? [] : [olds.declared.id]),
      );
      if (refused.length > 0 || olds !== undefined) return refused;
      // The comparison has planned the replacement already.
      if (!isUnknown(row) && session.holders.isReplaced(holdingOf(id, row))) return [];
      const plan = await previewTable(session, tableOf(news));
      report(session, id, plan);
      return refusals(plan);
    },

    async diff(session, id, state, news) {
      if (news.declared.id !== id) {
        const refused = await whyKept(session, id, state);
        if (refused.length > 0) throw new ExpectedError(refused.join("\n\n"));
        return { kind: "replace", because: [single.idInput], deleteFirst: true };
      }
      const same = isDeepStrictEqual(news.bag, state.inputs.bag);
      if (!session.checked.delete(title(id))) return { kind: same ? "same" : "update" };
      const plan = await previewTable(session, tableOf(news), recordedOf(id, state));
      report(session, id, plan);
      const refused = refusals(plan);
      if (refused.length > 0) throw new ExpectedError(refused.join("\n\n"));
      const { materials, profile } = tableOf(news);
      warnOfExpiry(session, new Map([[id, state.record]]), materials);
      if (profile !== tableOf(state.inputs).profile)
        session.notices.add({ subject: id, text: PROFILE_IS_FOR_NEW });
      const row = plan.rows.get(id);
      // The engine itself refuses to replace a protected resource.
      if (row?.change.kind === "replace") {
        session.holders.replace(holdingOf(id, row.change.after));
        return { kind: "replace", because: [...row.change.fields], deleteFirst: true };
      }
      if (!same) return { kind: "update" };
      const differs =
        row !== undefined && (row.steps.length > 0 || row.change.kind !== "same" || row.then !== "as it was");
      return { kind: differs ? "renew" : "same" };
    },

    async create(session, news) {
      return ended(known(news), news, await applyTable(session, tableOf(news)), session.clock.now());
    },

    async read(session, id, state) {
      const records = await refreshTable(session, tableOf(state.inputs), recordedOf(id, state));
      const record = records.get(id);
      if (record?.row === undefined) {
        // The next run retries a row that was never created.
        if (state.record.row === undefined) return { kind: "present", state };
        // A retired device is not created again. The next run records that it is deleted.
        if (record !== undefined && state.record.row.retired !== undefined)
          return { kind: "present", state: { ...state, record } };
        return { kind: "gone" };
      }
      const bag = single.inputsInAccount(state.inputs.bag, record.row);
      const inputs = { ...state.inputs, bag };
      return { kind: "present", state: { ...state, record, inputs }, inputs };
    },

    async update(session, id, state, news) {
      const applied = await applyTable(session, tableOf(news), recordedOf(id, state));
      return ended(id, news, applied, session.clock.now());
    },

    async delete(session, id, state) {
      // The engine does not say whether a program removes the resource or a destroy runs, so both keep a retired device.
      await destroyTable(session, tableOf(state.inputs), recordedOf(id, state), { keepsRetired: true });
    },
  };
}

/** The record of a retired device that the account does not have. */
function retiredNowhere({ declared: { row } }: SingleInputs, now: Date): RowRecord | undefined {
  if (isUnknown(row) || row.retired === undefined) return undefined;
  return { ...EMPTY_RECORD, retiredAt: now.toISOString(), deletedAt: now.toISOString() };
}
