/**
 * The words of a fleet: what a program or file says (`FleetDefinition`) and what it means once defaults, patterns and
 * CSV files are worked in (`Fleet`).
 */
import type { DeviceConfig } from "./config.js";
import type { CertificatePolicy, Policy } from "./policy.js";
import type { Amount } from "./amount.js";
import type { Standing } from "./retired.js";
import type { Lane } from "./rollout.js";
import type { Phase, Rotation } from "./rotation.js";
import type { FirmwareType, Violation } from "./rules.js";

/** A spot in a file; line and column count from 1. */
export interface FilePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Where something of a fleet is written: always as a path (`groups.sensors.tags[1]`), and in which file, unless the
 * fleet came from a program as an object.
 */
export interface Place {
  readonly path: string;
  readonly at?: FilePosition;
}

/** A fleet with every default, pattern, CSV row and template worked in: one entry a device, checked and unique by id. */
export interface Fleet {
  /** The authority that signs issued certificates; absent when every device brings its own credential. */
  readonly ca?: CaSpec;
  /** The authority that is to take its place, and signs for all new keys; it has a name. */
  readonly nextCa?: CaSpec;
  /** Term of the device certificates that the authority issues. */
  readonly certificates: IssueSettings;
  /** In the order in which the definition names them. */
  readonly devices: readonly DeviceSpec[];
  /** Just-in-time devices, in the order in which the definition names them; no id of them is among `devices`. */
  readonly jitp: readonly JitpSpec[];
  /** Devices claimed by attestation tokens, in the order of the definition; no UUID of them is an id of the others. */
  readonly claims: readonly ClaimSpec[];
  /** What certificates must be like; absent where nothing is demanded. */
  readonly policy?: Policy;
  /** How many devices one operation may take out of the account, of those that the fleet had before; absent is no limit. */
  readonly maxDeletes?: Amount;
  /** In which order a run changes the devices: the roll-outs of groups in the order of the definition, then that of the fleet. */
  readonly rollouts: readonly Lane[];
  /** What may turn out to be wrong; absent where there is nothing. */
  readonly remarks?: readonly FleetProblem[];
}

/** One thing wrong: where, what, and how to put it right. */
export interface FleetProblem extends Place, Violation {}

/** How long a certificate lasts and how long before its end it counts as due for renewal. */
export interface CertificateTerm {
  /** Whole days, 1 to 36,500. */
  readonly validityDays: number;
  /** Hours before the end of the validity; 0 is never early. Always less than the validity. */
  readonly earlyRenewalHours: number;
}

/** How device certificates are issued. */
export interface IssueSettings extends CertificateTerm {
  /** What certificates say besides their subject, as in `pki/deviceCertificate.ts`. Of those that are issued from now on. */
  readonly profile?: "rfc5280" | "bare";
}

/** The authority: generated here, an existing one taken over, or one whose key stays where it is. */
export type CaSpec = NamedCa &
  (
    | (CertificateTerm & { readonly kind: "generate"; readonly subject: CaSubject; readonly source: Place })
    | ExistingCaSpec
    | SignerCaSpec
  );

export interface NamedCa {
  /** By which the state keeps it, wherever it stands in the fleet. */
  readonly name?: string;
}

export interface SignerCaSpec {
  readonly kind: "signer";
  readonly certificate: TextSource;
  readonly signer: SignerSpec;
  /** PEM of the certificates above it. */
  readonly chain?: string;
  readonly earlyRenewalHours: number;
  readonly source: Place;
}

/** Who has the key of the authority, and signs. */
export type SignerSpec = {
  /** How many signatures are asked for at a time. */
  readonly inFlight?: number;
  /** Seconds that an answer may take. */
  readonly timeout?: number;
} & (
  | { readonly kind: "command"; readonly command: readonly string[] }
  | {
      readonly kind: "pkcs11";
      readonly uri: string;
      readonly module: string;
      /** Not looked up at load: it is needed only where something is signed. */
      readonly pin?: SecretSource;
    }
);

export type ExistingCaSpec =
  | {
      readonly kind: "pem";
      readonly certificate: TextSource;
      readonly privateKey: SecretSource;
      /** Of a private key that is encrypted. */
      readonly password?: SecretSource;
      /** PEM of the certificates above it. */
      readonly chain?: string;
      readonly earlyRenewalHours: number;
      readonly source: Place;
    }
  | {
      readonly kind: "pkcs12";
      /** From a file the raw archive; from a configuration key or environment variable its base64 text. */
      readonly pkcs12: SecretSource;
      /** Absent: the archive has none. */
      readonly password?: SecretSource;
      /** PEM of the certificates above it. */
      readonly chain?: string;
      readonly earlyRenewalHours: number;
      readonly source: Place;
    };

/** Distinguished name of a generated authority. Lengths are the upper bounds of X.520. */
export interface CaSubject {
  readonly commonName: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
  /** Two capital letters, ISO 3166. */
  readonly country?: string;
  readonly state?: string;
  readonly locality?: string;
  readonly emailAddress?: string;
}

/** Public text (a certificate): read at load, unless it lives in the stack's configuration. */
export type TextSource =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "config"; readonly key: string };

/**
 * Where a secret is kept. Loading checks that a file or variable is there and holds only this reference; whoever needs
 * the secret reads it. A file's path is ready to open (relative to the working directory, no longer to the fleet file).
 */
export type SecretSource =
  | { readonly kind: "config"; readonly key: string }
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string };

/**
 * What to do when the device is in the account already: `no` refuses, `keep` takes it over with the certificate it has,
 * `recertify` takes it over and gives it the one declared here.
 */
export type Adoption = "no" | "keep" | "recertify";

/**
 * How the device proves who it is. PEM texts are single blocks with LF line ends and a final one; their content is not
 * yet parsed. `existing` is a device that is taken over and for which no certificate could be made (there is no `ca`).
 */
export type DeviceCredential =
  | { readonly kind: "issue"; readonly rotation?: Rotation }
  | { readonly kind: "csr"; readonly csr: string; readonly rotation?: Rotation }
  | { readonly kind: "certificate"; readonly certificate: string }
  | { readonly kind: "publicKey"; readonly publicKey: string }
  | { readonly kind: "existing" };

/** One device, complete. */
export interface DeviceSpec {
  readonly deviceId: string;
  readonly group: string;
  readonly subType?: string;
  /** Tags of the defaults, the group and the device, in this order, each once. */
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly FirmwareType[];
  readonly name?: string;
  /** What is desired in its shadow. */
  readonly config?: DeviceConfig;
  readonly adopt: Adoption;
  /** Never to be deleted, replaced or released. */
  readonly protect: boolean;
  /** Whether it is in use; absent where nothing is said. */
  readonly standing?: Standing;
  readonly credential: DeviceCredential;
  /** The line that declares it: list entry, pattern or CSV row. */
  readonly source: Place;
}

/**
 * Where the ownership code of a just-in-time device is kept. What env, file and list yield is checked at load, what a
 * configuration key yields can't be; whoever reads any of them passes it through `parseOwnershipCode` or `codeFromList`.
 */
export type CodeSource =
  | SecretSource
  /** A cell of the factory's CSV, trimmed and checked. A secret, though it stands here. */
  | { readonly kind: "csv"; readonly value: string }
  /** The device's line in a list of codes: `codeFromList(parseCodeList(text of from), deviceId)`. */
  | { readonly kind: "list"; readonly from: SecretSource; readonly deviceId: string };

/** One just-in-time device, complete: claimed by its ownership code (AssociateDevice) after it has first connected. */
export interface JitpSpec {
  /** Of Nordic's own products `nrf-<IMEI>`, with an IMEI whose check digit is right. */
  readonly deviceId: string;
  readonly group: string;
  readonly code: CodeSource;
  /** nRF Cloud issues the certificate too (CreateDeviceCertificate). */
  readonly certificate: boolean;
  readonly subType?: string;
  /** Tags of the defaults, the group and the device, in this order, each once. */
  readonly tags: readonly string[];
  readonly name?: string;
  /** What is desired in its shadow. */
  readonly config?: DeviceConfig;
  readonly adopt: Exclude<Adoption, "recertify">;
  /** Never to be deleted, replaced or released. */
  readonly protect: boolean;
  /** Whether it is in use; absent where nothing is said. */
  readonly standing?: Standing;
  /** How long to wait for the first connect: whole seconds, 0 to 3,600. */
  readonly waitSeconds: number;
  /** What it means when the device has not connected by then. */
  readonly pending: PendingClaim;
  /** The line that declares it: list entry or CSV row. */
  readonly source: Place;
}

/** A claim of a device that has not connected yet: left to be completed later, or an error. */
export type PendingClaim = "allow" | "fail";

/**
 * Where the attestation token of a device is kept. What env, file and CSV yield is checked at load; what a configuration
 * key yields can't be, and may even be the token of another device.
 */
export type TokenSource =
  | SecretSource
  /** A cell of a CSV file, trimmed and checked. A secret, though it stands here. */
  | { readonly kind: "csv"; readonly value: string };

/** One device to claim by its attestation token through the identity service (ClaimDeviceOwnership), complete. */
export interface ClaimSpec {
  /**
   * Lower-case UUID of the device, which is its device id too: from its token, or as declared where the token lives in
   * the stack's configuration.
   */
  readonly uuid: string;
  readonly group: string;
  readonly token: TokenSource;
  /** Fifteen digits, as the CSV file says; nothing depends on it. */
  readonly imei?: string;
  /** Provisioning tags of the group and the device, in this order, each once. */
  readonly tags: readonly string[];
  /** What is desired in its shadow, once nRF Cloud has onboarded it. */
  readonly config?: DeviceConfig;
  /** What to do when this team has claimed the device already. */
  readonly adopt: Exclude<Adoption, "recertify">;
  /** Never to be deleted, replaced or released. */
  readonly protect: boolean;
  /** Whether it is in use; absent where nothing is said. */
  readonly standing?: Standing;
  /** Unclaim when the claim is destroyed, which deletes the onboarded device and its data too. */
  readonly unclaimOnDestroy: boolean;
  /** Which generation of its key the device is to make. */
  readonly rotation?: Rotation;
  /** Where its modem keeps the key. */
  readonly securityTag?: number;
  /** The line that declares it: list entry or CSV row. */
  readonly source: Place;
}

/** A fleet as a program or file writes it. The file format's reference is docs/fleet-file.md. */
export interface FleetDefinition {
  readonly apiVersion: "nrfcloud.dev/v1";
  readonly kind: "Fleet";
  readonly ca?: CaDefinition;
  /** The authority that is to take the place of `ca`. It signs for all new keys, and must have a name. */
  readonly nextCa?: CaDefinition;
  readonly certificates?: Partial<IssueSettings>;
  /** How many devices one operation may take out of the account: a count, or a share of the fleet such as `5%`. */
  readonly maxDeletes?: number | string;
  /** What certificates must be like. A preview that finds another fails. */
  readonly policy?: CertificatePolicy;
  /** In which order a run changes the devices that are in no group with a roll-out of its own. */
  readonly rollout?: RolloutDefinition;
  readonly defaults?: DeviceSettings;
  /** Devices onboarded with a certificate of one's own. At least one of `groups`, `jitp` and `claims` is there. */
  readonly groups?: Readonly<Record<string, GroupDefinition>>;
  /** Devices with a certificate of Nordic's CA, claimed by their ownership codes. */
  readonly jitp?: Readonly<Record<string, JitpGroupDefinition>>;
  /** Devices of the types nRF91x1, claimed by their attestation tokens. `defaults` do not apply to them. */
  readonly claims?: Readonly<Record<string, ClaimGroupDefinition>>;
}

/** What defaults, groups and devices can all say. The nearest wins; tags add up. */
export interface DeviceSettings {
  readonly subType?: string;
  readonly tags?: readonly string[];
  readonly firmwareTypes?: readonly FirmwareType[];
  /** Display name; `{id}` and `{group}` stand for the device's. */
  readonly name?: string;
  /** Take over a device that is in the account already: with its certificate (`true`) or with a new one. */
  readonly adopt?: boolean | "recertify";
  /** What is desired in the device's shadow. Levels are merged by key, and `null` removes a key of a farther level. No place for secrets. */
  readonly config?: DeviceConfig;
  /** A retired device gets the tag `retired`, and is deleted or released after `keepFor`; default `active`. */
  readonly state?: "active" | "retired";
  /** How long a retired device is kept: a number with `h`, `d`, `w` or `y` behind it; default `30d`. */
  readonly keepFor?: string;
  /** Which generation of its key and certificate a device is to have. */
  readonly rotation?: RotationDefinition;
}

/** A generation, and how far the change to it goes. */
export interface RotationDefinition {
  /** A whole number from 1. */
  readonly generation: number;
  /** Default `activate`; with a list in `activate`, `issue` for all others. */
  readonly phase?: Phase;
  /** Ids or patterns of the devices that activate while the others are issued theirs: `lab-{000..099}`, `lab-*`. */
  readonly activate?: string | readonly string[];
}

/** How many devices a run changes at a time, and after how many failures it stops. Counts, or shares such as `10%`. */
export interface RolloutDefinition {
  /** How many devices change before all others; default: as `batch`. One of the two is there. */
  readonly first?: number | string;
  /** How many change together after them; default: all others. */
  readonly batch?: number | string;
  /** The run stops when more have failed: a count, or a share of the devices that it has tried so far; default 0. */
  readonly stopAfter?: number | string;
}

/** What all kinds of groups can say. */
export interface GroupSettings {
  /** No device of the group may be deleted, replaced or released; default false. */
  readonly protect?: boolean;
  /** In which order a run changes the devices of the group; default: that of the fleet. */
  readonly rollout?: RolloutDefinition;
}

/** A CSV file that says which devices belong to a group. */
export interface CsvDefinition {
  readonly csv: string;
  /** Names of its columns that say nothing about devices to nRF Cloud, such as a factory's lot or test result. */
  readonly ignoreColumns?: readonly string[];
}

/** Devices that belong together; exactly one of `ids`, `devices`, `csv` says which. */
export type GroupDefinition = DeviceSettings &
  GroupSettings &
  (
    | { readonly ids: string | readonly string[] }
    | { readonly devices: readonly (string | DeviceDefinition)[] }
    | CsvDefinition
  );

/** One listed device; at most one of `certificate`, `csr`, `publicKey`. */
export interface DeviceDefinition extends DeviceSettings {
  readonly id: string;
  readonly certificate?: TextDefinition;
  readonly csr?: TextDefinition;
  readonly publicKey?: TextDefinition;
}

/** What just-in-time groups and devices can say: no firmware types, and no new certificate for an adopted device. */
export interface JitpSettings extends Omit<DeviceSettings, "firmwareTypes" | "adopt" | "rotation"> {
  /** Take over a device that is in the account already. */
  readonly adopt?: boolean;
}

/** Just-in-time devices that belong together; exactly one of `devices`, `csv` says which. */
export type JitpGroupDefinition = JitpSettings &
  GroupSettings & {
    /** A list of `id,code` lines, for devices that do not bring their codes themselves. */
    readonly codes?: SecretDefinition;
    /** Let nRF Cloud issue the certificates too; default false. */
    readonly certificates?: boolean;
    /** Seconds to wait for the first connect, 0 to 3,600; default 120. */
    readonly wait?: number;
    /** Whether a device may stay unclaimed until it connects; default `fail`. */
    readonly pending?: PendingClaim;
  } & ({ readonly devices: readonly JitpDeviceDefinition[] } | CsvDefinition);

/** One listed just-in-time device: an own id, or the IMEI of a product of Nordic. */
export type JitpDeviceDefinition = JitpSettings & {
  readonly code?: SecretDefinition;
} & ({ readonly id: string } | { readonly imei: string | number });

/** Devices to claim that belong together; exactly one of `devices`, `csv` says which. */
export type ClaimGroupDefinition = GroupSettings & {
  /** Provisioning tags, by which provisioning rules apply: `nrf-cloud-onboarding`, `location=Trondheim`. */
  readonly tags?: readonly string[];
  /** What is desired in the shadows of its devices, once nRF Cloud has onboarded them. */
  readonly config?: DeviceConfig;
  /** Take over devices that this team has claimed already; default false. */
  readonly adopt?: boolean;
  /** Unclaim on destroy, which deletes the onboarded devices and their data too; default false. */
  readonly unclaimOnDestroy?: boolean;
  /** As of other groups. A claim without `unclaimOnDestroy` is kept for ever. */
  readonly state?: "active" | "retired";
  readonly keepFor?: string;
  /** Which generation of their key the devices are to make. */
  readonly rotation?: KeyRotationDefinition;
} & ({ readonly devices: readonly ClaimedDeviceDefinition[] } | CsvDefinition);

/** The generation of a key that the device makes itself. */
export interface KeyRotationDefinition extends RotationDefinition {
  /** The security tag under which the modems keep the key; default 16842753. */
  readonly securityTag?: number;
}

/** One listed device to claim. */
export interface ClaimedDeviceDefinition {
  /** The device's answer to `AT%ATTESTTOKEN`. */
  readonly token: SecretDefinition;
  /** UUID of the device. Required with a token in the stack's configuration, which loading can't read. */
  readonly uuid?: string;
  /** Provisioning tags besides those of the group. */
  readonly tags?: readonly string[];
  /** Merged by key over that of the group. */
  readonly config?: DeviceConfig;
  /** As of other devices. */
  readonly state?: "active" | "retired";
  readonly keepFor?: string;
  /** Instead of that of the group. */
  readonly rotation?: KeyRotationDefinition;
}

/** A public text: itself, or the file or environment variable that holds it. */
export type TextDefinition = string | { readonly file: string } | { readonly env: string };

/** A secret, by reference only: key of `pulumi config set --secret`, environment variable, or file. */
export type SecretDefinition =
  { readonly config: string } | { readonly env: string } | { readonly file: string };

/** Who has the key of an authority: exactly one of `command` and `pkcs11`. */
export type SignerDefinition = {
  /** How many signatures are asked for at a time, 1 to 1,000; default 16. */
  readonly inFlight?: number;
  /** Seconds that an answer may take, 1 to 3,600; default 60. */
  readonly timeout?: number;
} & (
  | { readonly command: readonly string[] }
  | { readonly pkcs11: { readonly uri: string; readonly module: string; readonly pin?: SecretDefinition } }
);

/** The authority to generate, to take over from PEM or PKCS#12, or with a signer that has its key. */
export type CaDefinition = NamedCa &
  (
    | ({ readonly subject: CaSubject } & Partial<CertificateTerm>)
    | {
        readonly certificate: TextDefinition | { readonly config: string };
        readonly privateKey: SecretDefinition;
        /** Of a private key that is encrypted. */
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
