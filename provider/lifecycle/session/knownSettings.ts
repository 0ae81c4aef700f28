import { DEFAULT_REQUESTS_PER_SECOND } from "../../cloud/limiter.js";
import { DEFAULT_ENDPOINT, DEFAULT_IDENTITY_ENDPOINT } from "../../cloud/transport.js";

/** A setting of the provider. `npm run reference` writes `docs/settings.md` from these. */
export interface KnownSetting {
  /** Environment variable. */
  readonly variable: string;
  /** Key in the configuration of the stack. `undefined`: only the environment can set it. */
  readonly key?: string;
  /** Description with the unit, in Markdown. */
  readonly meaning: string;
  /** The default. A number is in the unit of the setting. */
  readonly otherwise: string | number;
  /** The unit of a number. */
  readonly unit?: "seconds" | "requests" | "devices";
}

/** Every setting that the provider reads, in the order of the docs. */
export const SETTINGS = {
  apiKey: {
    variable: "NRF_CLOUD_API_KEY",
    key: "nrfcloud:apiKey",
    meaning: "The API key of the team. Set the configuration value with `--secret`.",
    otherwise: "none",
  },
  endpoint: {
    variable: "NRF_CLOUD_ENDPOINT",
    key: "nrfcloud:endpoint",
    meaning: "The base URL of the device API, with its version.",
    otherwise: DEFAULT_ENDPOINT,
  },
  identityEndpoint: {
    variable: "NRF_CLOUD_IDENTITY_ENDPOINT",
    key: "nrfcloud:identityEndpoint",
    meaning:
      "The base URL of the Identity and Provisioning service, which attestation claims and provisioning rules need. " +
      "It has no default where you set the other endpoint.",
    otherwise: DEFAULT_IDENTITY_ENDPOINT,
  },
  organization: {
    variable: "NRF_CLOUD_ORGANIZATION",
    key: "nrfcloud:organization",
    meaning:
      "The slug of the organization whose API onboards devices (experimental). It needs the next two settings and the API key.",
    otherwise: "none: the device API onboards",
  },
  project: {
    variable: "NRF_CLOUD_PROJECT",
    key: "nrfcloud:project",
    meaning: "The slug of the project of that organization.",
    otherwise: "none",
  },
  organizationToken: {
    variable: "NRF_CLOUD_ORGANIZATION_TOKEN",
    key: "nrfcloud:organizationToken",
    meaning: "The organization auth token (`oat_…`). Set the configuration value with `--secret`.",
    otherwise: "none",
  },
  caFile: {
    variable: "NRF_CLOUD_CA_FILE",
    key: "nrfcloud:caFile",
    meaning:
      "A PEM file with a CA to trust besides those of Node, such as the CA of a proxy. The path is relative to the project folder.",
    otherwise: "none",
  },
  requestsPerSecond: {
    variable: "NRF_CLOUD_REQUESTS_PER_SECOND",
    key: "nrfcloud:requestsPerSecond",
    meaning: "How many requests the provider sends in any second, for all resources together.",
    otherwise: DEFAULT_REQUESTS_PER_SECOND,
    unit: "requests",
  },
  requestTimeout: {
    variable: "NRF_CLOUD_REQUEST_TIMEOUT",
    key: "nrfcloud:requestTimeout",
    meaning: "How long one try of a request may take.",
    otherwise: 60,
    unit: "seconds",
  },
  readbackTimeout: {
    variable: "NRF_CLOUD_READBACK_TIMEOUT",
    key: "nrfcloud:readbackTimeout",
    meaning: "How long the account may take to show a change that nRF Cloud accepted.",
    otherwise: 120,
    unit: "seconds",
  },
  bulkTimeout: {
    variable: "NRF_CLOUD_BULK_TIMEOUT",
    key: "nrfcloud:bulkTimeout",
    meaning: "How long a bulk job may take.",
    otherwise: 600,
    unit: "seconds",
  },
  allowDeletes: {
    variable: "NRF_CLOUD_ALLOW_DELETES",
    key: "nrfcloud:allowDeletes",
    meaning:
      "How many devices may leave the account in this operation, whatever `maxDeletes` says. Set it for one command only.",
    otherwise: "what `maxDeletes` says",
    unit: "devices",
  },
  journal: {
    variable: "NRF_CLOUD_JOURNAL",
    meaning: "The folder of the journal. A relative path starts at the project folder.",
    otherwise: "`.nrfcloud/journal` beside `Pulumi.yaml`",
  },
  only: {
    variable: "NRF_CLOUD_ONLY",
    meaning:
      "The devices that may change: ids or patterns, with commas between them. `nrfcloud-fleet apply --only` sets it.",
    otherwise: "all devices",
  },
  rollout: {
    variable: "NRF_CLOUD_ROLLOUT",
    key: "nrfcloud:rollout",
    meaning:
      "The [roll-out](rollout.md) of this operation, in place of those that are declared: `first=10,batch=10%,stopAfter=2%`, or `none`. " +
      "`nrfcloud-fleet apply --rollout` sets it.",
    otherwise: "what the program declares",
  },
  progress: {
    variable: "NRF_CLOUD_PROGRESS",
    meaning: "A file to which the provider appends its progress, as lines of JSON. `nrfcloud-fleet` sets it.",
    otherwise: "none",
  },
  stop: {
    variable: "NRF_CLOUD_STOP",
    meaning:
      "A file. If it exists, a [roll-out](rollout.md) ends after the present batch. `nrfcloud-fleet` creates it at Ctrl-C.",
    otherwise: "none",
  },
} as const satisfies Readonly<Record<string, KnownSetting>>;
