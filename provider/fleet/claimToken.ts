/** Who a device is: by its attestation token, and by what else is said of it. */
import type { Context } from "./context.js";
import { textAt } from "./data.js";
import type { ClaimSpec } from "./fleet.js";
import type { Path } from "./problems.js";
import { checkDeviceUuid, quote, type Violation } from "./rules.js";
import { limits, readSecretSource, readSecretText, type DecodeToken, type FleetIo } from "./sources.js";

/** A device and its token. */
export type Identity = Pick<ClaimSpec, "uuid" | "token">;

const cannotDecode: DecodeToken = () => ({
  ok: false,
  message: "attestation tokens can't be read here",
  fix: "load the fleet in a Pulumi program: new nrfcloud.Fleet(…)",
});

/** Reads a token as far as the world outside knows how. */
export function decodeToken(text: string, io: FleetIo): ReturnType<DecodeToken> {
  return (io.contents?.decodeToken ?? cannotDecode)(text);
}

/** The identity of a listed device; undefined if it is not to be had, which is reported here or by the schema. */
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
  const stated = textAt(device, "uuid");
  const uuid = stated !== undefined && !checkDeviceUuid(stated) ? stated.toLowerCase() : undefined;
  if (decoded?.ok) {
    const violation = uuid === undefined ? undefined : checkSameDevice(uuid, decoded.value.uuid);
    if (violation) report.add(report.place([...devicePath, "uuid"]), violation);
    return violation ? undefined : { uuid: decoded.value.uuid, token };
  }
  if (!Object.hasOwn(device, "uuid")) report.add(report.place(devicePath), unknownDevice);
  return uuid === undefined ? undefined : { uuid, token };
}

/** Is the device that a token names the one that is stated? */
export function checkSameDevice(stated: string, decoded: string): Violation | undefined {
  if (stated === decoded) return undefined;
  return {
    message: `the token is that of another device, ${quote(decoded)}`,
    fix: "give the token of this device, or correct the uuid",
  };
}

const unknownDevice: Violation = {
  message:
    "the device has no uuid, and its token can't tell it yet, as it lives in the stack's configuration",
  fix: "add uuid: … (the second column of Nordic's attestation_tokens.csv), or use { env: … } or { file: … } for the token",
};
