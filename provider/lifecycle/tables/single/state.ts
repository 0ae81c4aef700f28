import type { Fields } from "../../../engine/fields.js";
import type { LooseObject } from "../../../engine/outputs.js";
import type { Codec } from "../../../engine/resource.js";
import { describeCertificate } from "../../../pki/certificate.js";
import { keyPem } from "../../../pki/pack.js";
import { formatRow } from "../../../reconcile/table/formatRow.js";
import {
  bareRotation,
  readIssuedWith,
  readRotation,
  wholeRotation,
} from "../../../reconcile/table/packRotation.js";
import { parseRow } from "../../../reconcile/table/parseRow.js";
import { readOutcome, type RotationRecord, type RowRecord } from "../../../reconcile/table/record.js";
import { readInputs, type SingleInputs, type SingleType } from "./inputs.js";

export interface SingleState {
  readonly inputs: SingleInputs;
  readonly record: RowRecord;
  readonly revision: number;
  readonly team: string | undefined;
}

/** The keys of a state that are not inputs. */
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

export function singleState(single: SingleType): Codec<SingleState> {
  return {
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
        inputs: readInputs(single, bag),
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
            failure === undefined ? readOutcome(fields.raw("outcome")) : { kind: "failed", reason: failure },
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
  };
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
