import { isUnknown, type Unknowable } from "../../../engine/unknown.js";
import { describeCertificate } from "../../../pki/certificate.js";
import { isSigned } from "../../../reconcile/plan/change.js";
import {
  CA_GOES_BACK,
  CA_LEFT_BEHIND,
  CA_NOT_MOVED,
  CA_OF_OTHERS,
  CA_OF_OWN,
  CA_REPLACED,
  CA_TURNS,
  CSR_LEFT_BEHIND,
  note,
  PREVIOUS_OF_DROPPED_CA,
  refuse,
} from "../../../reconcile/plan/finding.js";
import type { TableFinding, TablePlan } from "../../../reconcile/plan/tablePlan.js";
import { KEPT } from "../../../reconcile/table/packRotation.js";
import type { RowRecord } from "../../../reconcile/table/record.js";
import type { Row } from "../../../reconcile/table/row.js";
import type { SigningCa } from "../../../signers/description.js";
import { issuedWith } from "../../../ways/preconnect/cas.js";
import { certificateOf } from "../issuers.js";
import type { DeclaredTable, RecordedTable } from "../table.js";

type Ca = Unknowable<SigningCa | undefined>;

/**
 * The progress of the rotation of a CA. While both CAs are declared: the devices without a certificate of the next one. After that: what it
 * means for devices that the next CA is the present one now, or is not declared any more.
 */
export function caRotationFindings(
  table: Pick<DeclaredTable, "declared" | "ca" | "nextCa">,
  state: Pick<RecordedTable, "records" | "cas">,
  plan: Pick<TablePlan, "rows">,
): TableFinding[] {
  const findings =
    isUnknown(table.nextCa) || table.nextCa !== undefined
      ? turningFindings(table, state, plan)
      : endedFindings(table, state);
  return findings.filter(({ ids }) => ids.length > 0);
}

function turningFindings(
  { declared, ca, nextCa }: Pick<DeclaredTable, "declared" | "ca" | "nextCa">,
  { records, cas }: Pick<RecordedTable, "records" | "cas">,
  { rows }: Pick<TablePlan, "rows">,
): TableFinding[] {
  const next = idOf(nextCa);
  const ids = (isMeant: (id: string, row: Row) => boolean) =>
    [...declared].flatMap(([id, row]) => (row.retired === undefined && isMeant(id, row) ? [id] : []));
  const signed = ids((_, row) => row.way === "preconnect" && isSigned(row.credential));
  const behind = signed.filter((id) => {
    const isNew = rows.get(id)?.steps.some((step) => "credential" in step && step.credential.kind === "new");
    return isNew !== true && !hasOf(next, records.get(id));
  });
  const bringsCsr = (id: string) => {
    const row = declared.get(id);
    return row?.way === "preconnect" && row.credential.kind === "csr";
  };
  const turning = [
    { ...note(CA_LEFT_BEHIND), ids: behind.filter((id) => !bringsCsr(id)) },
    { ...note(CSR_LEFT_BEHIND), ids: behind.filter(bringsCsr) },
  ];
  // These notes are reported once, when the next CA is new.
  if (next !== undefined && next === idOf(cas.nextCa)) return turning;
  return [
    { ...note(CA_TURNS(titleOf(ca), titleOf(nextCa))), ids: signed },
    ...turning,
    {
      ...note(CA_OF_OWN),
      ids: ids((_, row) => row.way === "preconnect" && row.credential.kind === "certificate"),
    },
    { ...note(CA_OF_OTHERS), ids: ids((_, row) => row.way !== "preconnect") },
  ];
}

function endedFindings(
  { ca }: Pick<DeclaredTable, "ca">,
  { records, cas }: Pick<RecordedTable, "records" | "cas">,
): TableFinding[] {
  const [present, former, next] = [idOf(ca), idOf(cas.ca), idOf(cas.nextCa)];
  if (next === undefined) return [];
  const of = (isMeant: (record: RowRecord) => boolean) =>
    [...records].flatMap(([id, record]) => (isMeant(record) ? [id] : []));
  // The next CA that becomes the present one is known, because it is the same resource.
  if (isUnknown(ca) || (present !== undefined && present !== next && present !== former))
    return [{ ...refuse(CA_NOT_MOVED(titleOf(cas.nextCa))), ids: of((record) => hasOf(next, record)) }];
  if (present === undefined) return [];
  if (present === next && present !== former) {
    return [
      {
        ...note(CA_REPLACED(titleOf(cas.ca), titleOf(ca))),
        ids: of(({ issuedWith: issued }) => issued?.ca === present),
      },
      {
        ...note(PREVIOUS_OF_DROPPED_CA),
        ids: of(({ rotation }) => former !== undefined && rotation?.previous?.issuedWith?.ca === former),
      },
    ];
  }
  if (present === next) return [];
  return [
    {
      ...note(CA_GOES_BACK(titleOf(cas.nextCa))),
      ids: of((record) => hasOf(next, record)),
    },
  ];
}

/** Whether a device has a certificate of a CA, or one is kept for it. */
function hasOf(ca: string | undefined, record: RowRecord | undefined): boolean {
  if (ca === undefined || record === undefined) return false;
  return record.issuedWith?.ca === ca || KEPT.some((kept) => record.rotation?.[kept]?.issuedWith?.ca === ca);
}

/** Identifies a CA in the state. */
function idOf(ca: Ca): string | undefined {
  return issuedWith({ caCertificate: certificateOf(ca), validityDays: 0 })?.ca;
}

/** The name of a CA in messages. */
function titleOf(ca: Ca): string {
  const certificate = certificateOf(ca);
  if (certificate === undefined) return "the next CA";
  const { subject, fingerprint } = describeCertificate(certificate);
  return `${subject.commonName === undefined ? "the CA" : JSON.stringify(subject.commonName)} (${fingerprint.slice(0, 8)})`;
}
