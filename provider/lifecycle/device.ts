import type { Fields } from "../engine/fields.js";
import { UNKNOWN } from "../engine/unknown.js";
import type { Adoption } from "../fleet/deviceSpec.js";
import { checkFirmwareType, isFirmwareType } from "../fleet/rules.js";
import { certificateFingerprint, csrFingerprint, publicKeyFingerprint } from "../pki/rowFingerprint.js";
import type { RowCredential } from "../reconcile/table/row.js";
import type { Rotation } from "../fleet/rotation.js";
import { readRotation } from "./rotation.js";
import { explained } from "./rules.js";
import { COMMON_INPUTS, commonInAccount, readCommon } from "./tables/single/commonInputs.js";
import { singleRow } from "./tables/single/singleRow.js";
import type { DeclaredRow } from "./tables/single/inputs.js";

/** A device in the account. Its id is the device id, which is unique across all customers of nRF Cloud. */
export const device = singleRow({
  type: "Device",
  idInput: "deviceId",
  readRow,
  inputsInAccount: (inputs, found) =>
    found.way === "preconnect"
      ? {
          ...commonInAccount(inputs, found),
          name: found.name,
          subType: inputs.subType === undefined ? undefined : found.subType,
        }
      : inputs,
});

function readRow(fields: Fields): DeclaredRow {
  const id = fields.unknowable("deviceId", () => fields.requiredText("deviceId") ?? "");
  const adopt = readAdopt(fields);
  const rotation = readRotation(fields);
  const credential = readCredential(fields, adopt, rotation);
  const firmware = fields.texts("firmwareTypes", explained(checkFirmwareType)) ?? [];
  const common = readCommon(fields);
  const isPartlyUnknown = [
    ...COMMON_INPUTS,
    "deviceId",
    "subType",
    "firmwareTypes",
    "name",
    "credential",
    "rotation",
  ].some((key) => fields.isUnknown(key));
  return {
    id,
    row: isPartlyUnknown
      ? UNKNOWN
      : {
          way: "preconnect",
          ...common,
          subType: fields.text("subType"),
          firmwareTypes: firmware.filter(isFirmwareType),
          name: fields.text("name") === id ? undefined : fields.text("name"),
          adopt,
          credential: credential.row,
        },
    material: fields.unknowable("credential", () => credential.material),
  };
}

function readAdopt(fields: Fields): Adoption {
  const text = fields.text("adopt", (value) =>
    value === "keep" || value === "recertify" ? undefined : 'must be true or "recertify"',
  );
  return text === "keep" || text === "recertify" ? text : "no";
}

interface Credential {
  readonly row: RowCredential;
  readonly material: string | undefined;
}

function readCredential(fields: Fields, adopt: Adoption, rotation: Rotation): Credential {
  const existing: Credential = { row: { kind: "existing" }, material: undefined };
  if (!fields.has("credential")) {
    if (adopt !== "keep") {
      fields.fail(
        "credential",
        "is missing: give a CA to issue the device's certificate, the certificate itself, or its public key. Only an adopted device " +
          "needs none.",
      );
    }
    return existing;
  }
  const given = fields.nested("credential");
  if (given === undefined || fields.isUnknown("credential")) return existing;
  const [way, another] = (["certificate", "publicKey", "csr"] as const).filter((key) => given.has(key));
  if (way !== undefined && another !== undefined)
    given.fail(another, `and ${way} exclude each other: give only one of the two`);
  const material = way === undefined ? undefined : given.text(way);
  if (way === undefined || material === undefined)
    return { row: { kind: "issue", rotation }, material: undefined };
  if (way !== "csr" && fields.has("rotation"))
    fields.fail("rotation", `and credential.${way} exclude each other: you issue that yourself`);
  const fingerprint = given.attempt(way, () => FINGERPRINTS[way](material)) ?? "";
  return { row: way === "csr" ? { kind: way, fingerprint, rotation } : { kind: way, fingerprint }, material };
}

const FINGERPRINTS = {
  certificate: certificateFingerprint,
  publicKey: publicKeyFingerprint,
  csr: csrFingerprint,
} as const;
