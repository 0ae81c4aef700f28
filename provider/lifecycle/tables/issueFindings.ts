import { isUnknown } from "../../engine/unknown.js";
import { describeCertificate } from "../../pki/certificate.js";
import { issueValidity } from "../../pki/issueValidity.js";
import { CLOCK_MARGIN_MS, isoSeconds, outsideOf, validityPeriod } from "../../pki/validity.js";
import { note, refuse } from "../../reconcile/plan/finding.js";
import type { TableFinding, TablePlan } from "../../reconcile/plan/planTable.js";
import type { Cloud, Session } from "../session/session.js";
import type { DeclaredTable } from "./tables.js";

/**
 * Whether the certificates that a plan issues or sends could work: this machine's clock against nRF Cloud's, and the validity of the CA.
 * @param cloud `undefined` in a preview without an API key
 */
export function issueFindings(
  { clock }: Pick<Session, "clock">,
  cloud: Cloud | undefined,
  { ca, validityDays }: Pick<DeclaredTable, "ca" | "validityDays">,
  { rows }: Pick<TablePlan, "rows">,
): TableFinding[] {
  const issued = idsWith(rows, ["new", "same key"]);
  const findings: TableFinding[] = [];
  const now = clock.now();
  const service = cloud?.transport.serverTime() ?? now;
  const { notAfter } = validityPeriod(issueValidity(validityDays, now, service));
  const clocks = `This machine's clock says ${isoSeconds(now)}, nRF Cloud's ${isoSeconds(service)}.`;
  if (issued.length > 0 && notAfter <= service) {
    findings.push({
      ...refuse(
        `${clocks} Certificates of ${validityDays} days would have expired already. Set the clock right.`,
      ),
      ids: issued,
    });
  } else if (Math.abs(now.getTime() - service.getTime()) > CLOCK_MARGIN_MS) {
    const ids = [...issued, ...idsWith(rows, ["brought"])];
    if (ids.length > 0) {
      const begin =
        issued.length === 0
          ? ""
          : " Certificates begin by the earlier of the two, so that devices can connect now.";
      findings.push({
        ...note(`${clocks}${begin} Set the clock right: validity and renewal are judged by it.`),
        ids,
      });
    }
  }
  if (issued.length > 0 && !isUnknown(ca) && ca !== undefined) {
    const outside = outsideOf(describeCertificate(ca.certificatePem), now);
    if (outside !== undefined) {
      findings.push({
        ...refuse(
          `The CA ${outside}, so that it can't sign the certificates of these devices now. Replace the CA by a valid one.`,
        ),
        ids: issued,
      });
    }
  }
  return findings;
}

function idsWith(rows: TablePlan["rows"], sources: readonly string[]): string[] {
  return [...rows].flatMap(([id, { steps }]) =>
    steps.some((step) => "credential" in step && sources.includes(step.credential.kind)) ? [id] : [],
  );
}
