import * as pulumi from "@pulumi/pulumi";
import type { Way } from "../reconcile/table/row.js";
import { unknownKeyIn } from "./rotation.js";

const COMMON_KEYS = ["via", "tags", "protect", "config", "state", "keepFor"];
const KEYS: Readonly<Record<Way, ReadonlySet<string>>> = {
  preconnect: new Set([
    ...COMMON_KEYS,
    "subType",
    "firmwareTypes",
    "name",
    "credential",
    "rotation",
    "adopt",
  ]),
  jitp: new Set([
    ...COMMON_KEYS,
    "ownershipCode",
    "subType",
    "name",
    "issueCertificate",
    "wait",
    "pending",
    "adopt",
  ]),
  attestation: new Set([...COMMON_KEYS, "token", "unclaimOnDestroy", "rotation", "adopt"]),
};

/** A credential has exactly one of these. */
const CREDENTIAL_KEYS = ["csr", "certificate", "publicKey"] as const;

/** Checks a row of programs without types. @throws pulumi.RunError */
export function checkRow(id: string, row: unknown): void {
  if (!isObject(row)) throw refused(id, "is not an object: write {} for a device that needs no settings");
  const { via = "preconnect", credential, rotation } = row;
  if (!isWay(via))
    throw refused(id, `has via: ${JSON.stringify(via)}, which is none of ${Object.keys(KEYS).join(", ")}`);
  for (const key of Object.keys(row)) {
    if (!KEYS[via].has(key))
      throw refused(id, `has ${key}, which a ${via} device can't have; use ${list(KEYS[via])}`);
  }
  const { state = "active" } = row;
  if (state !== "active" && state !== "retired")
    throw refused(id, `has state: ${JSON.stringify(state)}, which is none of active, retired`);
  const unknown = unknownKeyIn(rotation, via === "attestation");
  if (unknown !== undefined) throw refused(id, unknown);
  if (via === "preconnect") checkCredential(id, credential, rotation);
}

function checkCredential(id: string, credential: unknown, rotation: unknown): void {
  if (credential === "existing" && rotation !== undefined)
    throw refused(
      id,
      "has both rotation and credential: existing, and nothing is issued; give only one of the two",
    );
  if (credential === undefined || credential === "existing") return;
  if (!isObject(credential))
    throw refused(
      id,
      `has a credential of another kind; give "existing", or an object with ${list(CREDENTIAL_KEYS)}`,
    );
  const given = Object.keys(credential);
  const unknown = given.find((key) => !CREDENTIAL_KEYS.some((known) => known === key));
  if (unknown !== undefined)
    throw refused(id, `has credential.${unknown}, which is unknown; use ${list(CREDENTIAL_KEYS)}`);
  const [one, other] = given;
  if (one === undefined) throw refused(id, `has an empty credential; give one of ${list(CREDENTIAL_KEYS)}`);
  if (other !== undefined)
    throw refused(id, `has both credential.${one} and credential.${other}; give only one of the two`);
  if (one !== "csr" && rotation !== undefined)
    throw refused(id, `has both rotation and credential.${one}, which you issue; give only one of the two`);
}

/** The error for an invalid row. */
export function refused(id: string, reason: string): pulumi.RunError {
  return new pulumi.RunError(`Device ${id} ${reason}.`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWay(value: unknown): value is Way {
  return typeof value === "string" && Object.hasOwn(KEYS, value);
}

function list(keys: Iterable<string>): string {
  return [...keys].join(", ");
}
