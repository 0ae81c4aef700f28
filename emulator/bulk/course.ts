/** How a job proceeds, besides the bulk delay. */
export interface CourseOfJob {
  readonly staysPendingForMs: number;
  /** The time in IN_PROGRESS before its first row, in milliseconds; Infinity: it never ends. */
  readonly stallsForMs: number;
  /** The row before which it stops and is FAILED without a summary; undefined: it applies all. */
  readonly breaksOffBefore: number | undefined;
  /** Why a row is not applied; undefined: it is. */
  readonly refusal: (row: number) => string | undefined;
}

/** The course of a job without a fault. */
export const plainCourse: CourseOfJob = {
  staysPendingForMs: 0,
  stallsForMs: 0,
  breaksOffBefore: undefined,
  refusal: () => undefined,
};
