import type { DeviceConfig } from "../../fleet/config.js";
import type { MadeCredential } from "../../ways/preconnect/credential.js";
import type { RowPlan } from "../plan/planRow.js";
import { EMPTY_RECORD, type RotationRecord, type RowRecord, type RowOutcome } from "../table/record.js";
import type { AttestationRow, Row } from "../table/row.js";
import type { Seen, Unfinished } from "../plan/situation.js";
import type { Step } from "../plan/step.js";
import { rotated } from "./rotated.js";

/** The progress of a run with one row. */
export class RowRun {
  /** What is still to be done, in order. */
  steps: readonly Step[];
  /** What was made or taken for it in this run. */
  made: MadeCredential | undefined;
  /** What an interrupted run made for it. */
  logged: MadeCredential | undefined;
  /** The credential that was made to be the next one. */
  next: MadeCredential | undefined;
  /** The command by which nRF Cloud orders the device to make a new key. */
  command: string | undefined;
  /** When its rotation came as far as it has (ISO 8601), by nRF Cloud's clock. */
  rotatedAt: string | undefined;
  /** The bulk job that creates it. */
  jobId: string | undefined;
  /** As the account had it last. */
  seen: (Seen & { kind: "present" }) | undefined;
  /** The steps for which a credential was made, or could not be. */
  readonly certified = new Set<"onboard" | "register">();
  private failure: string | undefined;
  private readonly done = new Set<Step["kind"]>();
  private waits = false;
  private isDeferred = false;
  private mayBeThere = false;

  constructor(
    readonly id: string,
    readonly plan: RowPlan,
    readonly declared: Row | undefined,
    readonly record: RowRecord | undefined,
    readonly log: Unfinished | undefined,
    seen: Seen | undefined,
    private readonly now: Date,
  ) {
    this.steps = plan.steps;
    this.seen = seen?.kind === "present" ? seen : undefined;
  }

  /** Why the row is not as declared. */
  get failed(): string | undefined {
    return this.failure;
  }

  /** The step of a kind, if it is to be carried out now. */
  step<Kind extends Step["kind"]>(kind: Kind): (Step & { kind: Kind }) | undefined {
    if (this.failure !== undefined || this.waits || this.done.has(kind)) return undefined;
    return this.steps.find((step): step is Step & { kind: Kind } => step.kind === kind);
  }

  has(kind: Step["kind"]): boolean {
    return this.steps.some((step) => step.kind === kind);
  }

  did(kind: Step["kind"]): boolean {
    return this.done.has(kind);
  }

  succeed(kind: Step["kind"]): void {
    this.done.add(kind);
  }

  /** @param mayBeThere whether the account may have the device, or get it later, all the same */
  fail(reason: string, mayBeThere = false): void {
    this.failure ??= reason;
    this.mayBeThere ||= mayBeThere;
  }

  /** It has not connected yet; a later run tries again. */
  wait(): void {
    this.waits = true;
  }

  /** It can't be configured yet; a later run does. */
  defer(): void {
    this.isDeferred = true;
  }

  /** Whether this run created or claimed it, so that it must be read back. */
  get arrived(): boolean {
    return (["onboard", "claim", "associate"] as const).some((kind) => this.done.has(kind));
  }

  /** What the state has of the row now; `undefined` where it has left. */
  result(): RowRecord | undefined {
    if (this.failure !== undefined) return this.failedRecord(this.failure);
    const { declared, record, plan } = this;
    if (plan.then === "nothing" || (declared === undefined && record === undefined)) return undefined;
    if (plan.then === "retired") return this.gone();
    if (declared === undefined || plan.then === "as it was")
      return record && { ...record, outcome: this.outcome(record.outcome) };
    return {
      ...this.credential(),
      ...this.rotation(),
      row: { ...declared, config: this.configReached(record?.row) },
      createdAt: this.createdAt(),
      jobId: undefined,
      keepsName: this.keepsName(),
      ...this.retirement(declared),
      outcome: this.outcome(),
    };
  }

  /** A retired row stays in the state without its device. */
  private gone(): RowRecord {
    const now = this.now.toISOString();
    return {
      ...EMPTY_RECORD,
      retiredAt: this.record?.retiredAt ?? now,
      deletedAt: now,
    };
  }

  private retirement(row: Row): Pick<RowRecord, "retiredAt"> {
    if (row.retired === undefined) return {};
    const before = this.record?.row?.retired === undefined ? undefined : this.record.retiredAt;
    return { retiredAt: before ?? this.now.toISOString() };
  }

  private outcome(before?: RowOutcome): RowOutcome {
    if (this.waits) return { kind: "waiting" };
    switch (this.plan.outcome) {
      case "replaced":
        return { kind: "replaced", createdAt: this.seen?.createdAt ?? "" };
      case "hidden":
      case "adopted":
      case "renewing":
        return { kind: this.plan.outcome };
      case "done":
        return before?.kind === "adopted" ? before : { kind: "done" };
    }
  }

  private createdAt(): string | undefined {
    return this.seen?.createdAt ?? (this.arrived ? undefined : this.record?.createdAt);
  }

  /** An adopted device keeps its name in the account as long as the row declares none. */
  private keepsName(): boolean {
    const { declared, record, plan } = this;
    if (declared === undefined || declared.way === "attestation" || declared.name !== undefined) return false;
    return record?.row === undefined
      ? plan.outcome === "adopted" ||
          (declared.adopt !== "no" && !this.arrived && this.log?.verdict !== "ours")
      : record.keepsName;
  }

  private credential(): RecordedCredential {
    return credentialOf(this.made ?? this.record);
  }

  /** Which generations the row has now. */
  private rotation(): { readonly rotation?: RotationRecord } {
    const { declared, record, plan, log } = this;
    if (declared === undefined) return record?.rotation === undefined ? {} : { rotation: record.rotation };
    const at = this.rotatedAt ?? record?.rotation?.at ?? "";
    if (declared.way === "attestation") return this.keyRotation(declared, at);
    const isResumed = plan.then === "logged" && this.isOfAnother();
    const rotation = rotated({
      declared,
      record: this.isNewDevice() || (isResumed && record?.row !== undefined) ? undefined : record,
      made: isResumed ? log?.row : undefined,
      registered: this.registered(),
      next: this.done.has("next") ? this.next : undefined,
      at,
    });
    return rotation === undefined ? {} : { rotation };
  }

  /** Whether the record is of no device, or of one that an interrupted run has replaced. */
  private isOfAnother(): boolean {
    const { record, seen } = this;
    return record?.row === undefined || (seen !== undefined && record.createdAt !== seen.createdAt);
  }

  /** The device of the record was deleted, and another was onboarded with a credential of its own. */
  private isNewDevice(): boolean {
    const onboarded = this.steps.find((step) => step.kind === "onboard");
    return this.done.has("delete") || onboarded?.credential.kind === "new";
  }

  private registered(): "next" | "previous" | "other" | undefined {
    const step = this.steps.find(
      (each) => (each.kind === "register" || each.kind === "onboard") && this.done.has(each.kind),
    );
    if (step === undefined || !("credential" in step)) return undefined;
    switch (step.credential.kind) {
      case "next":
      case "previous":
        return step.credential.kind;
      case "recorded":
        return undefined;
      case "new":
      case "same key":
      case "logged":
      case "brought":
        return "other";
    }
  }

  private keyRotation(declared: AttestationRow, at: string): { readonly rotation?: RotationRecord } {
    const { plan, record, command } = this;
    if (plan.key === undefined) return record?.rotation === undefined ? {} : { rotation: record.rotation };
    const isOrdered = this.done.has("renew") && command !== undefined;
    const ordered = isOrdered ? { command, generation: declared.rotation.generation } : plan.key.ordered;
    return {
      rotation: {
        generation: plan.key.generation,
        order: "device",
        at,
        ...(ordered === undefined ? {} : { ordered }),
      },
    };
  }

  private failedRecord(reason: string): RowRecord | undefined {
    const { record, declared } = this;
    const outcome: RowOutcome = { kind: "failed", reason };
    const resumed = this.resumedRecord(outcome);
    if (resumed !== undefined) return resumed;
    const isThere = this.arrived && this.seen !== undefined;
    if (record?.row === undefined && !isThere) {
      // What nRF Cloud refused as a whole was never registered: the next try makes another. What it issued itself is in no other place.
      const isKept = this.mayBeThere || declared?.way === "jitp";
      const kept = isKept ? { ...this.credential(), ...this.rotation() } : {};
      const jobId = this.mayBeThere ? (this.jobId ?? record?.jobId) : undefined;
      return { ...EMPTY_RECORD, ...kept, jobId, outcome };
    }
    if (declared === undefined || record === undefined) {
      return record === undefined ? this.reached(outcome) : { ...record, outcome };
    }
    // A replacement that got no further than the deletion.
    if (this.done.has("delete") && !isThere) {
      const kept = this.mayBeThere ? this.credential() : {};
      return { ...EMPTY_RECORD, ...kept, jobId: this.jobId, outcome };
    }
    const isRotated = this.done.has("next") || this.done.has("renew");
    if (this.done.has("register") || isRotated || isThere) return this.reached(outcome);
    const row = record.row === undefined ? undefined : this.withSettings(record.row, record.row);
    // What a claimed device has done was read, and is true whatever failed here.
    const known = this.plan.key === undefined ? {} : this.rotation();
    return { ...record, ...known, row, outcome };
  }

  /** What an interrupted run created, as it still is in the account. No later run reads that from the log: it is as old as this state. */
  private resumedRecord(outcome: RowOutcome): RowRecord | undefined {
    const { log, seen, declared } = this;
    if (log?.verdict !== "ours" || log.row === undefined || seen === undefined) return undefined;
    if (!this.isOfAnother() || REPLACING.some((kind) => this.done.has(kind))) return undefined;
    const isRegistered = declared !== undefined && this.done.has("register");
    return {
      ...(isRegistered ? this.credential() : credentialOf(this.logged)),
      row: this.has("delete") ? log.row : this.withSettings(isRegistered ? declared : log.row, log.row),
      createdAt: seen.createdAt,
      jobId: undefined,
      keepsName: false,
      outcome,
    };
  }

  private reached(outcome: RowOutcome): RowRecord | undefined {
    const { declared, record } = this;
    if (declared === undefined) return record;
    return {
      ...this.credential(),
      ...this.rotation(),
      row: this.withSettings(declared, record?.row),
      createdAt: this.createdAt(),
      jobId: undefined,
      keepsName: this.keepsName(),
      ...this.retirement(declared),
      outcome,
    };
  }

  /** What is set in the shadow: as declared, or as before where that is still to be done. */
  private configReached(before: Row | undefined): DeviceConfig | undefined {
    const { declared, seen } = this;
    if (this.done.has("configure") || this.waits) return declared?.config;
    const isLeft = this.isDeferred || (declared?.config !== undefined && seen?.shadow?.kind === "not yet");
    return this.has("configure") || isLeft ? before?.config : declared?.config;
  }

  /** A row with the name, the tags and the configuration that were reached. */
  private withSettings(row: Row, before: Row | undefined): Row {
    const { declared } = this;
    const tags =
      !this.has("retag") || this.done.has("retag") ? declared?.tags : (this.seen?.tags ?? before?.tags);
    const withTags: Row = { ...row, tags: tags ?? row.tags, config: this.configReached(before) };
    if (withTags.way === "attestation") return withTags;
    const named = !this.has("rename") || this.done.has("rename") ? declared : before;
    const name = named === undefined || named.way === "attestation" ? this.seen?.name : named.name;
    return { ...withTags, name };
  }
}

/** After one of these the account has another device than before, or none. */
const REPLACING: readonly Step["kind"][] = ["delete", "dissociate", "unclaim", "onboard"];

type RecordedCredential = Pick<RowRecord, "certificate" | "privateKey" | "validUntil" | "issuedWith">;

function credentialOf(kept: MadeCredential | RowRecord | undefined): RecordedCredential {
  return {
    certificate: kept?.certificate,
    privateKey: kept?.privateKey,
    validUntil: kept?.validUntil,
    issuedWith: kept?.issuedWith,
  };
}
