import { WILL_FAIL } from "../../provider/reconcile/plan/finding.js";
import { joinLines } from "../remaining/notices.js";
import type { Failure } from "./report.js";

/** What nRF Cloud will refuse of an apply. The provider reports it in a preview that succeeds. */
export function refusalsIn(remarks: readonly string[]): readonly Failure[] {
  return joinLines(remarks).flatMap((remark) => {
    const [heading = "", ...lines] = remark.split("\n");
    const resource = heading.replace(/:$/, "");
    return lines.flatMap((line) => {
      const text = line.trim();
      return text.startsWith(WILL_FAIL) ? [{ resource, message: text.slice(WILL_FAIL.length).trim() }] : [];
    });
  });
}

/** The line of the preview that reports a refusal. */
export function refusalLine({ message }: Failure): string {
  return `${WILL_FAIL} ${message}`;
}
