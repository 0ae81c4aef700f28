import { isRecord, isText } from "../http/json.js";

/** The topics of a device of a team. */
export interface Pairing {
  readonly d2c: string;
  readonly c2d: string;
}

/** The shadow from the device's point of view. */
export interface DeviceShadow {
  readonly desired: Record<string, unknown>;
  readonly reported: Record<string, unknown>;
  readonly version: number;
  /** Undefined while nobody owns the device. */
  readonly pairing: Pairing | undefined;
  /** That of the request this answers. */
  readonly clientToken: string | undefined;
}

/** Reads a message on `…/shadow/get/accepted`; throws if it is none. */
export function parseShadow(text: string): DeviceShadow {
  const document: unknown = JSON.parse(text);
  if (!isRecord(document) || !isRecord(document.state) || typeof document.version !== "number") {
    throw new Error("the broker sent a shadow without state or version");
  }
  const { desired, reported } = document.state;
  return {
    desired: isRecord(desired) ? desired : {},
    reported: isRecord(reported) ? reported : {},
    version: document.version,
    pairing: pairingOf(isRecord(desired) ? desired.pairing : undefined),
    clientToken: isText(document.clientToken) ? document.clientToken : undefined,
  };
}

function pairingOf(value: unknown): Pairing | undefined {
  if (!isRecord(value) || value.state !== "paired" || !isRecord(value.topics)) return undefined;
  const { d2c, c2d } = value.topics;
  return isText(d2c) && isText(c2d) ? { d2c, c2d } : undefined;
}

/** Whether a message on `…/shadow/update/accepted` says that a key is not desired any more. */
export function removesDesired(text: string): boolean {
  const document: unknown = JSON.parse(text);
  return isRecord(document) && isRecord(document.state) && hasNull(document.state.desired);
}

function hasNull(value: unknown): boolean {
  return value === null || (isRecord(value) && Object.values(value).some(hasNull));
}
