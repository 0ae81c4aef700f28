import { isDeepStrictEqual } from "node:util";
import { ExpectedError } from "../../engine/errors.js";
import { Fields } from "../../engine/fields.js";
import type { LooseObject } from "../../engine/outputs.js";
import type { Outcome, Resource } from "../../engine/resource.js";
import { isUnknown, type Unknowable } from "../../engine/unknown.js";
import { describeCertificate } from "../../pki/certificate.js";
import { keyPem } from "../../pki/pack.js";
import { planText, refusals, type TablePlan } from "../../reconcile/plan/planTable.js";
import {
  bareRotation,
  readIssuedWith,
  readRotation,
  wholeRotation,
} from "../../reconcile/table/packRotation.js";
import {
  EMPTY_RECORD,
  readOutcome,
  type RotationRecord,
  type RowRecord,
} from "../../reconcile/table/record.js";
import { formatRow, parseRow, type Row } from "../../reconcile/table/row.js";
import { rowProblems } from "../../reconcile/table/rowProblems.js";
import { findingOfMaterial } from "../../ways/material.js";
import { warnOfExpiry } from "../expiry.js";
import { PROFILE_IS_FOR_NEW } from "../profile.js";
import { readSigningCa } from "../../signers/description.js";
import { readTerm } from "../issue.js";
import { holdingOf } from "../session/holders.js";
import type { Session } from "../session/session.js";
import { declareTable } from "./inThisRun.js";
import {
  applyTable,
  destroyTable,
  previewTable,
  refreshTable,
  type AppliedTable,
  type DeclaredTable,
  type RecordedTable,
} from "./tables.js";

/** One row as a resource of its own declares it. */
export interface DeclaredRow {
  readonly id: Unknowable<string>;
  readonly row: Unknowable<Row>;
  /** PEM text, ownership code or token. Secret. */
  readonly material: Unknowable<string | undefined>;
}

/** What differs between the resource types of one row. */
export interface SingleType {
  /** Such as `Device`. */
  readonly type: string;
  /** The input that names the device: another one is another resource. */
  readonly idInput: string;
  /** Reads the row; what is wrong is left in `fields.failures`. */
  readonly readRow: (fields: Fields) => DeclaredRow;
  /** The inputs that would declare a row as it was found. */
  readonly inputsInAccount: (inputs: LooseObject, found: Row) => LooseObject;
  /** More outputs, from what is declared. */
  readonly outputs?: (inputs: LooseObject) => LooseObject;
}

export interface SingleInputs {
  /** As the engine has them. */
  readonly bag: LooseObject;
  readonly declared: DeclaredRow;
}

export interface SingleState {
  readonly inputs: SingleInputs;
  readonly record: RowRecord;
  readonly revision: number;
  readonly team: string | undefined;
}

/** Outputs that a state has besides the inputs. */
const OUTPUTS = [
  "line",
  "outcome",
  "failure",
  "keepsName",
  "issuedWith",
  "rotated",
  "nextCertificate",
  "nextPrivateKey",
  "previousCertificate",
  "previousPrivateKey",
  "jobId",
  "revision",
  "team",
  "certificate",
  "privateKey",
  "validUntil",
  "createdAt",
  "retiredAt",
  "deletedAt",
  "pendingConnect",
  "deviceUuid",
  "deviceType",
  "firmwareUuid",
  "imei",
  "claimedAt",
];

/** A device or claim as a separate resource: a table of one row. */
export function singleRow(single: SingleType): Resource<SingleInputs, SingleState, Session> {
  const title = (id: string) => `${single.type} ${id}`;
  const decodeInputs = (fields: Fields): SingleInputs => {
    const bag: LooseObject = Object.fromEntries(fields.keys().map((key) => [key, fields.raw(key)]));
    const declared = single.readRow(fields);
    const { id, row } = declared;
    if (!isUnknown(id) && !isUnknown(row) && fields.failures.length === 0)
      for (const problem of rowProblems(id, row)) fields.fail("", problem);
    return { bag, declared };
  };

  const tableOf = ({ bag, declared }: SingleInputs): DeclaredTable => {
    const { id, row, material } = declared;
    const fields = new Fields(bag);
    const key = isUnknown(id) ? "" : id;
    return {
      title: title(key),
      stack: fields.text("stack") ?? "",
      name: `${single.type} ${key}`,
      declared: isUnknown(row) || isUnknown(id) ? new Map() : new Map([[id, row]]),
      unknown: isUnknown(row) && !isUnknown(id) ? new Set([id]) : new Set(),
      materials:
        isUnknown(material) || isUnknown(id)
          ? new Map()
          : new Map(material === undefined ? [] : [[id, material]]),
      ca: readSigningCa(fields),
      nextCa: undefined,
      journalKey: fields.unknowable("journalKey", () => fields.text("journalKey")),
      ...readTerm(fields.nested("credential") ?? fields),
      maxDeletes: undefined,
      policy: undefined,
      isChosen: () => true,
      lanes: [],
      isDestroyed: false,
    };
  };

  const recordedOf = (id: string, { inputs, record, revision, team }: SingleState): RecordedTable => ({
    revision,
    team,
    records: new Map([[id, record]]),
    materials: new Map(),
    cas: tableOf(inputs),
  });

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

  /** Why another device can't take the place of this one: a retired device is kept for its time. */
  const whyKept = async (session: Session, id: string, state: SingleState): Promise<readonly string[]> => {
    if (state.record.retiredAt === undefined) return [];
    const nothing = { ...tableOf(state.inputs), declared: new Map(), unknown: new Set<string>() };
    return refusals(await previewTable(session, nothing, recordedOf(id, state)));
  };

  const report = ({ notices }: Session, id: string, plan: TablePlan) => {
    const text = planText(title(id), plan);
    // The engine shows what a resource of one row becomes, but not that it is adopted; only what is more than that is told.
    const isAdopted = [...plan.rows.values()].some(({ change }) => change.kind === "add" && change.adopted);
    if ((isAdopted || plan.findings.length > 0) && text !== undefined) notices.print(text);
  };

  return {
    inputs: { decode: decodeInputs, encode: ({ bag }) => bag },
    state: {
      decode(fields) {
        const bag: LooseObject = Object.fromEntries(
          fields
            .keys()
            .filter((key) => !OUTPUTS.includes(key))
            .map((key) => [key, fields.raw(key)]),
        );
        const line = fields.text("line");
        const parsed = line === undefined ? undefined : parseRow(line);
        const failure = fields.text("failure");
        return {
          inputs: { bag, declared: single.readRow(new Fields(bag)) },
          revision: fields.number("revision") ?? 0,
          team: fields.text("team"),
          record: {
            row: parsed?.ok === true ? parsed.row : undefined,
            createdAt: fields.text("createdAt") ?? fields.text("claimedAt"),
            certificate: fields.text("certificate"),
            privateKey: fields.text("privateKey"),
            validUntil: fields.text("validUntil"),
            jobId: fields.text("jobId"),
            keepsName: fields.flag("keepsName") ?? false,
            retiredAt: fields.text("retiredAt"),
            deletedAt: fields.text("deletedAt"),
            issuedWith: readIssuedWith(fields.raw("issuedWith")),
            ...rotationIn(fields),
            outcome:
              failure === undefined
                ? readOutcome(fields.raw("outcome"))
                : { kind: "failed", reason: failure },
          },
        };
      },
      encode({ inputs, record, revision, team }) {
        const { row, createdAt, certificate, privateKey, validUntil, jobId, keepsName, issuedWith } = record;
        const { outcome, rotation, retiredAt, deletedAt } = record;
        const isClaim = row?.way === "attestation";
        return {
          ...inputs.bag,
          ...single.outputs?.(inputs.bag),
          line: row === undefined ? undefined : formatRow(row),
          ...(isClaim ? { claimedAt: createdAt } : { createdAt }),
          certificate,
          privateKey: privateKey === undefined ? undefined : keyPem(privateKey),
          validUntil:
            validUntil ?? (certificate === undefined ? undefined : describeCertificate(certificate).notAfter),
          jobId,
          issuedWith,
          rotated: rotation && bareRotation(rotation),
          nextCertificate: rotation?.next?.certificate,
          nextPrivateKey: rotation?.next?.privateKey && keyPem(rotation.next.privateKey),
          previousCertificate: rotation?.previous?.certificate,
          previousPrivateKey: rotation?.previous?.privateKey && keyPem(rotation.previous.privateKey),
          keepsName: keepsName ? true : undefined,
          retiredAt,
          deletedAt,
          outcome: outcome.kind === "done" || outcome.kind === "failed" ? undefined : outcome,
          failure: outcome.kind === "failed" ? outcome.reason : undefined,
          pendingConnect: outcome.kind === "waiting" ? true : undefined,
          revision,
          team,
        };
      },
    },

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
      const refused = declareTable(
        session,
        tableOf(news),
        olds && new Set(isUnknown(olds.declared.id) ? [] : [olds.declared.id]),
      );
      if (refused.length > 0 || olds !== undefined) return refused;
      // The comparison has planned it already, with what the state has.
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
      // The engine sees to it that a protected resource is not replaced.
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
        // A row that was never created is left to the next run, which retries it.
        if (state.record.row === undefined) return { kind: "present", state };
        // A retired device is not created again: the next run records that it is gone.
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
      // The engine deletes alike what the program no longer has and what a destroy takes, so a retired device is kept in both.
      await destroyTable(session, tableOf(state.inputs), recordedOf(id, state), { keepsRetired: true });
    },
  };
}

/** What a state has of a device that is retired, and that the account does not have. */
function retiredNowhere({ declared: { row } }: SingleInputs, now: Date): RowRecord | undefined {
  if (isUnknown(row) || row.retired === undefined) return undefined;
  return { ...EMPTY_RECORD, retiredAt: now.toISOString(), deletedAt: now.toISOString() };
}

function known({ declared }: SingleInputs): string {
  if (isUnknown(declared.id)) throw new ExpectedError("The id of the device must be known.");
  return declared.id;
}

function rotationIn(fields: Fields): { readonly rotation?: RotationRecord } {
  const bare = readRotation(fields.raw("rotated"));
  if (bare === undefined) return {};
  return {
    rotation: wholeRotation(bare, (kept) => ({
      certificate: fields.text(`${kept}Certificate`),
      privateKey: fields.text(`${kept}PrivateKey`),
    })),
  };
}
