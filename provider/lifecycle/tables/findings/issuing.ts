import { describeCertificate } from "../../../pki/certificate.js";
import { issueValidity } from "../../../pki/issueValidity.js";
import { CLOCK_MARGIN_MS, isoSeconds, outsideOf, validityPeriod } from "../../../pki/validity.js";
import { note, refuse } from "../../../reconcile/plan/finding.js";
import type { TableFinding, TablePlan } from "../../../reconcile/plan/tablePlan.js";
import type { Cloud, Session } from "../../session/session.js";
import { issuersIn } from "../issuers.js";
import type { DeclaredTable, RecordedTable } from "../table.js";

/**
 * Checks what the certificates of a plan need: this machine's clock against nRF Cloud's, the validity of the CA, and its signer.
 * @param cloud `undefined` in a preview without an API key
 */
export function issueFindings(
  { clock, signers }: Pick<Session, "clock" | "signers">,
  cloud: Cloud | undefined,
  table: Pick<DeclaredTable, "ca" | "nextCa" | "validityDays">,
  state: Pick<RecordedTable, "records">,
  plan: Pick<TablePlan, "rows">,
): TableFinding[] {
  const { validityDays } = table;
  const { rows } = plan;
  const issued = issuedIds(plan);
  const findings: TableFinding[] = [];
  const now = clock.now();
  const service = cloud?.transport.serverTime() ?? now;
  const { notAfter } = validityPeriod(issueValidity(validityDays, now, service));
  const clocks = `This machine's clock says ${isoSeconds(now)}, nRF Cloud's ${isoSeconds(service)}.`;
  if (issued.length > 0 && notAfter <= service) {
    findings.push({
      ...refuse(
        `${clocks} Certificates that are valid for ${validityDays} days would have expired already. Correct the clock.`,
      ),
      ids: issued,
    });
  } else if (Math.abs(now.getTime() - service.getTime()) > CLOCK_MARGIN_MS) {
    const ids = [...issued, ...idsWith(rows, ["brought"])];
    if (ids.length > 0) {
      const begin =
        issued.length === 0
          ? ""
          : " Certificates start at the earlier of the two times, so that devices can connect now.";
      findings.push({
        ...note(`${clocks}${begin} Correct the clock: validity and renewal depend on it.`),
        ids,
      });
    }
  }
  for (const { ca, ids } of issuersIn(table, state, plan)) {
    const outside = outsideOf(describeCertificate(ca.certificatePem), now);
    if (outside !== undefined) {
      findings.push({
        ...refuse(
          `The CA ${outside}, so it can't sign certificates for these devices now. Replace it by a valid CA.`,
        ),
        ids,
      });
    }
    const cannot = ca.key.kind === "outside" ? signers.problem(ca.key.signer) : undefined;
    if (cannot !== undefined) findings.push({ ...refuse(cannot), ids });
  }
  return findings;
}

/** The devices for which a plan issues certificates. */
function issuedIds({ rows }: Pick<TablePlan, "rows">): string[] {
  return idsWith(rows, ["new", "same key"]);
}

function idsWith(rows: TablePlan["rows"], sources: readonly string[]): string[] {
  return [...rows].flatMap(([id, { steps }]) =>
    steps.some((step) => "credential" in step && sources.includes(step.credential.kind)) ? [id] : [],
  );
}
