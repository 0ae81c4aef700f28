/** What everything that resolves a part of a fleet works with. */
import type { Report } from "./problems.js";
import type { DeclaredDevices } from "./declaredDevices.js";
import type { FleetIo } from "./sources.js";

export interface Context {
  /** Where relative paths of the definition start. */
  readonly folder: string;
  readonly io: FleetIo;
  readonly report: Report;
  readonly declaredDevices: DeclaredDevices;
}
