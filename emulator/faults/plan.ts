import { invalid } from "../errors.js";
import { isRecord } from "../http/json.js";
import { isOperationId, operationIds, type OperationId } from "../http/operationIds.js";
import { serverErrorStatuses } from "./answers.js";
import { claimOperations } from "./claimedByAnother.js";
import type { Fault, FaultKind, FaultOf, FaultPlan, FaultRule } from "./fault.js";
import { duration, Fields, maximalMs, share } from "./fields.js";
import { jobOperations } from "./jobs.js";
import { laggingOperations, pagedOperations } from "./lists.js";

const seeds = { from: 0, to: 2 ** 32 - 1 };
const counts = { from: 1, to: 1_000_000_000 };

interface KindOfFault<Kind extends FaultKind> {
  /** Reads what belongs to it besides its kind. */
  readonly read: (fields: Fields) => FaultOf<Kind>;
  /** The operations that can have it. */
  readonly operations: readonly OperationId[];
}

const kinds: { readonly [Kind in FaultKind]: KindOfFault<Kind> } = {
  latency: {
    read: (fields) => ({ kind: "latency", ms: fields.spread("ms", duration) }),
    operations: operationIds,
  },
  tooManyRequests: {
    read: (fields) => ({
      kind: "tooManyRequests",
      retryAfterSeconds: fields.optionalNumber("retryAfterSeconds", { from: 0, to: maximalMs / 1000 }),
    }),
    operations: operationIds,
  },
  serverError: {
    read: (fields) => {
      const status = fields.choice("status", serverErrorStatuses);
      return fields.optionalFlag("afterEffect") === true
        ? { kind: "serverError", status, afterEffect: true }
        : { kind: "serverError", status };
    },
    operations: operationIds,
  },
  closeBefore: { read: () => ({ kind: "closeBefore" }), operations: operationIds },
  closeAfter: { read: () => ({ kind: "closeAfter" }), operations: operationIds },
  truncated: { read: () => ({ kind: "truncated" }), operations: operationIds },
  notJson: { read: () => ({ kind: "notJson" }), operations: operationIds },
  clockSkew: {
    read: (fields) => ({ kind: "clockSkew", ms: fields.number("ms", { from: -maximalMs, to: maximalMs }) }),
    operations: operationIds,
  },
  jobStalls: {
    read: (fields) => ({ kind: "jobStalls", ms: fields.optionalNumber("ms", duration) }),
    operations: jobOperations,
  },
  jobFailsWithoutSummary: {
    read: (fields) => ({ kind: "jobFailsWithoutSummary", share: fields.number("share", share) }),
    operations: jobOperations,
  },
  jobAppliesInPart: {
    read: (fields) => ({ kind: "jobAppliesInPart", share: fields.number("share", share) }),
    operations: jobOperations,
  },
  jobAppliesLate: {
    read: (fields) => ({ kind: "jobAppliesLate", ms: fields.number("ms", duration) }),
    operations: jobOperations,
  },
  listLags: {
    read: (fields) => ({ kind: "listLags", ms: fields.number("ms", duration) }),
    operations: laggingOperations,
  },
  listChanges: { read: () => ({ kind: "listChanges" }), operations: pagedOperations },
  repeated: { read: () => ({ kind: "repeated" }), operations: operationIds },
  claimedByAnother: { read: () => ({ kind: "claimedByAnother" }), operations: claimOperations },
};

const isKind = (value: unknown): value is FaultKind =>
  typeof value === "string" && Object.hasOwn(kinds, value);

/** The operations that can have a fault. */
export const operationsOf = ({ kind }: Fault): readonly OperationId[] => kinds[kind].operations;

/** Reads a plan from JSON. Throws 42200 with everything that is wrong in it; what is not known is refused. */
export function parsePlan(value: unknown): FaultPlan {
  const problems: string[] = [];
  if (!isRecord(value)) throw invalid(['a fault plan must be an object: {"seed","rules"}']);
  const fields = new Fields(value, "", problems);
  const seed = fields.number("seed", seeds);
  const rules = fields.value("rules");
  const parsed = Array.isArray(rules)
    ? rules.map((rule: unknown, index) => parseRule(rule, `rules[${index}]`, problems))
    : fields.wrong("rules", "must be an array", []);
  fields.refuseOthers();
  if (problems.length > 0) throw invalid(problems);
  return { seed, rules: parsed.filter((rule) => rule !== undefined) };
}

/** Undefined if it cannot be read as a rule. */
function parseRule(value: unknown, place: string, problems: string[]): FaultRule | undefined {
  if (!isRecord(value)) {
    problems.push(`${place} must be an object: {"operations"?,"probability","times"?,"fault"}`);
    return undefined;
  }
  const fields = new Fields(value, place, problems);
  const fault = parseFault(fields);
  const operations = parseOperations(fields, fault);
  const probability = fields.number("probability", share);
  const times = fields.optionalNumber("times", counts);
  fields.refuseOthers();
  return fault && { operations, probability, times, fault };
}

function parseFault(rule: Fields): Fault | undefined {
  const value = rule.value("fault");
  if (!isRecord(value) || !isKind(value.kind)) {
    const known = Object.keys(kinds).join(", ");
    rule.note("fault", `must be an object whose kind is one of ${known}`);
    return undefined;
  }
  const fields = new Fields(value, rule.at("fault"), rule.problems);
  fields.value("kind");
  const fault = kinds[value.kind].read(fields);
  fields.refuseOthers();
  return fault;
}

function parseOperations(rule: Fields, fault: Fault | undefined): readonly OperationId[] | undefined {
  const value = rule.value("operations");
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0) {
    rule.note("operations", "must be an array of one operation or more");
    return undefined;
  }
  const possible = fault === undefined ? operationIds : operationsOf(fault);
  const listed = value.map((id: unknown) => id);
  for (const id of listed) {
    if (!isOperationId(id)) {
      rule.note("operations", `has ${JSON.stringify(id)}, which is not one of ${operationIds.join(", ")}`);
    } else if (!possible.includes(id)) {
      rule.note("operations", `has ${id}, but only ${possible.join(", ")} can have this fault`);
    }
  }
  return listed.filter(isOperationId);
}
