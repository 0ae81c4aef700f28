import * as pulumi from "@pulumi/pulumi";
import { certificateFingerprint, csrFingerprint, publicKeyFingerprint } from "../pki/rowFingerprint.js";
import { DEFAULT_WAIT_SECONDS, formatRow, type Row, type RowCredential } from "../reconcile/row.js";
import type { DeviceRow } from "./deviceSet.js";

/** A row as the engine gets it: a line, and beside it what the device brings. */
export interface ReadRow {
  readonly line: string;
  /** PEM, ownership code or token. Secret. */
  readonly material: string | undefined;
  readonly protect: boolean;
}

type KnownRow = pulumi.Unwrap<DeviceRow>;

const KEYS: Readonly<Record<Row["way"], ReadonlySet<string>>> = {
  preconnect: new Set(["via", "tags", "protect", "subType", "firmwareTypes", "name", "credential", "adopt"]),
  jitp: new Set([
    "via",
    "tags",
    "protect",
    "ownershipCode",
    "subType",
    "name",
    "issueCertificate",
    "wait",
    "pending",
    "adopt",
  ]),
  attestation: new Set(["via", "tags", "protect", "token", "unclaimOnDestroy", "adopt"]),
};

/** Reads a row of which all is known. @throws pulumi.RunError for a word that there is not, or a text that is no PEM */
export function readKnownRow(id: string, row: KnownRow): ReadRow {
  const way = row.via ?? "preconnect";
  for (const key of Object.keys(row)) {
    if (!KEYS[way].has(key))
      throw new pulumi.RunError(
        `Device ${id} says ${key}, which a ${way} device does not have. There are ${[...KEYS[way]].join(", ")}.`,
      );
  }
  return toLine(id, row);
}

function toLine(id: string, row: KnownRow): ReadRow {
  const common = { tags: row.tags ?? [], protect: row.protect === true };
  const named = "name" in row && row.name !== id ? row.name : undefined;
  switch (row.via) {
    case "attestation": {
      const { token, unclaimOnDestroy, adopt } = row;
      return written(
        {
          way: "attestation",
          ...common,
          adopt: adopt === true ? "keep" : "no",
          unclaim: unclaimOnDestroy === true,
        },
        token,
      );
    }
    case "jitp": {
      const {
        ownershipCode,
        subType,
        issueCertificate,
        wait = DEFAULT_WAIT_SECONDS,
        pending = "fail",
        adopt,
      } = row;
      return written(
        {
          way: "jitp",
          ...common,
          adopt: adopt === true ? "keep" : "no",
          subType,
          name: named,
          issued: issueCertificate === true,
          waitSeconds: wait,
          pending,
        },
        ownershipCode,
      );
    }
    case "preconnect":
    case undefined:
    default: {
      const { subType, firmwareTypes = [], adopt } = row;
      const { credential, material } = readCredential(id, row.credential);
      return written(
        {
          way: "preconnect",
          ...common,
          adopt: adopt === true ? "keep" : adopt === "recertify" ? adopt : "no",
          subType,
          name: named,
          firmwareTypes,
          credential,
        },
        material,
      );
    }
  }
}

function written(row: Row, material: string | undefined): ReadRow {
  return { line: formatRow(row), material, protect: row.protect };
}

interface Credential {
  readonly credential: RowCredential;
  readonly material: string | undefined;
}

function readCredential(id: string, given: KnownCredential | undefined): Credential {
  if (given === "existing") return { credential: { kind: "existing" }, material: undefined };
  const rotation = given !== undefined && "rotation" in given ? given.rotation : undefined;
  try {
    if (given !== undefined && "csr" in given)
      return {
        credential: { kind: "csr", fingerprint: csrFingerprint(given.csr), rotation },
        material: given.csr,
      };
    if (given !== undefined && "certificate" in given) {
      const fingerprint = certificateFingerprint(given.certificate);
      return { credential: { kind: "certificate", fingerprint }, material: given.certificate };
    }
    if (given !== undefined && "publicKey" in given) {
      const fingerprint = publicKeyFingerprint(given.publicKey);
      return { credential: { kind: "publicKey", fingerprint }, material: given.publicKey };
    }
  } catch (thrown) {
    throw new pulumi.RunError(`Device ${id}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  return { credential: { kind: "issue", rotation }, material: undefined };
}

type KnownCredential = NonNullable<Extract<KnownRow, { credential?: unknown }>["credential"]>;
