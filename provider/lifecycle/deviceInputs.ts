import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { LooseObject } from "../engine/outputs.js";
import { checkDeviceId, checkFirmwareType, checkName, checkSubType, checkTag } from "../fleet/rules.js";
import { describeCertificate, requireP256Certificate } from "../pki/certificate.js";
import { parsePublicKey } from "../pki/keys.js";
import { readIssueOrder, type IssueOrder } from "./issue.js";
import { explained } from "./rules.js";

/** What a device is declared to be, as far as it is known. */
export interface DeviceInputs {
  readonly deviceId: string | undefined;
  readonly subType: string | undefined;
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly string[];
  readonly name: string | undefined;
  readonly adopt: Adopt;
  readonly credential: Credential;
}

/** What to do when the device is in the account before we onboarded it. */
export type Adopt = "no" | "keep" | "recertify";

/** How the device proves who it is. */
export type Credential =
  | { readonly kind: "issue"; readonly order: IssueOrder }
  /** A certificate or public key that the user brings; `undefined` while it is not known yet. */
  | { readonly kind: "certificate"; readonly pem: string | undefined }
  | { readonly kind: "publicKey"; readonly pem: string | undefined }
  /** Whatever the device has in the account already. */
  | { readonly kind: "existing" }
  | { readonly kind: "unknown" };

/** The inputs of a device that is about to be created or changed: all is known. */
export interface KnownDeviceInputs extends DeviceInputs {
  readonly deviceId: string;
  /** Name of the stack that declares it. */
  readonly stack: string | undefined;
  /** Name of the fleet that it is declared by, if it is not declared by itself. */
  readonly fleet: string | undefined;
}

/** Reads the inputs of a device; what is wrong is left in `fields.failures`. */
export function readDeviceInputs(fields: Fields): DeviceInputs {
  const deviceId = fields.requiredText("deviceId", explained(checkDeviceId));
  const adopt = readAdopt(fields);
  return {
    deviceId,
    subType: fields.text("subType", explained(checkSubType)),
    tags: fields.texts("tags", explained(checkTag)) ?? [],
    firmwareTypes: fields.texts("firmwareTypes", explained(checkFirmwareType)) ?? [],
    name: fields.text("name", explained(checkName)),
    adopt,
    credential: readCredential(fields, deviceId, adopt),
  };
}

/** The inputs of a device, checked before, with nothing unknown left. */
export function knownDeviceInputs(news: LooseObject): KnownDeviceInputs {
  const fields = new Fields(news);
  const inputs = readDeviceInputs(fields);
  if (inputs.deviceId === undefined) throw new ExpectedError("The id of the device is not known.");
  return { ...inputs, deviceId: inputs.deviceId, stack: fields.text("stack"), fleet: fields.text("fleet") };
}

function readAdopt(fields: Fields): Adopt {
  const text = fields.text("adopt", (value) =>
    value === "keep" || value === "recertify" ? undefined : 'must be true or "recertify"',
  );
  return text === "keep" || text === "recertify" ? text : "no";
}

function readCredential(fields: Fields, deviceId: string | undefined, adopt: Adopt): Credential {
  if (!fields.has("credential")) {
    if (adopt !== "keep") {
      fields.fail(
        "credential",
        "is missing: give a CA that issues the device's certificate, the certificate itself, or its public key " +
          "(only a device that is adopted can do without)",
      );
    }
    return { kind: "existing" };
  }
  const given = fields.nested("credential");
  if (given === undefined) return { kind: "unknown" };
  const ways = (["ca", "certificate", "publicKey"] as const).filter((way) => given.has(way));
  const [way, another] = ways;
  if (way !== undefined && another !== undefined)
    given.fail(another, `and ${way} exclude each other: give one of them`);
  if (way === "certificate") return { kind: "certificate", pem: readCertificate(given, deviceId) };
  if (way === "publicKey") {
    return {
      kind: "publicKey",
      pem: normalized(given, "publicKey", (pem) => parsePublicKey(pem).publicKeyPem),
    };
  }
  return { kind: "issue", order: readIssueOrder(given) };
}

function readCertificate(fields: Fields, deviceId: string | undefined): string | undefined {
  return normalized(fields, "certificate", (pem) => {
    const certificate = describeCertificate(pem);
    requireP256Certificate(certificate);
    const { commonName } = certificate.subject;
    if (deviceId !== undefined && commonName !== deviceId) {
      throw new ExpectedError(
        `is made out to ${JSON.stringify(commonName ?? "nobody")} instead of ${deviceId}: the common name must be the device id, ` +
          "or the device can't connect by MQTT",
      );
    }
    return certificate.certificatePem;
  });
}

function normalized(fields: Fields, key: string, parse: (pem: string) => string): string | undefined {
  const pem = fields.text(key);
  return pem === undefined ? undefined : fields.attempt(key, () => parse(pem));
}
