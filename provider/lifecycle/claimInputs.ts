import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { LooseObject } from "../engine/outputs.js";
import { checkDeviceId, checkName, checkSubType, checkTag } from "../fleet/rules.js";
import { ownershipCodeRule } from "./ownershipCode.js";
import { explained } from "./rules.js";

/** Long enough to power up a kit on the desk; short enough for a pipeline to fail in time. */
export const DEFAULT_WAIT_SECONDS = 120;
const LONGEST_WAIT_SECONDS = 3600;

/** What a claim is declared to be, as far as it is known. */
export interface ClaimInputs {
  readonly deviceId: string | undefined;
  readonly ownershipCode: string | undefined;
  readonly subType: string | undefined;
  readonly name: string | undefined;
  readonly tags: readonly string[];
  readonly waitSeconds: number;
  readonly pending: "allow" | "fail";
  readonly adopt: boolean;
}

/** The inputs of a claim that is about to be made: all is known. */
export interface KnownClaimInputs extends ClaimInputs {
  readonly deviceId: string;
  readonly ownershipCode: string;
}

/** Reads the inputs of a claim; what is wrong is left in `fields.failures`. */
export function readClaimInputs(fields: Fields): ClaimInputs {
  return {
    deviceId: fields.requiredText("deviceId", explained(checkDeviceId)),
    ownershipCode: fields.requiredText("ownershipCode", ownershipCodeRule),
    subType: fields.text("subType", explained(checkSubType)),
    name: fields.text("name", explained(checkName)),
    tags: fields.texts("tags", explained(checkTag)) ?? [],
    waitSeconds: fields.number("wait", waitRule) ?? DEFAULT_WAIT_SECONDS,
    pending: fields.text("pending", pendingRule) === "allow" ? "allow" : "fail",
    adopt: fields.text("adopt") === "keep",
  };
}

/** The inputs of a claim, checked before, with nothing unknown left. */
export function knownClaimInputs(news: LooseObject): KnownClaimInputs {
  const inputs = readClaimInputs(new Fields(news));
  const { deviceId, ownershipCode } = inputs;
  if (deviceId === undefined || ownershipCode === undefined) {
    throw new ExpectedError("The id of the device and its ownership code must be known.");
  }
  return { ...inputs, deviceId, ownershipCode };
}

function waitRule(seconds: number): string | undefined {
  return seconds >= 0 && seconds <= LONGEST_WAIT_SECONDS ? undefined : "must be 0 to 3600 seconds";
}

function pendingRule(pending: string): string | undefined {
  return pending === "allow" || pending === "fail" ? undefined : 'must be "allow" or "fail"';
}
