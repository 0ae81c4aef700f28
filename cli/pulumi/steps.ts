import type { Step } from "./events.js";

/** Whether a step changes a resource or a component. */
export function isChange({ op }: Step): boolean {
  return !["same", "read", "refresh"].includes(op);
}

/**
 * The change of the protection of a resource that does not change otherwise, or of a component. The engine does not show the
 * former, and a report does not show the latter.
 */
export function protectionOf({ op, custom, before, after }: Step): "set" | "removed" | undefined {
  if (op !== "same" && custom) return undefined;
  const [was, is] = [before?.protect === true, after?.protect === true];
  if (was === is) return undefined;
  return is ? "set" : "removed";
}

/** Steps that do work. `replace` is not one: it only announces a delete and a create. */
const WORK = ["create", "update", "delete", "create-replacement", "delete-replaced", "import"];

/** Whether a step does work on a resource that a provider manages. */
export function isWork({ op, custom }: Step): boolean {
  return custom && WORK.includes(op);
}

/** Whether a step removes a resource from the state only. */
export function isForgotten({ op, before }: Step): boolean {
  return op === "delete" && before?.retainOnDelete === true;
}
