import type { LooseObject } from "../engine/outputs.js";

/** The inputs that are true of a state. */
export function declaredIn({ declared }: LooseObject): LooseObject {
  return typeof declared === "object" && declared !== null ? { ...declared } : {};
}
