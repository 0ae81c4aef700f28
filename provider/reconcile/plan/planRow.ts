import {
  compareRecord,
  compareRows,
  isSigned,
  sameCredential,
  type Field,
  type RowChange,
  type TableChange,
} from "./change.js";
import * as say from "./finding.js";
import type { Finding } from "./finding.js";
import type { RowRecord } from "../table/record.js";
import type { PreconnectRow, Row } from "../table/row.js";
import {
  bytesAfter,
  configChange,
  mergeConfig,
  SHADOW_BYTES,
  type DeviceConfig,
} from "../../fleet/config.js";
import type { LoggedCredential, RowSituation, Seen, SeenShadow, Unfinished } from "./situation.js";
import { renewedKey, type RenewedKey } from "./renewedKey.js";
import { removalOf, type CredentialSource, type Step } from "./step.js";
import { generationsOf, turnOf, type Turn } from "./turn.js";

/** What is to become of one row. */
export interface RowPlan {
  /** The change, as people see it. */
  readonly change: RowChange;
  /** What is to be done, in this order. */
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  /**
   * What the state has of the row afterwards: the declared row, what it had, what the log has, that it is retired and gone, or nothing.
   */
  readonly then: "declared" | "as it was" | "logged" | "retired" | "nothing";
  /** How it is recorded when all went well. */
  readonly outcome: "done" | "adopted" | "replaced" | "hidden" | "renewing";
  /** Of a claimed device: which key it has, and which it is ordered to make. */
  readonly key?: RenewedKey["then"] | undefined;
}

const SAME: RowPlan = {
  change: { kind: "same" },
  steps: [],
  findings: [],
  then: "as it was",
  outcome: "done",
};

/** Plans one row, from what is declared, recorded, in the account and in the redo log. */
export function planRow(situation: RowSituation): RowPlan {
  const { declared, record } = situation;
  if (declared === undefined)
    return record === undefined ? planOrphan(situation) : planRemoval(situation, record);
  const retired = declared.retired === undefined ? undefined : planRetired(situation);
  if (retired !== undefined) return retired;
  const plan =
    record?.row === undefined
      ? planArrival(situation, declared)
      : planChange(situation, declared, record, record.row);
  const findings = [
    ...shadowFindings(plan, situation, declared.config),
    ...undeclaredFindings(plan, situation.table),
  ];
  return findings.length === 0 ? plan : { ...plan, findings: [...plan.findings, ...findings] };
}

/** What is kept of a CA that is gone is not registered: the next run would only issue another certificate in its place. */
function undeclaredFindings({ steps }: RowPlan, { undeclared = [] }: TableChange): Finding[] {
  const isUndeclared = steps.some(
    (step) => "credential" in step && undeclared.some((kept) => step.credential.kind === kept),
  );
  return isUndeclared ? [say.refuse(say.CA_UNDECLARED)] : [];
}

/** Whether a shadow has room for what is to be set, beside what others keep there. */
function shadowFindings(
  { steps }: RowPlan,
  { seen, record, log }: RowSituation,
  config: DeviceConfig | undefined,
): Finding[] {
  const shadow = seen?.kind === "present" ? seen.shadow : undefined;
  if (shadow?.kind !== "read" || !steps.some(({ kind }) => kind === "configure")) return [];
  const change = configChange(shadow.desired, formerConfig(record?.row?.config, log), config);
  if (change === undefined || bytesAfter(shadow.desired, change) <= SHADOW_BYTES) return [];
  return [say.refuse(say.SHADOW_FULL)];
}

/** What becomes of a retired device that is gone, or whose term is over; `undefined` where it changes like any other. */
function planRetired({ record, seen, log, retirement }: RowSituation): RowPlan | undefined {
  if (retirement?.kind === "gone") return SAME;
  if (log?.verdict === "running" || seen?.kind === "hidden") return undefined;
  if (record === undefined)
    return seen?.kind === "present" ? undefined : { ...SAME, findings: [say.keep(say.RETIRED_ABSENT)] };
  const gone = { then: "retired", outcome: "done" } as const;
  const before = record.row;
  if (seen?.kind === "absent" || (before === undefined && seen === undefined)) {
    return { ...gone, change: { kind: "same" }, steps: [], findings: [say.note(say.RETIRED_GONE)] };
  }
  if (retirement?.kind !== "due" || before === undefined || record.outcome.kind === "waiting")
    return undefined;
  if (seen?.kind === "present" && isAnother(seen, record, log)) return undefined;
  const step = removalOf(before);
  if (step === undefined) return undefined;
  return {
    ...gone,
    change: { kind: "remove", before },
    steps: seen === undefined ? [] : [step],
    findings: [say.note(say.RETIRED_OVER)],
  };
}

/** An orphan of an interrupted run: nothing declares it, and the state does not have it. */
function planOrphan({ seen, log }: RowSituation): RowPlan {
  if (log?.row === undefined || seen?.kind !== "present" || log.verdict === "foreign") return SAME;
  if (log.verdict === "running") return { ...SAME, findings: [say.keep(say.UNDER_WAY)] };
  if (log.verdict === "doubt") return { ...SAME, findings: [say.keep(say.DOUBT)] };
  const step = removalOf(log.row);
  if (step === undefined) return SAME;
  return {
    change: { kind: "remove", before: log.row },
    steps: [step],
    findings: [say.note(say.ORPHANS)],
    then: "nothing",
    outcome: "done",
  };
}

function planRemoval(situation: RowSituation, record: RowRecord): RowPlan {
  const { seen, log } = situation;
  const before = record.row;
  const gone = { then: "nothing", outcome: "done", findings: [] } as const;
  if (before === undefined) {
    // By the state, the device was never created.
    const late = planOrphan(situation);
    if (late.steps.length > 0) return late;
    return { ...gone, change: { kind: "same" }, steps: [], findings: late.findings };
  }
  const change: RowChange = { kind: "remove", before };
  if (seen?.kind === "hidden") {
    const findings = [say.keep(say.HIDDEN)];
    return { change: { kind: "same" }, steps: [], findings, then: "as it was", outcome: "hidden" };
  }
  const step = removalOf(before);
  // What waits for its first connect was never claimed by this stack.
  const waits = record.outcome.kind === "waiting" && log?.verdict !== "ours";
  if (step === undefined || waits || seen?.kind !== "present") return { ...gone, change, steps: [] };
  if (isAnother(seen, record, log)) {
    return { ...gone, change: { kind: "same" }, steps: [], findings: [say.keep(say.REPLACED)] };
  }
  return { ...gone, change, steps: [step] };
}

/** It is declared, and the state does not have it. */
function planArrival(situation: RowSituation, declared: Row): RowPlan {
  const { seen, log, record } = situation;
  const change: RowChange = { kind: "add", after: declared };
  if (seen?.kind !== "present") {
    if (declared.way === "preconnect" && declared.credential.kind === "existing") {
      const findings = seen === undefined ? [] : [say.refuse(say.NOT_THERE)];
      return { change, steps: [], findings, then: "declared", outcome: "adopted" };
    }
    const wasIssued =
      declared.way === "jitp" &&
      record?.privateKey === undefined &&
      log?.credential?.privateKey !== undefined;
    return {
      change,
      steps: arrivalSteps(declared, record, log, isOutdated(situation)),
      findings: [],
      then: wasIssued ? "logged" : "declared",
      outcome: "done",
    };
  }
  if (log?.verdict === "ours" && log.row !== undefined) return resume(seen, log, log.row, declared);
  if (log?.verdict === "running")
    return { change, steps: [], findings: [say.keep(say.UNDER_WAY)], then: "as it was", outcome: "done" };
  if (declared.adopt === "no") {
    const taken = declared.way === "preconnect" ? say.TAKEN : say.CLAIMED;
    const findings = [say.refuse(log?.verdict === "doubt" ? `${taken}\n${say.DOUBT}` : taken)];
    return { change, steps: [], findings, then: "declared", outcome: "done" };
  }
  return adopt(seen, log, declared, change);
}

function arrivalSteps(
  declared: Row,
  record: RowRecord | undefined,
  log: Unfinished | undefined,
  outdated: boolean,
): Step[] {
  switch (declared.way) {
    case "preconnect":
      return [
        { kind: "onboard", credential: arrivalCredential(declared, record, log, outdated) },
        ...nextSteps(declared, record, log),
        ...(declared.name === undefined ? [] : [{ kind: "rename" } as const]),
      ];
    case "jitp": {
      const issued = record?.privateKey !== undefined || log?.credential?.privateKey !== undefined;
      return [...(declared.issued && !issued ? [{ kind: "issue" } as const] : []), { kind: "associate" }];
    }
    case "attestation":
      return [{ kind: "claim" }];
  }
}

/** A key that was made for the row already is used, as the device may have been flashed with it. */
function arrivalCredential(
  declared: PreconnectRow,
  record: RowRecord | undefined,
  log: Unfinished | undefined,
  outdated: boolean,
): CredentialSource {
  if (!isSigned(declared.credential)) return { kind: "brought" };
  if (log?.credential?.certificate !== undefined && isOfSameOrder(log.row, declared))
    return { kind: "logged" };
  const turn = turnOf(record && generationsOf(record, record.row ?? declared), declared);
  if (turn === "activate") return { kind: "next" };
  if (turn === "return") return { kind: "previous" };
  const isKept = isOfSameOrder(record?.row ?? declared, declared) || turn === "issue";
  if (record?.certificate !== undefined && isKept && turn !== "renew")
    return { kind: outdated && turn === "none" ? "same key" : "recorded" };
  return { kind: "new" };
}

/** Makes the next credential, where the row asks for one; what an interrupted run made is used. */
function nextSteps(declared: Row, record: RowRecord | undefined, log: Unfinished | undefined): Step[] {
  if (declared.way !== "preconnect" || record === undefined) return [];
  if (turnOf(generationsOf(record, record.row), declared) !== "issue") return [];
  return [{ kind: "next", credential: { kind: loggedNext(log, declared) === undefined ? "new" : "logged" } }];
}

/** A credential that an interrupted run made for what is the next one now. */
export function loggedNext(
  log: Unfinished | undefined,
  declared: PreconnectRow,
): LoggedCredential | undefined {
  if (!isOfSameOrder(log?.row, declared)) return undefined;
  return [log?.next, log?.credential].find((each) => each?.certificate !== undefined);
}

/** Whether the certificate that the state has would be replaced, were the device there. */
function isOutdated({ table, renewalDue }: RowSituation): boolean {
  return table.ca || table.validity || renewalDue;
}

function isRenewed(steps: readonly Step[]): boolean {
  return steps.some((step) => step.kind === "onboard" && step.credential.kind === "same key");
}

/** Whether a credential that was made for one row is what the other asks for. */
function isOfSameOrder(one: Row | undefined, other: PreconnectRow): boolean {
  return one?.way === "preconnect" && sameCredential(one, other);
}

/** An interrupted run created it: the state gets it with the credential in the log. */
function resume(seen: Seen & { kind: "present" }, log: Unfinished, logged: Row, declared: Row): RowPlan {
  const change = compareRows(logged, declared);
  const findings = [say.note(say.RESUMED)];
  if (change.kind === "replace") {
    const credential: CredentialSource = isBrought(declared) ? { kind: "brought" } : { kind: "new" };
    const steps: Step[] = [
      { kind: "delete" },
      { kind: "onboard", credential },
      ...renameAfterOnboard(declared),
    ];
    return { change, steps, findings, then: "declared", outcome: "done" };
  }
  const steps: Step[] = [];
  const turn = turnOf(generationsOf(undefined, logged), declared);
  if (fieldsOf(change).includes("credential") && turn !== "issue") {
    steps.push({ kind: "register", credential: isBrought(declared) ? { kind: "brought" } : { kind: "new" } });
  } else if (turn === "renew" && declared.way === "preconnect") {
    steps.push({ kind: "register", credential: { kind: "new" } });
  } else if (log.steps.includes("register")) {
    steps.push({ kind: "register", credential: { kind: isBrought(declared) ? "brought" : "logged" } });
  }
  if (declared.way === "jitp") steps.push({ kind: "associate" });
  steps.push(...settle(seen, declared, { keepsName: false, former: logged.config }));
  return { change: { kind: "add", after: declared }, steps, findings, then: "logged", outcome: "done" };
}

function adopt(
  seen: Seen & { kind: "present" },
  log: Unfinished | undefined,
  declared: Row,
  shown: RowChange,
): RowPlan {
  const change: RowChange = shown.kind === "add" ? { ...shown, adopted: true } : shown;
  const wanted = declared.way === "attestation" ? undefined : declared.subType;
  const isOther = declared.way === "preconnect" && wanted !== undefined && wanted !== seen.subType;
  if (isOther) {
    const findings = [say.refuse(say.OTHER_SUB_TYPE(seen.subType ?? "", wanted))];
    return { change, steps: [], findings, then: "declared", outcome: "adopted" };
  }
  const settled = settle(seen, declared, { keepsName: true });
  if (
    declared.way === "preconnect" &&
    declared.adopt === "recertify" &&
    declared.credential.kind !== "existing"
  ) {
    // An interrupted run may have registered its certificate already.
    const credential = arrivalCredential(declared, undefined, log, false);
    return {
      change,
      steps: [{ kind: "register", credential }, ...settled],
      findings: credential.kind === "logged" ? [say.note(say.RESUMED)] : [],
      then: "declared",
      outcome: "done",
    };
  }
  const brings = declared.way === "preconnect" && isBrought(declared);
  const findings = [say.note(brings ? say.ADOPTED_OTHER : say.ADOPTED)];
  const steps: Step[] = declared.way === "jitp" ? [{ kind: "associate" }, ...settled] : settled;
  return { change, steps, findings, then: "declared", outcome: "adopted" };
}

function planChange(situation: RowSituation, declared: Row, record: RowRecord, before: Row): RowPlan {
  const { seen, log, table, renewalDue } = situation;
  const change = compareRecord(record, before, declared, table, renewalDue);
  if (seen?.kind === "hidden") {
    const findings = [say.keep(say.HIDDEN)];
    return { change: { kind: "same" }, steps: [], findings, then: "as it was", outcome: "hidden" };
  }
  if ((before.way === "attestation") !== (declared.way === "attestation"))
    return cross(situation, declared, before, change);
  const waits = record.outcome.kind === "waiting";
  // This stack has not claimed it, so that somebody else has.
  if (waits && seen?.kind === "present") return planArrival(situation, declared);
  if (seen?.kind === "absent" || (waits && seen?.kind !== "present")) {
    const steps = arrivalSteps(declared, record, log, isOutdated(situation));
    const shown: RowChange = waits ? change : { kind: "add", after: declared };
    return {
      change: shown,
      steps,
      findings: waits ? [] : [say.note(isRenewed(steps) ? say.GONE_RENEWED : say.GONE)],
      then: "declared",
      outcome: "done",
    };
  }
  if (seen?.kind === "present" && log?.verdict === "running" && seen.createdAt !== record.createdAt)
    return { change, steps: [], findings: [say.keep(say.UNDER_WAY)], then: "as it was", outcome: "done" };
  if (seen?.kind === "present" && isAnother(seen, record, log)) {
    if (declared.adopt !== "no") return adopt(seen, log, declared, { kind: "add", after: declared });
    return {
      change: { kind: "same" },
      steps: [],
      findings: [say.keep(say.REPLACED)],
      then: "as it was",
      outcome: "replaced",
    };
  }
  // The replacement was interrupted after it had created the new device.
  if (
    seen?.kind === "present" &&
    log?.verdict === "ours" &&
    log.row !== undefined &&
    seen.createdAt !== record.createdAt
  )
    return resume(seen, log, log.row, declared);
  if (change.kind === "replace") return replace(change, declared);
  return inPlace(situation, change, declared, record, before);
}

/** From a claim to the device itself or back: two things that the account keeps apart, and what was seen is of the way declared. */
function cross({ seen, log }: RowSituation, declared: Row, before: Row, change: RowChange): RowPlan {
  const findings = before.way === "attestation" ? [say.note(say.STAYS_CLAIMED)] : [];
  if (seen?.kind !== "present") {
    const steps = arrivalSteps(declared, undefined, log, false);
    return { change, steps, findings, then: "declared", outcome: "done" };
  }
  const adopted = adopt(
    seen,
    log,
    declared.adopt === "no" ? { ...declared, adopt: "keep" } : declared,
    change,
  );
  return { ...adopted, findings: [...findings, ...adopted.findings] };
}

function replace(change: RowChange, declared: Row): RowPlan {
  const credential: CredentialSource = isBrought(declared) ? { kind: "brought" } : { kind: "new" };
  const isKept = declared.way === "preconnect" && declared.credential.kind === "existing";
  if (isKept) {
    const findings = [
      say.refuse(
        "The provider can make this change only if it deletes these devices and onboards them again. That needs a credential, and the rows " +
          "declare none. Undo the change, or declare credentials.",
      ),
    ];
    return { change, steps: [], findings, then: "as it was", outcome: "adopted" };
  }
  return {
    change,
    steps: [{ kind: "delete" }, { kind: "onboard", credential }, ...renameAfterOnboard(declared)],
    findings: [],
    then: "declared",
    outcome: "done",
  };
}

function inPlace(
  { seen, log, renewal }: RowSituation,
  change: RowChange,
  declared: Row,
  record: RowRecord,
  before: Row,
): RowPlan {
  const fields = new Set(fieldsOf(change));
  const turn = before.way === declared.way ? turnOf(generationsOf(record, before), declared) : "none";
  const present = seen?.kind === "present" ? seen : undefined;
  const findings: Finding[] = [];
  const steps: Step[] = [...waySteps(before, declared, record)];
  const renewed =
    before.way === "attestation" && declared.way === "attestation"
      ? renewedKey(record, before, declared, renewal)
      : undefined;
  if (renewed !== undefined) {
    steps.push(...renewed.steps);
    findings.push(...renewed.findings);
  } else if (turn === "lost") findings.push(say.refuse(say.LOST_GENERATION));
  else if (turn === "same generation") findings.push(say.refuse(say.SAME_GENERATION));
  const credential = credentialStep(change, turn, declared, record, log, fields, findings);
  if (credential !== undefined) steps.push(credential);
  steps.push(...nextSteps(declared, record, log));
  if (declared.way === "jitp" && before.way === "jitp") {
    const interrupted = log?.steps.includes("associate") === true;
    if (record.outcome.kind === "waiting" || fields.has("subType") || interrupted)
      steps.push({ kind: "associate" });
    if (fields.has("credential") && declared.issued) {
      findings.push(
        say.refuse(
          "nRF Cloud issues no certificate for devices that are in the account. Remove `certificates`, or release the devices first.",
        ),
      );
    }
  }
  const doubtful = new Set<Field>(fields);
  if (log?.steps.includes("retag") === true) doubtful.add("tags");
  if (log?.steps.includes("rename") === true) doubtful.add("name");
  if (log?.steps.includes("configure") === true) doubtful.add("config");
  const former = formerConfig(before.config, log);
  if (present !== undefined && record.outcome.kind !== "waiting")
    steps.push(...settle(present, declared, { keepsName: record.keepsName, doubtful, former }));
  else if (present === undefined) steps.push(...blindly(declared, doubtful));
  const outcome = renewed?.outcome ?? outcomeOf(record, credential);
  if (declared.config !== undefined && present?.shadow?.kind === "not yet") {
    findings.push(say.keep(say.CONFIG_LATER));
    const isAll = steps.length === 0 && [...fields].every((field) => field === "config");
    if (isAll && record.outcome.kind === outcome)
      return { change: { kind: "same" }, steps, findings, then: "as it was", outcome };
  }
  const settled =
    change.kind === "same" &&
    steps.length === 0 &&
    record.outcome.kind === outcome &&
    renewed?.isNews !== true;
  if (!settled && change.kind === "same" && steps.length === 0 && renewed === undefined)
    findings.push(say.note(say.SETTLED));
  const resumes = credential?.credential.kind === "logged";
  return {
    change,
    steps,
    findings,
    then: resumes ? "logged" : settled ? "as it was" : "declared",
    outcome,
    ...(renewed === undefined ? {} : { key: renewed.then }),
  };
}

function outcomeOf(
  record: RowRecord,
  credential: (Step & { kind: "register" }) | undefined,
): "done" | "adopted" {
  return credential === undefined && record.outcome.kind === "adopted" ? "adopted" : "done";
}

/** The account keeps the device where a row changes between the ways of the device API. */
function waySteps(before: Row, declared: Row, record: RowRecord): Step[] {
  if (before.way === declared.way || declared.way === "attestation") return [];
  const isThere = record.outcome.kind !== "waiting";
  if (declared.way === "jitp") return isThere ? [] : [{ kind: "associate" }];
  if (declared.credential.kind === "existing") return [];
  const credential: CredentialSource = isBrought(declared) ? { kind: "brought" } : { kind: "new" };
  return [{ kind: isThere ? "register" : "onboard", credential }];
}

/** What registers another credential, finishes an interrupted registration, or undoes one. */
function credentialStep(
  change: RowChange,
  turn: Turn,
  declared: Row,
  record: RowRecord,
  log: Unfinished | undefined,
  fields: ReadonlySet<Field>,
  findings: Finding[],
): (Step & { kind: "register" }) | undefined {
  if (declared.way !== "preconnect" || fields.has("via")) return undefined;
  if (turn === "activate") return { kind: "register", credential: { kind: "next" } };
  if (turn === "return") return { kind: "register", credential: { kind: "previous" } };
  const interrupted = log?.steps.includes("register") === true ? log : undefined;
  const recertified = change.kind === "update" && fields.has("adopt") && declared.adopt === "recertify";
  const another =
    (fields.has("credential") && declared.credential.kind !== "existing") || recertified || turn === "renew";
  const sameKey = fields.has("ca") || fields.has("validity") || fields.has("renewal");
  if (another || sameKey) {
    if (isBrought(declared)) return { kind: "register", credential: { kind: "brought" } };
    if (interrupted?.credential?.certificate !== undefined && isOfSameOrder(interrupted.row, declared)) {
      findings.push(say.note(say.RESUMED));
      return { kind: "register", credential: { kind: "logged" } };
    }
    const keepsKey = !another && record.privateKey !== undefined;
    return { kind: "register", credential: { kind: keepsKey ? "same key" : "new" } };
  }
  if (interrupted === undefined || declared.credential.kind === "existing") return undefined;
  if (isBrought(declared)) return { kind: "register", credential: { kind: "brought" } };
  if (record.certificate === undefined) return undefined;
  findings.push(say.note(say.RESTORED));
  return { kind: "register", credential: { kind: "recorded" } };
}

/** What was set before, be it by an interrupted run. */
export function formerConfig(
  recorded: DeviceConfig | undefined,
  log: Unfinished | undefined,
): DeviceConfig | undefined {
  const logged = log?.steps.includes("configure") === true ? log.row?.config : undefined;
  return recorded === undefined || logged === undefined
    ? (recorded ?? logged)
    : mergeConfig(recorded, logged);
}

/** How a device that is in the account is brought to what is declared. */
export interface Settling {
  readonly keepsName: boolean;
  /** What must be set whatever a list that lags shows. */
  readonly doubtful?: ReadonlySet<Field>;
  /** What was set in its shadow before. */
  readonly former?: DeviceConfig | undefined;
}

/** Name, tags and configuration that differ from what the account shows, or that must be set whatever it shows. */
export function settle(
  seen: Seen & { kind: "present" },
  declared: Row,
  { keepsName, doubtful = new Set(), former }: Settling,
): Step[] {
  const steps: Step[] = [];
  if (declared.way !== "attestation") {
    const wanted = declared.name ?? (keepsName ? undefined : "");
    // Without a name of its own, nRF Cloud calls a device by its id, which the caller has put in place of "".
    if (wanted !== undefined && (doubtful.has("name") || !isNamed(seen, declared)))
      steps.push({ kind: "rename" });
  }
  if (doubtful.has("tags") || !sameTags(seen.tags, declared.tags)) steps.push({ kind: "retag" });
  if (isToConfigure(seen.shadow, declared.config, former, doubtful)) steps.push({ kind: "configure" });
  return steps;
}

function isToConfigure(
  shadow: SeenShadow | undefined,
  config: DeviceConfig | undefined,
  former: DeviceConfig | undefined,
  doubtful: ReadonlySet<Field>,
): boolean {
  if ((config === undefined && former === undefined) || shadow?.kind === "not yet") return false;
  if (doubtful.has("config") || shadow === undefined) return true;
  return configChange(shadow.desired, former, config) !== undefined;
}

/** Without a read of the account, the changed fields are set. */
function blindly(declared: Row, fields: ReadonlySet<Field>): Step[] {
  return [
    ...(fields.has("name") && declared.way !== "attestation" ? [{ kind: "rename" } as const] : []),
    ...(fields.has("tags") ? [{ kind: "retag" } as const] : []),
    ...(fields.has("config") ? [{ kind: "configure" } as const] : []),
  ];
}

function isNamed(seen: Seen & { kind: "present" }, declared: Exclude<Row, { way: "attestation" }>): boolean {
  return (seen.name ?? "") === (declared.name ?? "");
}

export function sameTags(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && [...one].sort().join() === [...other].sort().join();
}

function renameAfterOnboard(declared: Row): Step[] {
  return declared.way === "preconnect" && declared.name !== undefined ? [{ kind: "rename" }] : [];
}

function fieldsOf(change: RowChange): readonly Field[] {
  return change.kind === "update" || change.kind === "replace" ? change.fields : [];
}

function isBrought(row: Row): boolean {
  return (
    row.way === "preconnect" && (row.credential.kind === "certificate" || row.credential.kind === "publicKey")
  );
}

/** Whether the account has another device under the id than the state: one of another time, that no run of this stack created. */
function isAnother(
  seen: Seen & { kind: "present" },
  record: RowRecord,
  log: Unfinished | undefined,
): boolean {
  if (record.createdAt === undefined || seen.createdAt === undefined) return false;
  return record.createdAt !== seen.createdAt && log?.verdict !== "ours";
}
