import { ExpectedError } from "../../engine/errors.js";
import type { Fields } from "../../engine/fields.js";
import type { LooseObject } from "../../engine/outputs.js";
import { foldIds } from "../../fleet/foldIds.js";
import { parseIdPattern } from "../../fleet/idPattern.js";
import { packCertificates, packKeys, unpackCertificates, unpackKeys } from "../../pki/pack.js";
import { packRecords, unpackRecords } from "./packRecords.js";
import { KEPT, keptUnder, wholeRotation } from "./packRotation.js";
import type { RowRecord, Records } from "./record.js";
import type { Row } from "./row.js";
import { readSetInputs, setInputsCodec, type SetInputs } from "./table.js";

/** The state of a table. */
export interface SetState {
  /** The inputs of the last run, except for the rows: those are as they are in the account. */
  readonly inputs: SetInputs;
  /** Digest of the inputs of the last run. */
  readonly declared: string;
  /** Grows with each operation. */
  readonly revision: number;
  /** Tenant id of the team. */
  readonly team: string | undefined;
  readonly records: Records;
  /** The rows that the last run did not attempt, because its roll-out stopped. */
  readonly notAttempted: readonly string[];
  /** Root of nRF Cloud's MQTT server (PEM), where nRF Cloud issued certificates. */
  readonly serverCa: string | undefined;
}

/** Reads a state that this provider wrote. */
export function decodeSetState(fields: Fields): SetState {
  const revision = fields.number("revision");
  if (revision === undefined) {
    throw new ExpectedError(
      "This provider did not write the state of this DeviceSet. Restore an earlier state (`pulumi stack export --version`).",
    );
  }
  const inputs = readSetInputs(fields);
  const certificates = unpackCertificates(fields.text("certificates") ?? "");
  const keys = unpackKeys(fields.text("privateKeys") ?? "");
  const keptCertificates = unpackCertificates(fields.text("keptCertificates") ?? "");
  const keptKeys = unpackKeys(fields.text("keptKeys") ?? "");
  const records = new Map<string, RowRecord>();
  const others = unpackRecords(fields.text("records") ?? "");
  const failed = fields.nested("failed");
  for (const id of new Set([...inputs.devices.keys(), ...others.keys()])) {
    const reason = failed?.text(id);
    const other = others.get(id);
    records.set(id, {
      row: inputs.devices.get(id),
      createdAt: other?.createdAt,
      validUntil: other?.validUntil,
      jobId: other?.jobId,
      keepsName: other?.keepsName ?? false,
      issuedWith: other?.issuedWith,
      ...(other?.retiredAt === undefined ? {} : { retiredAt: other.retiredAt }),
      ...(other?.deletedAt === undefined ? {} : { deletedAt: other.deletedAt }),
      ...(other?.rotation === undefined
        ? {}
        : {
            rotation: wholeRotation(other.rotation, (kept) => ({
              certificate: keptCertificates.get(keptUnder(id, kept)),
              privateKey: keptKeys.raw(keptUnder(id, kept)),
            })),
          }),
      certificate: certificates.get(id),
      privateKey: keys.raw(id),
      outcome: reason === undefined ? (other?.outcome ?? { kind: "done" }) : { kind: "failed", reason },
    });
  }
  return {
    inputs,
    declared: fields.text("declared") ?? "",
    revision,
    team: fields.text("team"),
    records,
    notAttempted: (fields.texts("notAttempted") ?? []).flatMap(idsOf),
    serverCa: fields.text("serverCa"),
  };
}

/** The state has patterns of ids, because a stopped roll-out may leave thousands. */
function idsOf(folded: string): readonly string[] {
  const parsed = parseIdPattern(folded);
  return parsed.ok ? [...parsed.pattern.ids()] : [folded];
}

/** Encodes a state: the rows as lines, credentials in a few packed texts. */
export function encodeSetState(state: SetState): LooseObject {
  const { inputs } = state;
  // In a fixed order, so that the same state has the same text: the engine gives maps back in another order.
  const records = new Map([...state.records].sort(([one], [other]) => (one < other ? -1 : 1)));
  const devices = new Map<string, Row>();
  const certificates = new Map<string, string>();
  const keys = new Map<string, string>();
  const keptCertificates = new Map<string, string>();
  const keptKeys = new Map<string, string>();
  const failed = new Map<string, string>();
  const waiting: string[] = [];
  for (const [id, { row, certificate, privateKey, rotation, outcome }] of records) {
    if (row !== undefined) devices.set(id, row);
    if (certificate !== undefined) certificates.set(id, certificate);
    if (privateKey !== undefined) keys.set(id, privateKey);
    if (outcome.kind === "failed") failed.set(id, outcome.reason);
    if (outcome.kind === "waiting" || outcome.kind === "renewing") waiting.push(id);
    for (const kept of KEPT) {
      const credential = rotation?.[kept];
      if (credential === undefined) continue;
      keptCertificates.set(keptUnder(id, kept), credential.certificate);
      if (credential.privateKey !== undefined) keptKeys.set(keptUnder(id, kept), credential.privateKey);
    }
  }
  return {
    ...setInputsCodec.encode({ ...inputs, devices }),
    declared: state.declared,
    revision: state.revision,
    team: state.team,
    records: packRecords(records),
    certificates: packCertificates(certificates),
    privateKeys: packKeys(keys),
    ...(keptCertificates.size === 0
      ? { keptCertificates: undefined, keptKeys: undefined }
      : { keptCertificates: packCertificates(keptCertificates), keptKeys: packKeys(keptKeys) }),
    failed: failed.size === 0 ? undefined : Object.fromEntries(failed),
    waiting: waiting.length === 0 ? undefined : waiting,
    notAttempted: state.notAttempted.length === 0 ? undefined : foldIds(state.notAttempted),
    serverCa: state.serverCa,
  };
}
