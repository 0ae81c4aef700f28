/** The identity of a claimed device, from its attestation token and its declared UUID. */
import type { Context } from "./context.js";
import { textAt } from "../data.js";
import type { ClaimSpec } from "../deviceSpec.js";
import type { Path } from "../problems.js";
import { checkDeviceUuid, quote, type Violation } from "../rules.js";
import type { DecodeToken, FleetIo } from "../sources/io.js";
import { limits } from "../sources/file.js";
import { readSecretSource, readSecretText } from "../sources/secret.js";

export type Identity = Pick<ClaimSpec, "uuid" | "token">;

const cannotDecode: DecodeToken = () => ({
  ok: false,
  message: "attestation tokens can't be read here",
  fix: "load the fleet in a Pulumi program: new nrfcloud.Fleet(…)",
});

export function decodeToken(text: string, io: FleetIo): ReturnType<DecodeToken> {
  return (io.contents?.decodeToken ?? cannotDecode)(text);
}

/** The identity of a listed device; undefined if it is unknown, which is reported here or by the schema. */
export function readListedToken(
  device: Readonly<Record<string, unknown>>,
  devicePath: Path,
  { folder, io, report }: Context,
): Identity | undefined {
  const source = readSecretSource(device.token, folder, io);
  const text = source?.ok ? readSecretText(source.value, limits.tokenFile, io) : undefined;
  const decoded = text?.ok ? decodeToken(text.value, io) : undefined;
  const failure = [source, text, decoded].find((read) => read?.ok === false);
  if (failure?.ok === false) report.add(report.place([...devicePath, "token"]), failure);
  if (!source?.ok || failure) return undefined;

  const token = source.value;
  const declared = textAt(device, "uuid");
  const uuid = declared !== undefined && !checkDeviceUuid(declared) ? declared.toLowerCase() : undefined;
  if (decoded?.ok) {
    const violation = uuid === undefined ? undefined : checkSameDevice(uuid, decoded.value.uuid);
    if (violation) report.add(report.place([...devicePath, "uuid"]), violation);
    return violation ? undefined : { uuid: decoded.value.uuid, token };
  }
  if (!Object.hasOwn(device, "uuid")) report.add(report.place(devicePath), unknownDevice);
  return uuid === undefined ? undefined : { uuid, token };
}

/** Checks that the token's device is the declared one. */
export function checkSameDevice(declared: string, decoded: string): Violation | undefined {
  if (declared === decoded) return undefined;
  return {
    message: `the token belongs to another device, ${quote(decoded)}`,
    fix: "give the token of this device, or correct the uuid",
  };
}

const unknownDevice: Violation = {
  message:
    "the device has no uuid, and its token is in the stack's configuration, where the fleet can't read it",
  fix: "add uuid: … (the second column of Nordic's attestation_tokens.csv), or use { env: … } or { file: … } for the token",
};
