/** Explains maps whose keys do not fit together. */
import type { ErrorObject } from "ajv";
import { type Violation } from "../rules.js";
import { listed, titleOf } from "./schemaError.js";

/** Explains a map with a wrong combination of keys. */
export function wrongAlternative(error: ErrorObject, keys: readonly string[]): Violation {
  switch (titleOf(error)) {
    case "ca":
      return wrongCa(keys);
    case "signer":
      return keys.includes("command") && keys.includes("pkcs11")
        ? { message: "a signer is a command or a pkcs11, not both", fix: "keep one of them" }
        : {
            message: "the signer has neither command nor pkcs11",
            fix: "add command: [./sign.sh], or pkcs11: …",
          };
    case "group":
      return wrongGroup(keys, ["ids", "devices", "csv"]);
    case "JITP group":
    case "claim group":
      return wrongGroup(keys, ["devices", "csv"]);
    case "rollout":
      return { message: "the roll-out has neither first nor batch", fix: "add first: 10, or batch: 10%" };
    case "JITP device":
      return keys.includes("id")
        ? {
            message: "a device has an id or an imei, not both",
            fix: "keep imei for Nordic's own products, else id",
          }
        : {
            message: "it has neither id nor imei",
            fix: "add id: …, or for one of Nordic's own products imei: …",
          };
    default:
      return { message: "the fleet names no devices", fix: "add groups: …, jitp: … or claims: …" };
  }
}

function wrongGroup(keys: readonly string[], known: readonly string[]): Violation {
  const ways = known.filter((way) => keys.includes(way));
  return ways.length === 0
    ? { message: "the group names no devices", fix: `add one of ${known.join(", ")}` }
    : {
        message: `a group has one of ${known.join(", ")}, not ${listed(ways)}`,
        fix: "keep one, and move the rest to another group",
      };
}

function wrongCa(keys: readonly string[]): Violation {
  const ways = [
    "subject",
    "certificate",
    "privateKey",
    "pkcs12",
    "password",
    "signer",
    "validityDays",
    "chain",
  ];
  const given = ways.filter((way) => keys.includes(way));
  const choice =
    "subject (generates a CA), certificate and privateKey, pkcs12 with its password (both for an existing CA), or certificate and signer";
  const has = (...wanted: string[]) => given.length > 0 && given.every((key) => wanted.includes(key));
  if (given.includes("signer") && has("signer", "chain")) {
    return {
      message: '"certificate" is missing: a signer needs the certificate of its CA',
      fix: "add certificate: …",
    };
  }
  if (given.includes("certificate") && has("certificate", "chain")) {
    return {
      message: '"privateKey" is missing: an existing CA needs certificate and privateKey',
      fix: "add privateKey: …, or a signer that has the key",
    };
  }
  if (
    has("certificate", "privateKey", "password", "chain") &&
    given.some((key) => key === "certificate" || key === "privateKey")
  ) {
    const missing = given.includes("certificate") ? "privateKey" : "certificate";
    return {
      message: `"${missing}" is missing: an existing CA needs certificate and privateKey`,
      fix: `add ${missing}: …`,
    };
  }
  if (given.length === 0 || has("validityDays", "password", "chain")) {
    return { message: "the section neither generates a CA nor names an existing one", fix: `give ${choice}` };
  }
  return { message: `${listed(given)} can't be combined`, fix: `give only ${choice}` };
}
