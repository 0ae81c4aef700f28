import { entry, textEntry } from "../json.js";
import type { Step } from "./events.js";

/** Whether anything is other than before after a step, be it a resource or a component. */
export function isChange({ op }: Step): boolean {
  return !["same", "read", "refresh"].includes(op);
}

/** Steps that do something, of which `replace` is only the name for a delete and a create. */
const WORK = ["create", "update", "delete", "create-replacement", "delete-replaced", "import"];

/** Whether a step does something to a resource that a provider manages: not a component, nor a provider itself. */
export function isWork({ op, type, metadata }: Step): boolean {
  const custom = [entry(metadata, "old"), entry(metadata, "new")].some(
    (state) => entry(state, "custom") === true,
  );
  return custom && !type.startsWith("pulumi:") && WORK.includes(op);
}

/** What a resource is called by people: the id of its device where it has one, otherwise its name. */
export function subjectOf({ metadata, name }: Step): string {
  for (const state of [entry(metadata, "new"), entry(metadata, "old")]) {
    const deviceId = textEntry(entry(state, "inputs"), "deviceId");
    if (deviceId !== undefined) return deviceId;
  }
  return name;
}

/** Whether deleting it leaves what it stands for where it is. */
export function isRetained({ metadata }: Step): boolean {
  return entry(entry(metadata, "old"), "retainOnDelete") === true;
}

/** Whether a claim is still to be made, because its device has not connected. */
export function isPending({ metadata }: Step): boolean {
  return entry(entry(entry(metadata, "new"), "outputs"), "pendingConnect") === true;
}
