/** A fleet as a program or file declares it. */
import type { DeviceConfig } from "./config.js";
import type { CertificatePolicy } from "./policy.js";
import type { Phase } from "./rotation.js";
import type { FirmwareType } from "./rules.js";
import type { PendingClaim } from "./deviceSpec.js";
import type { CertificateTerm, IssueSettings, NamedCa, CaSubject } from "./caSpec.js";

/** A fleet as a program or file declares it. docs/fleet-file.md is the reference of the format. */
export interface FleetDefinition {
  readonly apiVersion: "nrfcloud.dev/v1";
  readonly kind: "Fleet";
  readonly ca?: CaDefinition;
  /** The CA that is to replace `ca`. It signs for all new keys, and must have a name. */
  readonly nextCa?: CaDefinition;
  readonly certificates?: Partial<IssueSettings>;
  /** How many devices one operation may delete or release: a count, or a share of the fleet such as `5%`. */
  readonly maxDeletes?: number | string;
  /** Rules for certificates. A preview fails if a certificate breaks one. */
  readonly policy?: CertificatePolicy;
  /** The roll-out of devices whose group declares none. */
  readonly rollout?: RolloutDefinition;
  readonly defaults?: DeviceSettings;
  /** Devices that are onboarded before they connect. At least one of `groups`, `jitp` and `claims` is required. */
  readonly groups?: Readonly<Record<string, GroupDefinition>>;
  /** Devices with a certificate of Nordic's CA, which are claimed by their ownership codes. */
  readonly jitp?: Readonly<Record<string, JitpGroupDefinition>>;
  /** nRF91x1 devices, which are claimed by their attestation tokens. `defaults` do not apply to them. */
  readonly claims?: Readonly<Record<string, ClaimGroupDefinition>>;
}

/** Settings that defaults, groups and devices have in common. The innermost level wins; tags add up. */
export interface DeviceSettings {
  readonly subType?: string;
  readonly tags?: readonly string[];
  readonly firmwareTypes?: readonly FirmwareType[];
  /** Display name. `{id}` and `{group}` are replaced by those of the device. */
  readonly name?: string;
  /** Adopt a device that is in the account already: with its certificate (`true`) or with a new one. */
  readonly adopt?: boolean | "recertify";
  /**
   * The desired configuration in the device's shadow. Levels are merged by key, and `null` removes a key of an outer level.
   * Not for secrets.
   */
  readonly config?: DeviceConfig;
  /** A retired device gets the tag `retired`, and is deleted or released after `keepFor`; default `active`. */
  readonly state?: "active" | "retired";
  /** How long a retired device is kept: a number followed by `h`, `d`, `w` or `y`; default `30d`. */
  readonly keepFor?: string;
  /** The generation of its key and certificate that a device is to have. */
  readonly rotation?: RotationDefinition;
}

/** A generation, and the phase of the change to it. */
export interface RotationDefinition {
  /** A whole number from 1. */
  readonly generation: number;
  /** Default `activate`; with a list in `activate`, `issue` for all others. */
  readonly phase?: Phase;
  /** Ids or patterns of devices in phase `activate` while the others are in phase `issue`: `lab-{000..099}`, `lab-*`. */
  readonly activate?: string | readonly string[];
}

/** How many devices a run changes at a time, and after how many failures it stops. Counts, or shares such as `10%`. */
export interface RolloutDefinition {
  /** How many devices change before all others; default: the value of `batch`. One of the two is required. */
  readonly first?: number | string;
  /** How many of the others change together; default: all. */
  readonly batch?: number | string;
  /** The run stops when more devices have failed: a count, or a share of those tried so far; default 0. */
  readonly stopAfter?: number | string;
}

/** Settings that all kinds of groups have in common. */
export interface GroupSettings {
  /** Whether devices of the group must not be deleted, replaced or released; default false. */
  readonly protect?: boolean;
  /** The roll-out of the group's devices; default: that of the fleet. */
  readonly rollout?: RolloutDefinition;
}

/** A CSV file that declares the devices of a group. */
export interface CsvDefinition {
  readonly csv: string;
  /** Columns to ignore, such as a factory's lot or test result. */
  readonly ignoreColumns?: readonly string[];
}

/** A group of devices, declared by exactly one of `ids`, `devices` and `csv`. */
export type GroupDefinition = DeviceSettings &
  GroupSettings &
  (
    | { readonly ids: string | readonly string[] }
    | { readonly devices: readonly (string | DeviceDefinition)[] }
    | CsvDefinition
  );

/** One listed device with at most one of `certificate`, `csr` and `publicKey`. */
export interface DeviceDefinition extends DeviceSettings {
  readonly id: string;
  readonly certificate?: TextDefinition;
  readonly csr?: TextDefinition;
  readonly publicKey?: TextDefinition;
}

/** Settings of JITP groups and devices. Firmware types and new certificates for adopted devices are not possible. */
export interface JitpSettings extends Omit<DeviceSettings, "firmwareTypes" | "adopt" | "rotation"> {
  /** Adopt a device that is in the account already. */
  readonly adopt?: boolean;
}

/** A group of JITP devices, declared by exactly one of `devices` and `csv`. */
export type JitpGroupDefinition = JitpSettings &
  GroupSettings & {
    /** A list of `id,code` lines, for devices whose entries have no code. */
    readonly codes?: SecretDefinition;
    /** Whether nRF Cloud issues the certificates too; default false. */
    readonly certificates?: boolean;
    /** Seconds to wait for the first connection, 0 to 3,600; default 120. */
    readonly wait?: number;
    /** Whether a device that has not connected yet waits for a later run (`allow`) or fails; default `fail`. */
    readonly pending?: PendingClaim;
  } & ({ readonly devices: readonly JitpDeviceDefinition[] } | CsvDefinition);

/** One listed JITP device: its id, or for Nordic's own products its IMEI. */
export type JitpDeviceDefinition = JitpSettings & {
  readonly code?: SecretDefinition;
} & ({ readonly id: string } | { readonly imei: string | number });

/** A group of devices to claim, declared by exactly one of `devices` and `csv`. */
export type ClaimGroupDefinition = GroupSettings & {
  /** Provisioning tags, which select provisioning rules: `nrf-cloud-onboarding`, `location=Trondheim`. */
  readonly tags?: readonly string[];
  /** The desired configuration in the devices' shadows, set once nRF Cloud has onboarded them. */
  readonly config?: DeviceConfig;
  /** Adopt devices that this team has claimed already; default false. */
  readonly adopt?: boolean;
  /** Whether a destroy unclaims the devices, which deletes the onboarded devices and their data too; default false. */
  readonly unclaimOnDestroy?: boolean;
  /** As in `DeviceSettings`. A claim without `unclaimOnDestroy` is never released. */
  readonly state?: "active" | "retired";
  readonly keepFor?: string;
  /** The generation of the key that the devices are to generate. */
  readonly rotation?: KeyRotationDefinition;
} & ({ readonly devices: readonly ClaimedDeviceDefinition[] } | CsvDefinition);

/** The generation of a key that the device generates itself. */
export interface KeyRotationDefinition extends RotationDefinition {
  /** The security tag under which the modems keep the key; default 16842753. */
  readonly securityTag?: number;
}

/** One listed device to claim. */
export interface ClaimedDeviceDefinition {
  /** The device's answer to `AT%ATTESTTOKEN`. */
  readonly token: SecretDefinition;
  /** UUID of the device. Required if the token is in the stack's configuration. */
  readonly uuid?: string;
  /** Added to those of the group. */
  readonly tags?: readonly string[];
  /** Merged by key into that of the group. */
  readonly config?: DeviceConfig;
  /** As in `DeviceSettings`. */
  readonly state?: "active" | "retired";
  readonly keepFor?: string;
  /** Overrides that of the group. */
  readonly rotation?: KeyRotationDefinition;
}

/** A public text, or the file or environment variable that holds it. */
export type TextDefinition = string | { readonly file: string } | { readonly env: string };

/** A reference to a secret: a key of `pulumi config set --secret`, an environment variable or a file. */
export type SecretDefinition =
  { readonly config: string } | { readonly env: string } | { readonly file: string };

/** The signer that has the key of a CA: exactly one of `command` and `pkcs11`. */
export type SignerDefinition = {
  /** The number of concurrent signature requests, 1 to 1,000; default 16. */
  readonly inFlight?: number;
  /** Seconds to wait for a signature, 1 to 3,600; default 60. */
  readonly timeout?: number;
} & (
  | { readonly command: readonly string[] }
  | { readonly pkcs11: { readonly uri: string; readonly module: string; readonly pin?: SecretDefinition } }
);

/** A CA to generate, an existing one from PEM or PKCS#12, or one with a signer that has its key. */
export type CaDefinition = NamedCa &
  (
    | ({ readonly subject: CaSubject } & Partial<CertificateTerm>)
    | {
        readonly certificate: TextDefinition | { readonly config: string };
        readonly privateKey: SecretDefinition;
        /** Decrypts an encrypted private key. */
        readonly password?: SecretDefinition;
        readonly chain?: TextDefinition;
        readonly earlyRenewalHours?: number;
      }
    | {
        readonly certificate: TextDefinition | { readonly config: string };
        readonly signer: SignerDefinition;
        readonly chain?: TextDefinition;
        readonly earlyRenewalHours?: number;
      }
    | {
        readonly pkcs12: SecretDefinition;
        /** Absent: the archive has none. */
        readonly password?: SecretDefinition;
        readonly chain?: TextDefinition;
        readonly earlyRenewalHours?: number;
      }
  );
