/**
 * Does synchronous work without collecting stack traces. Pulumi's SDK keeps one for each of the dozens of promises behind a
 * resource, to explain promises that never settle; for thousands of resources that all come from one line of ours, they take
 * most of the time that a program needs.
 */
export function withoutStackTraces<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
