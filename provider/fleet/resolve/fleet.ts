/** Resolves a definition to a fleet. */
import { readCas, readIssueSettings } from "./ca.js";
import { resolveClaims } from "./claims.js";
import { isRecord } from "../data.js";
import type { Fleet } from "../fleet.js";
import { resolveGroups } from "./groups.js";
import { resolveJitp } from "./jitp.js";
import { readPolicy, type Policy } from "../policy.js";
import { readAmount } from "../amount.js";
import type { Report } from "../problems.js";
import { resolveRollouts } from "./rollouts.js";
import { DeclaredDevices } from "./declaredDevices.js";
import { readSettings } from "./settings.js";
import type { FleetIo } from "../sources/io.js";

/**
 * Resolves a definition, and reports its problems. What the schema refuses is skipped without a report, so the result is
 * valid only if the report is empty.
 */
export function resolveDefinition(definition: unknown, folder: string, io: FleetIo, report: Report): Fleet {
  const root = isRecord(definition) ? definition : {};
  const context = { folder, io, report, declaredDevices: new DeclaredDevices(report) };
  const cas = readCas(root, folder, io, report);
  const certificates = readIssueSettings(root.certificates, report);
  const defaults = readSettings(root.defaults, ["defaults"], report);
  const devices = resolveGroups(root.groups, defaults, Object.hasOwn(root, "ca"), context);
  const jitp = resolveJitp(root.jitp, defaults, context);
  const claims = resolveClaims(root.claims, context);
  context.declaredDevices.reportOverlaps();
  const policy = root.policy === undefined ? undefined : policyOf(root.policy, report);
  const maxDeletes = readAmount(root.maxDeletes);
  const rollouts = resolveRollouts(root, { devices, jitp, claims });
  return {
    ...cas,
    certificates,
    devices,
    jitp,
    claims,
    rollouts,
    ...(maxDeletes && { maxDeletes }),
    ...(policy && { policy }),
  };
}

/** The schema has reported what has the wrong shape. */
function policyOf(value: unknown, report: Report): Policy | undefined {
  const read = readPolicy(value);
  if (read.ok) return read.policy;
  if (!read.isShape) report.add(report.place(["policy", read.key]), read);
  return undefined;
}
