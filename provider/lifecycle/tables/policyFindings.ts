import { isUnknown } from "../../engine/unknown.js";
import type { Duration } from "../../fleet/duration.js";
import { describeCertificate } from "../../pki/certificate.js";
import { parseCsr } from "../../pki/csr.js";
import { parsePublicKey } from "../../pki/keys.js";
import { isSigned, sameCredential } from "../../reconcile/plan/change.js";
import { refuse } from "../../reconcile/plan/finding.js";
import type { TableFinding, TablePlan } from "../../reconcile/plan/planTable.js";
import type { Step } from "../../reconcile/plan/step.js";
import type { RowRecord } from "../../reconcile/table/record.js";
import type { Row, RowCredential } from "../../reconcile/table/row.js";
import type { Session } from "../session/session.js";
import { certificateOf } from "./issuers.js";
import type { DeclaredTable, RecordedTable } from "./tables.js";

const HOUR_MS = 3_600_000;

/**
 * Where the certificates that a table would have after a plan are not as its policy demands. Rows that were not chosen are left out, as
 * this run can't change them.
 */
export function policyFindings(
  { clock }: Pick<Session, "clock">,
  table: DeclaredTable,
  state: Pick<RecordedTable, "records" | "materials">,
  plan: Pick<TablePlan, "rows">,
): TableFinding[] {
  const { policy } = table;
  if (policy === undefined) return [];
  const rows = judgedRows(table, state, plan);
  return [
    ...validityFindings(table, policy.maxValidity, rows),
    ...remainingFindings(table, policy.minRemaining, rows, clock.now()),
    ...(policy.keyReuse ? [] : keyFindings(table, rows)),
  ];
}

/** A row with what its credential will be. */
interface JudgedRow {
  readonly id: string;
  readonly row: Row;
  readonly record: RowRecord | undefined;
  /** What the device brings (PEM), and what it brought before. */
  readonly material: string | undefined;
  readonly formerMaterial: string | undefined;
  /** What makes the credential that it gets; `undefined` where it keeps what it has. */
  readonly gets: StepOf<"onboard" | "register"> | undefined;
  /** What makes its next credential, which the account does not get yet. */
  readonly next: StepOf<"next"> | undefined;
}

type StepOf<Kind extends Step["kind"]> = Step & { readonly kind: Kind };

function judgedRows(
  { declared, materials, isChosen }: DeclaredTable,
  { records, materials: former }: Pick<RecordedTable, "records" | "materials">,
  { rows }: Pick<TablePlan, "rows">,
): JudgedRow[] {
  return [...declared]
    .filter(([id]) => isChosen(id))
    .map(([id, row]) => {
      const steps = rows.get(id)?.steps ?? [];
      return {
        id,
        row,
        record: records.get(id),
        material: isUnknown(materials) ? undefined : materials.get(id),
        formerMaterial: isUnknown(former) ? undefined : former.get(id),
        gets: steps.find(
          (step): step is NonNullable<JudgedRow["gets"]> =>
            step.kind === "onboard" || step.kind === "register",
        ),
        next: steps.find((step): step is NonNullable<JudgedRow["next"]> => step.kind === "next"),
      };
    });
}

function validityFindings(
  { validityDays }: DeclaredTable,
  maxValidity: Duration | undefined,
  rows: readonly JudgedRow[],
): TableFinding[] {
  if (maxValidity === undefined) return [];
  const most = maxValidity.hours;
  const findings: TableFinding[] = [];
  if (validityDays * 24 > most && rows.some(({ row }) => isSignedHere(row))) {
    const days = Math.floor(most / 24);
    findings.push({
      ...refuse(
        `Certificates would be valid for ${validityDays} days, and the policy allows ${maxValidity.text}. ` +
          (days === 0 ? "Allow a day or more." : `Declare \`validityDays\` of ${days} or less.`),
      ),
      ids: [],
    });
  }
  const long = rows.filter((each) => {
    const brought = broughtCertificate(each);
    return brought !== undefined && hoursBetween(brought.notBefore, brought.notAfter) > most;
  });
  if (long.length > 0) {
    findings.push({
      ...refuse(
        `The certificates that these devices bring are valid for longer than the policy allows (${maxValidity.text}). Have shorter ones issued.`,
      ),
      ids: idsOf(long),
    });
  }
  return findings;
}

function remainingFindings(
  { ca, nextCa, validityDays }: DeclaredTable,
  minRemaining: Duration | undefined,
  rows: readonly JudgedRow[],
  now: Date,
): TableFinding[] {
  if (minRemaining === undefined) return [];
  const least = new Date(now.getTime() + minRemaining.hours * HOUR_MS);
  const endsBefore = (notAfter: string | undefined) =>
    notAfter !== undefined && Date.parse(notAfter) < least.getTime();
  const findings: TableFinding[] = [];
  const signed = rows.filter(({ row }) => isSignedHere(row));
  if (signed.length > 0 && validityDays * 24 < minRemaining.hours) {
    findings.push({
      ...refuse(
        `Certificates would be valid for ${validityDays} days, and the policy wants ${minRemaining.text} to be left at any time. ` +
          "Declare a longer `validityDays`.",
      ),
      ids: [],
    });
  }
  // A CA whose end is near is why another is to take its place.
  const caCertificate = certificateOf(nextCa) ?? (isUnknown(nextCa) ? undefined : certificateOf(ca));
  const caEnd = caCertificate && describeCertificate(caCertificate).notAfter;
  const caEnds = signed.length > 0 && endsBefore(caEnd);
  if (caEnds) {
    findings.push({
      ...refuse(
        `The CA ends at ${caEnd ?? ""}, and the policy wants ${minRemaining.text} to be left. No certificate outlives its CA. ` +
          "Change the subject of the CA, or take over another one.",
      ),
      ids: [],
    });
  }
  const brought = rows.filter((each) => endsBefore(broughtCertificate(each)?.notAfter));
  if (brought.length > 0) {
    findings.push({
      ...refuse(
        `The certificates that these devices bring have less than ${minRemaining.text} left, which the policy wants. Give the devices new ones.`,
      ),
      ids: idsOf(brought),
    });
  }
  // What ends with its CA has the CA's remedy.
  const issued = caEnds ? [] : signed.filter((each) => endsBefore(keptEnd(each)));
  if (issued.length > 0) {
    findings.push({
      ...refuse(
        `The certificates of these devices have less than ${minRemaining.text} left, which the policy wants. ` +
          `Declare \`earlyRenewalHours\` of ${minRemaining.hours} or more, or another \`rotation\`.`,
      ),
      ids: idsOf(issued),
    });
  }
  const justInTime = rows.filter((each) => endsBefore(justInTimeEnd(each)));
  if (justInTime.length > 0) {
    findings.push({
      ...refuse(
        `The certificates from nRF Cloud for these devices have less than ${minRemaining.text} left, which the policy wants. ` +
          "nRF Cloud issues another only for a new device: delete the devices in the portal, and declare other ownership codes.",
      ),
      ids: idsOf(justInTime),
    });
  }
  return findings;
}

function keyFindings({ earlyRenewalHours }: DeclaredTable, rows: readonly JudgedRow[]): TableFinding[] {
  const findings: TableFinding[] = [];
  if (earlyRenewalHours > 0 && rows.some(({ row }) => isSignedHere(row))) {
    findings.push({
      ...refuse(
        "`earlyRenewalHours` renews certificates for the same key, and the policy forbids that (`keyReuse: false`). Remove it, and order " +
          "new keys by another generation (`rotation`).",
      ),
      ids: [],
    });
  }
  const keptKey = rows.filter(keepsKey);
  if (keptKey.length > 0) {
    findings.push({
      ...refuse(
        "These devices would get new certificates for the keys that they have, and the policy forbids that (`keyReuse: false`). Declare " +
          "another generation (`rotation`); for devices that bring a CSR or certificate, give one with a new key.",
      ),
      ids: idsOf(keptKey),
    });
  }
  const shared = sharedKeys(rows);
  if (shared.length > 0) {
    findings.push({
      ...refuse(
        "Some of these devices have the same public key, and the policy forbids that (`keyReuse: false`). Give each device its own key.",
      ),
      ids: shared,
    });
  }
  return findings;
}

/** Whether a row gets another certificate for the key that it has, be it the next one. */
function keepsKey({ row, record, material, formerMaterial, gets: registers, next }: JudgedRow): boolean {
  const gets = registers ?? next;
  if (row.way !== "preconnect" || gets === undefined) return false;
  if (gets.credential.kind === "same key") return true;
  // It was issued when no policy forbade it.
  if (gets.credential.kind === "next")
    return (
      keyOf(record?.certificate) !== undefined &&
      keyOf(record?.certificate) === keyOf(record?.rotation?.next?.certificate)
    );
  const before = record?.row?.way === "preconnect" ? record.row.credential : undefined;
  if (before === undefined || material === undefined) return false;
  // The same certificate, sent again after an interruption, is not another one.
  const isSameOrder = record?.row?.way === "preconnect" && sameCredential(record.row, row);
  const isAnother = gets.credential.kind === "new" || !isSameOrder;
  const formerKey = keyOf(record?.certificate) ?? broughtKey(before.kind, formerMaterial);
  return isAnother && formerKey !== undefined && formerKey === broughtKey(row.credential.kind, material);
}

function keyOf(certificate: string | undefined): string | undefined {
  return certificate && describeCertificate(certificate).publicKeyPem;
}

/** The devices that have a key in common with another. Keys that are generated here differ: only those that devices bring can be shared. */
function sharedKeys(rows: readonly JudgedRow[]): string[] {
  const holders = new Map<string, string[]>();
  const add = (key: string | undefined, id: string) => {
    if (key === undefined) return;
    const ids = holders.get(key);
    if (ids === undefined) holders.set(key, [id]);
    else ids.push(id);
  };
  for (const { id, row, material } of rows)
    if (row.way === "preconnect") add(broughtKey(row.credential.kind, material), id);
  if (holders.size === 0) return [];
  for (const { id, row, record, gets } of rows) {
    const isGenerated = row.way === "preconnect" && row.credential.kind === "issue";
    if (isGenerated && record?.certificate !== undefined && gets?.credential.kind !== "new")
      add(describeCertificate(record.certificate).publicKeyPem, id);
  }
  return [...holders.values()].flatMap((ids) => (ids.length > 1 ? ids : []));
}

/** What can't be read is refused elsewhere. */
function broughtKey(kind: RowCredential["kind"], material: string | undefined): string | undefined {
  if (material === undefined) return undefined;
  try {
    switch (kind) {
      case "csr":
        return parseCsr(material).publicKeyPem;
      case "certificate":
        return describeCertificate(material).publicKeyPem;
      case "publicKey":
        return parsePublicKey(material).publicKeyPem;
      case "issue":
      case "existing":
        return undefined;
    }
  } catch {
    return undefined;
  }
}

function broughtCertificate({ row, material }: JudgedRow) {
  if (row.way !== "preconnect" || row.credential.kind !== "certificate" || material === undefined)
    return undefined;
  return describeCertificate(material);
}

/** When a certificate ends that was issued here, and that the device keeps. */
function keptEnd({ record, gets }: JudgedRow): string | undefined {
  const isNew = gets?.credential.kind === "new" || gets?.credential.kind === "same key";
  if (isNew || record?.outcome.kind === "adopted") return undefined;
  const kind = gets?.credential.kind;
  return kind === "next" || kind === "previous" ? record?.rotation?.[kind]?.validUntil : record?.validUntil;
}

function justInTimeEnd({ row, record }: JudgedRow): string | undefined {
  if (row.way !== "jitp" || !row.issued || record?.certificate === undefined) return undefined;
  return record.validUntil ?? describeCertificate(record.certificate).notAfter;
}

function isSignedHere(row: Row): boolean {
  return row.way === "preconnect" && isSigned(row.credential);
}

function hoursBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / HOUR_MS;
}

function idsOf(rows: readonly JudgedRow[]): string[] {
  return rows.map(({ id }) => id);
}
