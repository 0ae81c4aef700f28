/** What all parts of a fleet need while they are resolved. */
import type { Report } from "../problems.js";
import type { DeclaredDevices } from "./declaredDevices.js";
import type { FleetIo } from "../sources/io.js";

export interface Context {
  /** The base of relative paths in the definition. */
  readonly folder: string;
  readonly io: FleetIo;
  readonly report: Report;
  readonly declaredDevices: DeclaredDevices;
}
