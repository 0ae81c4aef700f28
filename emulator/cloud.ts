import type { BulkJobs } from "./bulk/jobs.js";
import type { Settings } from "./settings.js";
import type { CredentialRegister } from "./store/credentialRegister.js";
import type { Registry } from "./store/registry.js";

/** Everything the emulated cloud knows; what the routes work on. */
export interface Cloud {
  readonly settings: Settings;
  readonly registry: Registry;
  readonly credentials: CredentialRegister;
  readonly jobs: BulkJobs;
}

/** What the rows of a bulk job and the onboarding of a single device work on. */
export type DeviceStore = Omit<Cloud, "jobs">;
