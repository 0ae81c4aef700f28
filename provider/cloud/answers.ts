import Ajv, { type ErrorObject } from "ajv";
import schema from "../../schema/api/answers.schema.json";

/** The answer of `GET /account`. Like all types here, it has only what the provider uses. */
export interface Account {
  readonly team: { readonly tenantId: string; readonly name?: string };
  /** Role of the key: `owner`, `admin`, `editor` or `viewer`. */
  readonly role?: string;
  /** Device groups of the key. A key with a role below admin only sees devices with one of these tags, or without tags. */
  readonly tags?: readonly string[];
  /** The limits of the plan; `devices` is for the whole account. */
  readonly plan?: { readonly limits?: { readonly devices?: number } };
  /** Host of the MQTT server. */
  readonly mqttEndpoint?: string;
  /** Its port. Only an emulator sends it; nRF Cloud always uses 8883. */
  readonly mqttPort?: number;
}

/** A device in the answers of FetchDevice and ListDevices. */
export interface CloudDevice {
  readonly id: string;
  readonly name?: string;
  /** `Generic`, `Gateway` or `BLE`. */
  readonly type?: string;
  readonly subType?: string;
  readonly tags?: readonly string[];
  readonly firmware?: { readonly supports?: readonly string[] };
  readonly $meta?: { readonly createdAt?: string; readonly version?: number };
  /** The shadow; in lists only on request. */
  readonly state?: {
    readonly desired?: Readonly<Record<string, unknown>>;
    readonly reported?: Readonly<Record<string, unknown>>;
    readonly version?: number;
    /** When each value was last set: a tree like the shadow, with `timestamp` (epoch seconds) instead of values. */
    readonly metadata?: { readonly reported?: Readonly<Record<string, unknown>> };
  };
}

export interface DevicePage {
  readonly items: readonly CloudDevice[];
  readonly pageNextToken?: string;
}

export interface BulkAccepted {
  readonly bulkOpsRequestId: string;
}

export interface BulkJob extends BulkJobFiles {
  readonly bulkOpsRequestId: string;
  readonly status: "PENDING" | "IN_PROGRESS" | "FAILED" | "SUCCEEDED";
}

/** When a job ran, and where its files are. */
export interface BulkJobFiles {
  readonly endpoint?: string;
  /** By the service's clock (ISO 8601). */
  readonly requestedAt?: string;
  /** Absent until the job has ended. */
  readonly completedAt?: string;
  /** The URL of its rows. */
  readonly uploadedDataUrl?: string;
  /** The URL of the list of failed rows; absent without failures. */
  readonly errorSummaryUrl?: string;
}

/** Bulk jobs of the team. */
export interface BulkJobPage {
  readonly items: readonly (BulkJobFiles & {
    readonly bulkOpsRequestId: string;
    readonly status?: string;
  })[];
  readonly pageNextToken?: string;
}

/** Answer of CreateDeviceCertificate. */
export interface JitpCredentials {
  readonly clientId: string;
  /** Root of nRF Cloud's MQTT server (PEM). */
  readonly caCert: string;
  /** The device's certificate and Nordic's intermediate CA, one after the other (PEM). */
  readonly clientCert: string;
  /** Secret. nRF Cloud sends it only once. */
  readonly privateKey: string;
}

/** A device in the Identity and Provisioning service. Its id is its UUID. */
export interface ClaimedDevice {
  readonly id: string;
  readonly imei?: string;
  /** Such as `READY`. */
  readonly status?: string;
  readonly claimedAt?: string;
  readonly tags?: readonly string[];
}

export interface ClaimedDevicePage {
  readonly items: readonly ClaimedDevice[];
  readonly pageNextToken?: string;
}

export interface ProvisioningCommand {
  readonly id: string;
  /** `PENDING`, `IN_PROGRESS`, then its result. */
  readonly status?: string;
  readonly description?: string;
  /** The device's answer. Its form is not documented. */
  readonly response?: unknown;
}

export interface ProvisioningCommandPage {
  readonly items: readonly ProvisioningCommand[];
  readonly pageNextToken?: string;
}

/** Answer of a bulk claim, at least one of the two. The shape of what failed is not documented. */
export interface BulkClaim {
  readonly claimedIds?: readonly string[];
  readonly failed?: readonly unknown[];
}

/** A provisioning rule. */
export interface ProvisioningRule {
  readonly id: string;
  readonly name: string;
}

/** A provisioning rule in a list. Only name and tags are documented there; the other fields may be absent or have any form. */
export interface ListedRule {
  readonly id?: string;
  readonly name: string;
  readonly tags?: readonly string[];
  readonly description?: unknown;
  readonly active?: unknown;
  readonly commands?: unknown;
}

export interface ProvisioningRulePage {
  readonly items: readonly ListedRule[];
  readonly pageNextToken?: string;
}

export interface ErrorBody {
  readonly code: number;
  readonly message?: string;
}

/** The refusal of a call with an organization's token. */
export interface OrganizationErrorBody {
  readonly message: string;
  /** A list of details. */
  readonly cause?: unknown;
}

/** The state of a creation of devices through the organization API. */
export interface DeviceCreation {
  readonly status: string;
  /** The devices that failed. Its form is not documented. */
  readonly errorSummary?: unknown;
}

// A test validates the schema itself.
const ajv = new Ajv({ validateSchema: false }).addSchema(schema);

/** Checks the form of an answer. */
export interface Checker<T> {
  (answer: unknown): answer is T;
  /** The problems of the answer that was checked last. */
  readonly errors?: readonly ErrorObject[] | null;
}

/** A schema is compiled when it is first used, since an operation needs only a few of them. */
function checker<T>(definition: keyof typeof schema.definitions): Checker<T> {
  const check = (answer: unknown): answer is T =>
    ajv.validate<T>(`${schema.$id}#/definitions/${definition}`, answer);
  return Object.defineProperty<Checker<T>>(check, "errors", { get: () => ajv.errors });
}

export const isAccount = checker<Account>("account");
export const isDevice = checker<CloudDevice>("device");
export const isDevicePage = checker<DevicePage>("devicePage");
export const isBulkAccepted = checker<BulkAccepted>("bulkAccepted");
export const isBulkJob = checker<BulkJob>("bulkJob");
export const isBulkJobPage = checker<BulkJobPage>("bulkJobPage");
export const isJitpCredentials = checker<JitpCredentials>("jitpCredentials");
export const isClaimedDevice = checker<ClaimedDevice>("claimedDevice");
export const isClaimedDevicePage = checker<ClaimedDevicePage>("claimedDevicePage");
export const isProvisioningCommand = checker<ProvisioningCommand>("provisioningCommand");
export const isProvisioningCommandPage = checker<ProvisioningCommandPage>("provisioningCommandPage");
export const isBulkClaim = checker<BulkClaim>("bulkClaim");
export const isProvisioningRule = checker<ProvisioningRule>("provisioningRule");
export const isProvisioningRulePage = checker<ProvisioningRulePage>("provisioningRules");
export const isErrorBody = checker<ErrorBody>("errorBody");
export const isOrganizationErrorBody = checker<OrganizationErrorBody>("organizationErrorBody");
export const isDeviceCreation = checker<DeviceCreation>("deviceCreation");
