import * as pulumi from "@pulumi/pulumi";
import { codeFromList, parseCodeList, type CodeList } from "../fleet/codeList.js";
import type { Fleet } from "../fleet/fleet.js";
import type { ClaimSpec, CodeSource, DeviceSpec, JitpSpec, TokenSource } from "../fleet/deviceSpec.js";
import type { SecretSource } from "../fleet/sources/secretSource.js";
import type { Rotation } from "../fleet/rotation.js";
import { parseOwnershipCode } from "../fleet/ownershipCode.js";
import type { ReadResult } from "../fleet/readResult.js";
import type { DeviceRow, RowCredentialArgs } from "./deviceRow.js";
import { decodeToken } from "./fleetContents.js";
import { withLastResult } from "./withLastResult.js";
import { readSecret } from "./secretSource.js";

/** The rows of a resolved fleet. Reads their secrets. */
export function rowsOf({ devices, jitp, claims }: Fleet): Readonly<Record<string, DeviceRow>> {
  const lists = new Map<SecretSource, ListText>();
  return Object.fromEntries([
    ...devices.map((spec) => [spec.deviceId, deviceRow(spec)] as const),
    ...jitp.map((spec) => [spec.deviceId, jitpRow(spec, lists)] as const),
    ...claims.map((spec) => [spec.uuid, claimRow(spec)] as const),
  ]);
}

function deviceRow({
  subType,
  tags,
  firmwareTypes,
  name,
  config,
  adopt,
  protect,
  retirement,
  credential,
}: DeviceSpec): DeviceRow {
  return {
    tags,
    firmwareTypes,
    protect,
    ...retirement,
    ...(subType === undefined ? {} : { subType }),
    ...(name === undefined ? {} : { name }),
    ...(config === undefined ? {} : { config }),
    adopt: adopt === "no" ? false : adopt === "keep" ? true : adopt,
    ...credentialOf(credential),
  };
}

function credentialOf(credential: DeviceSpec["credential"]): {
  readonly credential?: RowCredentialArgs;
  readonly rotation?: Rotation;
} {
  switch (credential.kind) {
    case "issue":
      return rotationOf(credential);
    case "existing":
      return { credential: "existing" };
    case "csr":
      return { credential: { csr: credential.csr }, ...rotationOf(credential) };
    case "certificate":
      return { credential: { certificate: credential.certificate } };
    case "publicKey":
      return { credential: { publicKey: credential.publicKey } };
  }
}

function rotationOf({ rotation }: { readonly rotation?: Rotation }): { readonly rotation?: Rotation } {
  return rotation === undefined ? {} : { rotation };
}

/** A list of codes, which is read and parsed once for all of its devices. */
interface ListText {
  readonly text: Secret;
  readonly parse: (text: string) => CodeList;
}

function jitpRow(spec: JitpSpec, lists: Map<SecretSource, ListText>): DeviceRow {
  const {
    deviceId,
    tags,
    protect,
    retirement,
    subType,
    name,
    config,
    certificate,
    waitSeconds,
    pending,
    adopt,
  } = spec;
  return {
    via: "jitp",
    tags,
    protect,
    ...retirement,
    pending,
    wait: waitSeconds,
    issueCertificate: certificate,
    adopt: adopt === "keep",
    ownershipCode: codeOf(spec.code, deviceId, lists),
    ...(subType === undefined ? {} : { subType }),
    ...(name === undefined ? {} : { name }),
    ...(config === undefined ? {} : { config }),
  };
}

function claimRow({
  uuid,
  token,
  tags,
  config,
  adopt,
  protect,
  retirement,
  unclaimOnDestroy,
  rotation,
  securityTag,
}: ClaimSpec): DeviceRow {
  return {
    via: "attestation",
    tags,
    protect,
    ...retirement,
    unclaimOnDestroy,
    adopt: adopt === "keep",
    token: tokenOf(token, uuid),
    ...(config === undefined ? {} : { config }),
    ...(rotation === undefined
      ? {}
      : { rotation: { ...rotation, ...(securityTag === undefined ? {} : { securityTag }) } }),
  };
}

/** A secret that may only be known later. The material of a row is always a secret input. */
type Secret = string | pulumi.Output<string>;

function codeOf(source: CodeSource, deviceId: string, lists: Map<SecretSource, ListText>): Secret {
  const checked = (code: ReadResult<string>): string => {
    if (code.ok) return code.value;
    throw new pulumi.RunError(`Ownership code of device ${deviceId}: ${code.message}. ${code.fix}.`);
  };
  switch (source.kind) {
    case "csv":
      return source.value;
    case "list": {
      const list = lists.get(source.from) ?? {
        text: readSecret(source.from, "utf8"),
        parse: withLastResult(parseCodeList),
      };
      lists.set(source.from, list);
      return changed(list.text, (text) => checked(codeFromList(list.parse(text), source.deviceId)));
    }
    case "config":
    case "env":
    case "file":
      return changed(readSecret(source, "utf8"), (code) => checked(parseOwnershipCode(code)));
  }
}

/** A token in the stack's configuration is only known now, so it is checked here that its device is the declared one. */
function tokenOf(source: TokenSource, uuid: string): Secret {
  if (source.kind === "csv") return source.value;
  return changed(readSecret(source, "utf8"), (token) => {
    const read = decodeToken(token);
    if (!read.ok)
      throw new pulumi.RunError(`Attestation token of device ${uuid}: ${read.message}. ${read.fix}.`);
    if (read.value.uuid === uuid) return token;
    throw new pulumi.RunError(
      `The attestation token of device ${uuid} belongs to device ${read.value.uuid}. Correct one of the two in the fleet.`,
    );
  });
}

function changed(secret: Secret, change: (text: string) => string): Secret {
  return typeof secret === "string" ? change(secret) : secret.apply(change);
}
