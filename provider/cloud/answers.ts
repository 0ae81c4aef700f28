import Ajv, { type ErrorObject } from "ajv";
import schema from "../../schema/api/answers.schema.json";

/** `GET /account`, as far as it is relied on. */
export interface Account {
  readonly team: { readonly tenantId: string; readonly name?: string };
  /** Role of the key: `owner`, `admin`, `editor` or `viewer`. */
  readonly role?: string;
  /** Device groups of the key. Keys that are no owner's or admin's see only devices with one of them, or with no tag. */
  readonly tags?: readonly string[];
  /** What the plan allows; `devices` counts all of the account. */
  readonly plan?: { readonly limits?: { readonly devices?: number } };
  /** Host of the MQTT server. */
  readonly mqttEndpoint?: string;
  /** Its port, which nRF Cloud does not tell (8883), but an emulator does. */
  readonly mqttPort?: number;
}

/** A device as FetchDevice and ListDevices give it, as far as it is relied on. */
export interface CloudDevice {
  readonly id: string;
  readonly name?: string;
  /** `Generic`, `Gateway` or `BLE`. */
  readonly type?: string;
  readonly subType?: string;
  readonly tags?: readonly string[];
  readonly firmware?: { readonly supports?: readonly string[] };
  readonly $meta?: { readonly createdAt?: string; readonly version?: number };
  /** The shadow; lists hold it only when asked to. */
  readonly state?: {
    readonly desired?: Readonly<Record<string, unknown>>;
    readonly reported?: Readonly<Record<string, unknown>>;
    readonly version?: number;
    /** When each value was last set: trees like those of the shadow, with `timestamp` (epoch seconds) in place of values. */
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
  /** Once it has ended. */
  readonly completedAt?: string;
  /** Where its rows can be read. */
  readonly uploadedDataUrl?: string;
  /** Where the rows that failed are listed; only after failures. */
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
  /** Secret, and given this once only. */
  readonly privateKey: string;
}

/** A device in the Identity and Provisioning service, as far as it is relied on. Its id is its UUID. */
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

/** A provisioning command, as far as it is relied on. */
export interface ProvisioningCommand {
  readonly id: string;
  /** `PENDING`, `IN_PROGRESS`, then how it ended. */
  readonly status?: string;
  readonly description?: string;
  /** What the device answered, in a form that is looked at with care. */
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

/** A provisioning rule as it is listed. Only names and tags are known to be in a list; the rest may be there, in whatever form. */
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

/** The refusal of a call with an organisation's token. */
export interface OrganizationErrorBody {
  readonly message: string;
  /** A list of details. */
  readonly cause?: unknown;
}

/** How a creation of devices by an organisation stands. */
export interface DeviceCreation {
  readonly status: string;
  /** Which devices failed, in a form that is looked at with care. */
  readonly errorSummary?: unknown;
}

// A test holds the schema against the rules of schemas.
const ajv = new Ajv({ validateSchema: false }).addSchema(schema);

/** Whether an answer has the form that the provider relies on. */
export interface Checker<T> {
  (answer: unknown): answer is T;
  /** What differed in the answer that was last asked about. */
  readonly errors?: readonly ErrorObject[] | null;
}

/** Its schema is compiled when it is first used: an operation meets few kinds of answers. */
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
