import { describeCertificate } from "../../../../pki/certificate.js";
import type { Duration } from "../../../../fleet/duration.js";
import { keepsPresent } from "../../../../reconcile/plan/credentials/generations.js";
import { refuse } from "../../../../reconcile/plan/finding.js";
import type { TableFinding } from "../../../../reconcile/plan/tablePlan.js";
import type { DeclaredTable } from "../../table.js";
import { idsOf, isSignedHere, type JudgedRow } from "./judgedRow.js";

export const HOUR_MS = 3_600_000;

export function validityFindings(
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
  const long = rows.filter(({ brought }) => {
    const validity = brought?.validity;
    return validity !== undefined && hoursBetween(validity.notBefore, validity.notAfter) > most;
  });
  if (long.length > 0) {
    findings.push({
      ...refuse(
        `The certificates that these devices bring are valid for longer than the policy allows (${maxValidity.text}). Have shorter ones issued.`,
      ),
      ids: idsOf(long),
    });
  }
  const kept = rows.filter((each) => (keptValidity(each, most) ?? 0) > most);
  if (kept.length > 0) {
    findings.push({
      ...refuse(
        `The kept certificates of these devices were issued for longer than the policy allows (${maxValidity.text}). Declare a later ` +
          "generation (`rotation`), with `phase: issue` first.",
      ),
      ids: idsOf(kept),
    });
  }
  return findings;
}

/** How long a certificate is valid that is activated unchanged, also one of an earlier run: hours. A certificate with a shorter order is not read. */
function keptValidity(each: JudgedRow, most: number): number | undefined {
  const { certificate, issuedWith } = activatedIn(each) ?? {};
  if (certificate === undefined || issuedWith === undefined || issuedWith.validityDays * 24 <= most)
    return undefined;
  const { notBefore, notAfter } = describeCertificate(certificate);
  return hoursBetween(notBefore, notAfter);
}

function activatedIn({ row, record, gets, next }: JudgedRow) {
  const kind = gets?.credential.kind;
  if (kind === "next" || kind === "previous") return record?.rotation?.[kind];
  // The plan replaces it.
  const isReplaced = gets !== undefined || next !== undefined || keepsPresent(record?.rotation, row);
  return isReplaced || record?.issuedWith?.activatedFor === undefined ? undefined : record;
}

function hoursBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / HOUR_MS;
}
