import { ExpectedError } from "../engine/errors.js";
import type { LooseObject } from "../engine/outputs.js";
import { keepsItsName } from "./nameAndTags.js";

/** What is remembered of a device. */
export interface DeviceState {
  readonly deviceId: string;
  /** The inputs as they are true in the account. */
  readonly declared: LooseObject;
  /** PEM; only where it was issued here. */
  readonly certificate: string | undefined;
  /** Secret, PEM; only where it was generated here. */
  readonly privateKey: string | undefined;
  readonly validUntil: string | undefined;
  readonly createdAt: string | undefined;
  /** It was in the account before us and keeps a certificate we don't know. */
  readonly adopted: boolean;
  /** It is called as it was when it was adopted, because no name has been declared since. */
  readonly keepsName: boolean;
}

/** Reads the state of a device. @throws ExpectedError where it is not one that this provider wrote */
export function readDeviceState(id: string, state: LooseObject): DeviceState {
  const { declared, certificate, privateKey, validUntil, createdAt, adopted } = state;
  if (typeof declared !== "object" || declared === null) {
    throw new ExpectedError(
      `The state of device ${id} is not one that this provider wrote. Restore an earlier state (\`pulumi stack export --version\`).`,
    );
  }
  return {
    deviceId: id,
    declared: { ...declared },
    certificate: text(certificate),
    privateKey: text(privateKey),
    validUntil: text(validUntil),
    createdAt: text(createdAt),
    adopted: adopted === true,
    keepsName: keepsItsName(state, { ...declared }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
