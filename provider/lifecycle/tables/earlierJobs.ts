import type { Unrecorded } from "../../journal/log.js";
import type { Observations } from "../../reconcile/plan/tablePlan.js";
import type { Records } from "../../reconcile/table/record.js";

/** A job that did not end in time proves nothing. */
export function asDoubtful({ seen, log }: Observations): Observations {
  const settled = [...log].map(
    ([id, each]) => [id, each.verdict === "running" ? { ...each, verdict: "doubt" as const } : each] as const,
  );
  return { seen, log: new Map(settled) };
}

/** Whether nRF Cloud may still run an onboarding of an earlier run. */
export function mayBeRunning(
  logged: ReadonlyMap<string, Unrecorded>,
  records: Records,
  { seen }: Observations,
): boolean {
  const isStarted = [...logged].some(
    ([id, { steps }]) =>
      steps.some(({ step }) => step === "onboard" || step === "register") && seen.get(id)?.kind !== "hidden",
  );
  return (
    isStarted ||
    [...records.values()].some(({ jobId, createdAt }) => jobId !== undefined && createdAt === undefined)
  );
}

/** The jobs of earlier runs that may still be running. */
export function jobsOfEarlierRuns(
  logged: ReadonlyMap<string, Unrecorded>,
  records: Records,
): readonly string[] {
  const ofLog = [...logged.values()].flatMap(({ steps }) =>
    steps.flatMap(({ step, jobIds }) => (step === "onboard" ? jobIds : [])),
  );
  const ofState = [...records.values()].flatMap(({ jobId, createdAt }) =>
    jobId !== undefined && createdAt === undefined ? [jobId] : [],
  );
  return [...new Set([...ofLog, ...ofState])];
}
