import { isRecord, isText, isTextArray } from "../http/json.js";

export interface Shadow {
  readonly desired: Record<string, unknown>;
  readonly reported: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
  readonly version: number;
}

/** A device (AWS calls it a thing). Records are never changed in place, so that readers may lag behind. */
export interface Device {
  readonly id: string;
  /** The team that owns it; undefined while a just-in-time device is not associated. */
  readonly tenantId: string | undefined;
  /** Position in the order of creation; never used twice, not even for the same id. */
  readonly sequence: number;
  readonly name: string;
  readonly subType: string | undefined;
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number | undefined;
  /** `undefined` before its first update. */
  readonly shadow: Shadow | undefined;
}

/** Whether a value read from the state file is a device. */
export const isDevice = (value: unknown): value is Device =>
  isRecord(value) &&
  isText(value.id) &&
  (value.tenantId === undefined || isText(value.tenantId)) &&
  Number.isSafeInteger(value.sequence) &&
  isText(value.name) &&
  (value.subType === undefined || typeof value.subType === "string") &&
  isTextArray(value.tags) &&
  isTextArray(value.firmwareTypes) &&
  typeof value.createdAt === "number" &&
  (value.updatedAt === undefined || typeof value.updatedAt === "number") &&
  (value.shadow === undefined || isShadow(value.shadow));

const isShadow = (value: unknown): value is Shadow =>
  isRecord(value) &&
  isRecord(value.desired) &&
  isRecord(value.reported) &&
  isRecord(value.metadata) &&
  typeof value.version === "number";
