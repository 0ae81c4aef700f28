import { checkConfig } from "../../fleet/config.js";
import { checkJitpDeviceId } from "../../fleet/imei.js";
import {
  checkDeviceId,
  checkDeviceUuid,
  checkName,
  checkProvisioningTag,
  checkSubType,
  checkTag,
  type Violation,
} from "../../fleet/rules.js";
import type { Row } from "./row.js";

/** Finds ids, tags, names and sub-types that nRF Cloud does not accept. */
export function rowProblems(id: string, row: Row): string[] {
  const checks = row.way === "attestation" ? claimChecks(id, row.tags) : deviceChecks(id, row);
  return [...checks, row.config === undefined ? undefined : checkConfig(row.config)].flatMap((violation) =>
    violation === undefined ? [] : [`${violation.message}; ${violation.fix}`],
  );
}

/** Longest wait for the first connect, in seconds. */
const MAX_WAIT_SECONDS = 3_600;

type Check = Violation | undefined;

function claimChecks(id: string, tags: readonly string[]): Check[] {
  const lower: Check =
    id === id.toLowerCase()
      ? undefined
      : { message: `the UUID ${id} has capital letters`, fix: "write it in lower case" };
  return [checkDeviceUuid(id), lower, ...tags.map(checkProvisioningTag)];
}

function deviceChecks(id: string, row: Exclude<Row, { way: "attestation" }>): Check[] {
  return [
    checkDeviceId(id),
    ...(row.way === "jitp" && checkDeviceId(id) === undefined ? [checkJitpDeviceId(id)] : []),
    ...(row.subType === undefined ? [] : [checkSubType(row.subType)]),
    ...(row.name === undefined ? [] : [checkName(row.name)]),
    ...row.tags.map(checkTag),
    ...(row.way === "jitp" ? [checkWait(row.waitSeconds)] : []),
  ];
}

function checkWait(seconds: number): Check {
  if (seconds <= MAX_WAIT_SECONDS) return undefined;
  return {
    message: `the wait is ${seconds} s, and at most 3,600 are allowed`,
    fix: "wait an hour at most, or leave the claim to a later run with pending=allow",
  };
}
