import type { LooseObject } from "../engine/outputs.js";

/** The inputs that are true of a state. */
export function declaredIn({ declared }: LooseObject): LooseObject {
  return typeof declared === "object" && declared !== null ? { ...declared } : {};
}

/** Name of the fleet that declares a resource; `undefined` where it is declared by itself. */
export function fleetIn({ fleet }: LooseObject): string | undefined {
  return typeof fleet === "string" ? fleet : undefined;
}
