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
  /** `undefined` if the emulator runs without MQTT. */
  readonly broker: Broker | undefined;
}

/** The part of the state that bulk jobs change. */
export type RowStore = Pick<Cloud, "settings" | "registry" | "credentials" | "identity">;

/** The part of the state that onboarding changes. */
export type DeviceStore = Pick<Cloud, "settings" | "registry" | "credentials">;

/** The part of the state for just-in-time registration, association and the broker. */
export type ThingStore = Pick<Cloud, "settings" | "registry" | "credentials" | "jitp" | "events">;
