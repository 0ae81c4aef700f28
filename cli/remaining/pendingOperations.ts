import { idText } from "../fleet/idText.js";
import { nameOf } from "../report/things.js";
import { count } from "../terminal.js";

/**
 * The engine's warning about what an interrupted run had started, which names thousands of URNs and tells to look at each. The
 * provider has looked already.
 * @returns the same in few words; other warnings as they are
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
