import { idText } from "../fleet/idText.js";
import { nameOf } from "../report/things.js";
import { count } from "../terminal.js";

/**
 * Shortens the engine's warning about an interrupted run. It names thousands of URNs and asks the user to check each, which the
 * provider has done already.
 * @returns the short form; other warnings unchanged
 */
export function withoutPendingList(warning: string): string {
  const urns = [...warning.matchAll(/^\s*\* (urn:pulumi:.+), interrupted while \w+$/gm)].flatMap(
    ([, urn]) => urn ?? [],
  );
  if (urns.length === 0) return warning;
  return (
    `An interrupted run was changing ${count(urns.length, "resource")} (${idText(urns.map(nameOf))}). This run resumes what is unfinished. ` +
    "After it, `pulumi refresh --clear-pending-creates` clears the engine's list."
  );
}
