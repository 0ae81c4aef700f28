import type { Duration } from "../../../../fleet/duration.js";
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
  return findings;
}

function hoursBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / HOUR_MS;
}
