// Checks the result of a step.

/**
 * @param {import("./tools.mjs").Outcome} outcome
 * @param {number} status
 * @param {string} [said]
 */
export function expect(outcome, status, said = "") {
  if (outcome.status === status && outcome.output.includes(said)) return;
  const end = outcome.output.trim().slice(-2000);
  throw new Error(
    `Expected exit code ${status} ${said && `and "${said}" `}but got ${outcome.status ?? "a signal"}:\n${end}`,
  );
}

/**
 * @param {string} what
 * @param {readonly string[]} found
 * @param {readonly string[]} expected
 */
export function expectIds(what, found, expected) {
  const missing = expected.filter((id) => !found.includes(id));
  const extra = found.filter((id) => !expected.includes(id));
  if (missing.length === 0 && extra.length === 0) return;
  throw new Error(
    `${what}: missing ${missing.slice(0, 10).join(", ") || "none"}; too many ${extra.slice(0, 10).join(", ") || "none"}.`,
  );
}
