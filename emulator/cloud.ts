import type { BulkJobs } from "./bulk/jobs.js";
import type { Faults } from "./faults/faults.js";
import type { IdentityStore } from "./identity/identityStore.js";
import type { JitpRegistrations } from "./jitp/registrations.js";
import type { Broker } from "./mqtt/broker.js";
import type { Authority } from "./pki/authority.js";
import type { Settings } from "./settings.js";
import type { CredentialRegister } from "./store/credentialRegister.js";
import type { StoreEvents } from "./store/events.js";
import type { JitpRegister } from "./store/jitpRegister.js";
import type { Registry } from "./store/registry.js";

/** The whole content of the emulated cloud, on which the routes work. */
export interface Cloud {
  readonly settings: Settings;
  readonly registry: Registry;
  readonly credentials: CredentialRegister;
  readonly jitp: JitpRegister;
  readonly events: StoreEvents;
  readonly identity: IdentityStore;
  readonly jobs: BulkJobs;
  readonly authority: Authority;
  readonly registrations: JitpRegistrations;
  readonly faults: Faults;
  /** Undefined if the emulator runs without MQTT. */
  readonly broker: Broker | undefined;
}

/** What the rows of bulk jobs work on. */
export type RowStore = Pick<Cloud, "settings" | "registry" | "credentials" | "identity">;

/** What the onboarding of a device works on. */
export type DeviceStore = Pick<Cloud, "settings" | "registry" | "credentials">;

/** What just-in-time registration, association and the broker work on. */
export type ThingStore = Pick<Cloud, "settings" | "registry" | "credentials" | "jitp" | "events">;
