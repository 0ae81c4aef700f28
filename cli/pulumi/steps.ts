import type { Step } from "./events.js";

/** Whether anything is other than before after a step, be it a resource or a component. */
export function isChange({ op }: Step): boolean {
  return !["same", "read", "refresh"].includes(op);
}

/**
 * What becomes of the protection of what otherwise stays as it is, or is a component. The engine shows nothing of the former,
 * and a report nothing of the latter.
 */
export function protectionOf({ op, custom, before, after }: Step): "set" | "taken off" | undefined {
  if (op !== "same" && custom) return undefined;
  const [was, is] = [before?.protect === true, after?.protect === true];
  if (was === is) return undefined;
  return is ? "set" : "taken off";
}

/** Steps that do something, of which `replace` is only the name for a delete and a create. */
const WORK = ["create", "update", "delete", "create-replacement", "delete-replaced", "import"];

/** Whether a step does something to a resource that a provider manages. */
export function isWork({ op, custom }: Step): boolean {
  return custom && WORK.includes(op);
}

/** Whether it takes a resource out of the state, and leaves what it stands for where it is. */
export function isForgotten({ op, before }: Step): boolean {
  return op === "delete" && before?.retainOnDelete === true;
}
