import * as pulumi from "@pulumi/pulumi";
import { asConfig, effectiveConfig, type DeviceConfig } from "../fleet/config.js";
import {
  checkFirmwareType,
  checkName,
  checkProvisioningTag,
  checkTag,
  type Violation,
} from "../fleet/rules.js";
import { readDuration } from "../fleet/duration.js";
import { DEFAULT_KEEP_FOR, RETIRED_TAG } from "../fleet/retirement.js";
import { certificateFingerprint, csrFingerprint, publicKeyFingerprint } from "../pki/rowFingerprint.js";
import { DEFAULT_WAIT_SECONDS, type Row, type RowCredential } from "../reconcile/table/row.js";
import { formatRow } from "../reconcile/table/formatRow.js";
import type { DeviceRow, RowCredentialArgs } from "./deviceRow.js";
import { rotationOf, securityTagOf } from "./rotation.js";
import { refused } from "./rowChecks.js";

/** A row whose values are all known. */
export type KnownRow = pulumi.Unwrap<DeviceRow>;

/** The PEM, ownership code or token of a device; `undefined` without one. Secret. */
export function materialOf(row: KnownRow): string | undefined;
export function materialOf(row: DeviceRow): pulumi.Input<string> | undefined;
export function materialOf(row: DeviceRow): pulumi.Input<string> | undefined {
  if (row.via === "jitp") return row.ownershipCode;
  if (row.via === "attestation") return row.token;
  const { credential } = row;
  if (credential === undefined || credential === "existing") return undefined;
  if ("csr" in credential) return credential.csr;
  if ("certificate" in credential) return credential.certificate;
  return credential.publicKey;
}

/** A row without its secrets. Its line only has a fingerprint of the material, or nothing. */
export function publicPart(row: DeviceRow): DeviceRow {
  if (row.via === "jitp") return { ...row, ownershipCode: "" };
  if (row.via === "attestation") return { ...row, token: "" };
  const { credential, ...others } = row;
  return credential === undefined || credential === "existing"
    ? row
    : { ...others, credential: publicCredential(credential) };
}

function publicCredential(credential: Exclude<RowCredentialArgs, "existing">): RowCredentialArgs {
  if ("csr" in credential) return { ...credential, csr: unsecret(credential.csr) };
  if ("certificate" in credential) return { certificate: unsecret(credential.certificate) };
  return { publicKey: unsecret(credential.publicKey) };
}

function unsecret(value: pulumi.Input<string>): pulumi.Input<string> {
  return typeof value === "string" ? value : pulumi.unsecret(pulumi.output(value));
}

/** The line of a checked row. @throws pulumi.RunError for values that a line can't express, and for invalid PEM */
export function lineOf(id: string, row: KnownRow): string {
  const { tags = [] } = row;
  const checkOneTag = row.via === "attestation" ? checkProvisioningTag : checkTag;
  refuseInexpressible(id, "tags", tags, checkOneTag);
  if ("name" in row && row.name === "") throw refused(id, reasonFor(checkName(row.name)));
  if ("firmwareTypes" in row) refuseInexpressible(id, "firmwareTypes", row.firmwareTypes, checkFirmwareType);
  return formatRow(asRow(id, row));
}

/** Lines separate list entries by commas. The provider reports all other problems, for all devices at once. */
function refuseInexpressible(
  id: string,
  key: string,
  values: unknown,
  check: (value: string) => Violation | undefined,
): void {
  if (values === undefined) return;
  if (!Array.isArray(values) || !values.every((value) => typeof value === "string"))
    throw refused(id, `has ${key} that are not a list of strings`);
  const inexpressible = values.find((value) => value === "" || value.includes(","));
  if (inexpressible !== undefined) throw refused(id, reasonFor(check(inexpressible)));
}

function reasonFor(violation: Violation | undefined): string {
  return violation === undefined
    ? "has a value that a row can't hold"
    : `is refused: ${violation.message}; ${violation.fix}`;
}

function asRow(id: string, row: KnownRow): Row {
  const { tags = [], protect } = row;
  const retired = retirementOf(id, row);
  const common = {
    tags: retired === undefined || tags.includes(RETIRED_TAG) ? tags : [...tags, RETIRED_TAG],
    protect: protect === true,
    ...configOf(id, row.config),
    ...(retired === undefined ? {} : { retired }),
  };
  const named = "name" in row && row.name !== id ? row.name : undefined;
  switch (row.via) {
    case "attestation": {
      const { unclaimOnDestroy, adopt } = row;
      return {
        way: "attestation",
        ...common,
        adopt: adopt === true ? "keep" : "no",
        unclaim: unclaimOnDestroy === true,
        rotation: rotationOf(row.rotation, (reason) => refused(id, reason)),
        securityTag: securityTagOf(row.rotation, (reason) => refused(id, reason)),
      };
    }
    case "jitp": {
      const { subType, issueCertificate, wait = DEFAULT_WAIT_SECONDS, pending = "fail", adopt } = row;
      return {
        way: "jitp",
        ...common,
        adopt: adopt === true ? "keep" : "no",
        subType,
        name: named,
        issued: issueCertificate === true,
        waitSeconds: wait,
        pending,
      };
    }
    case "preconnect":
    case undefined:
    default: {
      const { subType, firmwareTypes = [], adopt } = row;
      return {
        way: "preconnect",
        ...common,
        adopt: adopt === true ? "keep" : adopt === "recertify" ? adopt : "no",
        subType,
        name: named,
        firmwareTypes,
        credential: credentialOf(id, row),
      };
    }
  }
}

function configOf(id: string, given: unknown): { readonly config?: DeviceConfig } {
  if (given === undefined) return {};
  const config = asConfig(given);
  if (config === undefined) throw refused(id, "has a config that is not a JSON object");
  const effective = effectiveConfig(config);
  return effective === undefined ? {} : { config: effective };
}

function retirementOf(
  id: string,
  { state = "active", keepFor = DEFAULT_KEEP_FOR }: KnownRow,
): Row["retired"] {
  const time = readDuration(keepFor);
  if (time === undefined)
    throw refused(id, `has keepFor: ${JSON.stringify(keepFor)}, which is not a time such as "30d"`);
  return state === "retired" ? time : undefined;
}

function credentialOf(id: string, row: PreconnectRowArgs): RowCredential {
  const { credential: given } = row;
  if (given === "existing") return { kind: "existing" };
  const rotation = rotationOf(row.rotation, (reason) => refused(id, reason));
  if (given === undefined) return { kind: "issue", rotation };
  try {
    if ("csr" in given) return { kind: "csr", fingerprint: csrFingerprint(given.csr), rotation };
    if ("certificate" in given)
      return { kind: "certificate", fingerprint: certificateFingerprint(given.certificate) };
    return { kind: "publicKey", fingerprint: publicKeyFingerprint(given.publicKey) };
  } catch (thrown) {
    throw new pulumi.RunError(`Device ${id}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

type PreconnectRowArgs = Extract<KnownRow, { credential?: unknown }>;
