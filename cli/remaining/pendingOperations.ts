import { idText } from "../fleet/idText.js";
import { nameOf } from "../report/things.js";
import { count } from "../terminal.js";

/**
 * The engine's warning about what an interrupted run had begun, which names thousands of URNs and tells to look at each. The
 * provider has looked already.
 * @returns the same in few words; other warnings as they are
 */
export function withoutPendingList(warning: string): string {
  const urns = [...warning.matchAll(/^\s*\* (urn:pulumi:.+), interrupted while \w+$/gm)].flatMap(
    ([, urn]) => urn ?? [],
  );
  if (urns.length === 0) return warning;
  return (
    `An earlier run was interrupted in the middle of ${count(urns.length, "resource")} (${idText(urns.map(nameOf))}). What it left half done ` +
    "is recognised and taken up. Once everything is done, `pulumi refresh --clear-pending-creates` takes them off the engine's list."
  );
}
