import { uniformInt } from "pure-rand/distribution/uniformInt";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { plainCourse, type CourseOfJob } from "../bulk/course.js";
import type { OperationId } from "../http/operationIds.js";
import type { Faults } from "./faults.js";

/** A fault of a bulk job. A job has one at most. `share` is the share of the rows that are applied. */
export type JobFault =
  /** It remains IN_PROGRESS with nothing applied, for this many milliseconds or without an end. */
  | { readonly kind: "jobStalls"; readonly ms?: number | undefined }
  /** It stops after this share of its rows and FAILED, without an error summary. */
  | { readonly kind: "jobFailsWithoutSummary"; readonly share: number }
  /** The other rows, wherever they are, get an error in the summary. */
  | { readonly kind: "jobAppliesInPart"; readonly share: number }
  /** It remains PENDING for this many milliseconds. */
  | { readonly kind: "jobAppliesLate"; readonly ms: number };

const jobKinds = [
  "jobStalls",
  "jobFailsWithoutSummary",
  "jobAppliesInPart",
  "jobAppliesLate",
] as const satisfies readonly JobFault["kind"][];

/** The operations that make bulk jobs. */
export const jobOperations = [
  "OnboardDevices",
  "RegisterCertificates",
  "RegisterPublicKeys",
  "CreateDevicesInBulk",
] as const satisfies readonly OperationId[];

export type JobOperation = (typeof jobOperations)[number];

const notProcessed = "The row was not processed because of an internal error.";

/** How the job of an operation will proceed. */
export function courseOf(faults: Faults, operation: JobOperation, rowCount: number): CourseOfJob {
  const drawn = faults.draw(operation, jobKinds);
  return drawn === undefined ? plainCourse : courseWith(drawn.fault, rowCount, drawn.random);
}

function courseWith(fault: JobFault, rowCount: number, random: RandomGenerator): CourseOfJob {
  switch (fault.kind) {
    case "jobStalls":
      return { ...plainCourse, stallsForMs: fault.ms ?? Infinity };
    case "jobAppliesLate":
      return { ...plainCourse, staysPendingForMs: fault.ms };
    case "jobFailsWithoutSummary":
      return { ...plainCourse, breaksOffBefore: Math.round(fault.share * rowCount) };
    case "jobAppliesInPart": {
      const applied = someOf(rowCount, Math.round(fault.share * rowCount), random);
      return { ...plainCourse, refusal: (row) => (applied.has(row) ? undefined : notProcessed) };
    }
  }
}

/** So many of the numbers from 0 to below the total, chosen by chance. */
function someOf(total: number, count: number, random: RandomGenerator): ReadonlySet<number> {
  const numbers = Array.from({ length: total }, (_, index) => index);
  const chosen = new Set<number>();
  while (chosen.size < count) {
    const [number] = numbers.splice(uniformInt(random, 0, numbers.length - 1), 1);
    if (number !== undefined) chosen.add(number);
  }
  return chosen;
}
