import { isUnknown } from "../../../../engine/unknown.js";
import type { Duration } from "../../../../fleet/duration.js";
import { describeCertificate } from "../../../../pki/certificate.js";
import { keepsPresent } from "../../../../reconcile/plan/credentials/generations.js";
import { note, refuse } from "../../../../reconcile/plan/finding.js";
import type { TableFinding } from "../../../../reconcile/plan/tablePlan.js";
import { certificateOf } from "../../issuers.js";
import type { DeclaredTable } from "../../table.js";
import { idsOf, isSignedHere, type JudgedRow } from "./judgedRow.js";
import { HOUR_MS } from "./validity.js";

export function remainingFindings(
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
  // With a next CA, the end of the present one does not matter.
  const caCertificate = certificateOf(nextCa) ?? (isUnknown(nextCa) ? undefined : certificateOf(ca));
  const caEnd = caCertificate && describeCertificate(caCertificate).notAfter;
  const caEnds = signed.length > 0 && endsBefore(caEnd);
  if (caEnds) {
    findings.push({
      ...refuse(
        `The CA ends at ${caEnd ?? ""}, and the policy wants ${minRemaining.text} to be left. No certificate outlives its CA. ` +
          "Declare another CA as `nextCa`, and rotate the devices.",
      ),
      ids: [],
    });
  }
  const brought = rows.filter((each) => endsBefore(each.brought?.validity?.notAfter));
  if (brought.length > 0) {
    findings.push({
      ...refuse(
        `The certificates that these devices bring have less than ${minRemaining.text} left, which the policy wants. Give the devices new ones.`,
      ),
      ids: idsOf(brought),
    });
  }
  // The finding of the CA has the remedy for certificates that end with it.
  const issued = caEnds ? [] : signed.filter((each) => endsBefore(keptEnd(each)));
  const rotating = issued.filter((each) => isNextLonger(each, endsBefore));
  const ending = issued.filter((each) => !rotating.includes(each));
  if (ending.length > 0) {
    findings.push({
      ...refuse(
        `The certificates of these devices have less than ${minRemaining.text} left, which the policy wants. ` +
          `Declare \`earlyRenewalHours\` of ${minRemaining.hours} or more, or a later generation (\`rotation\`), with \`phase: issue\` first.`,
      ),
      ids: idsOf(ending),
    });
  }
  if (rotating.length > 0) {
    const first = rotating.flatMap(({ record }) => record?.validUntil ?? []).sort()[0] ?? "";
    findings.push({
      ...note(
        `The certificates of these devices have less than ${minRemaining.text} left, which the policy wants. The first ends at ${first}. ` +
          "Their next certificates wait: flash the devices, and activate these before that.",
      ),
      ids: idsOf(rotating),
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

/** Whether a next certificate with enough time left waits for its activation, or is issued by this run. */
function isNextLonger(
  { row, record, gets, next }: JudgedRow,
  endsBefore: (notAfter: string | undefined) => boolean,
): boolean {
  if (gets !== undefined) return false;
  if (next !== undefined) return true;
  return keepsPresent(record?.rotation, row) && !endsBefore(record?.rotation?.next?.validUntil);
}

/** The end of an issued certificate that the device keeps. */
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
