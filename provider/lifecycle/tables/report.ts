import { findingText } from "../../reconcile/plan/planText.js";
import type { TableFinding } from "../../reconcile/plan/tablePlan.js";
import type { Session } from "../session/session.js";

export function reportFindings(session: Session, title: string, findings: readonly TableFinding[]): void {
  const lines = findings.map((finding) => `  ${findingText(finding)}`);
  if (lines.length > 0) session.notices.print([`${title}:`, ...lines].join("\n"));
}
