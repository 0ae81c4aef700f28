import type { MadeCredential } from "../../ways/preconnect/credential.js";
import type { RowPlan } from "../plan/row/rowPlan.js";
import type { RowRecord } from "../table/record.js";
import type { Row } from "../table/row.js";
import type { Seen, Unfinished } from "../plan/situation.js";
import type { Step } from "../plan/step.js";

/** The progress of a run with one row. */
export class RowRun {
  /** The planned steps, in order. A read of the account may change them. */
  steps: readonly Step[];
  /** The credential that this run issued or took for the row. */
  made: MadeCredential | undefined;
  /** The credential that an interrupted run made for the row. */
  logged: MadeCredential | undefined;
  /** The next credential, where this run issued it. */
  next: MadeCredential | undefined;
  /** Id of the provisioning command that orders a new key. Empty: nRF Cloud may have it, but did not answer. */
  command: string | undefined;
  /** When this run issued or registered a credential (ISO 8601), by nRF Cloud's clock. */
  rotatedAt: string | undefined;
  /** Id of the bulk job that creates the device. */
  jobId: string | undefined;
  /** The device as the account showed it last. */
  seen: (Seen & { kind: "present" }) | undefined;
  /** The steps for which the run has tried to get a credential. */
  readonly certified = new Set<"onboard" | "register">();
  private readonly done = new Set<Step["kind"]>();
  private failure: string | undefined;
  private waits = false;
  private defers = false;
  private mayExist = false;

  constructor(
    readonly id: string,
    readonly plan: RowPlan,
    readonly declared: Row | undefined,
    readonly record: RowRecord | undefined,
    readonly log: Unfinished | undefined,
    seen: Seen | undefined,
    readonly now: Date,
  ) {
    this.steps = plan.steps;
    this.seen = seen?.kind === "present" ? seen : undefined;
  }

  /** The reason why the row failed. */
  get failed(): string | undefined {
    return this.failure;
  }

  /** The step of a kind, if it is still to be done. */
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

  /** @param mayExist whether nRF Cloud may have created the device in spite of the failure, or may still create it */
  fail(reason: string, mayExist = false): void {
    this.failure ??= reason;
    this.mayExist ||= mayExist;
  }

  /** Whether nRF Cloud may have created the device of a failed row, or may still create it. */
  get mayBeCreated(): boolean {
    return this.mayExist;
  }

  /** Leaves the claim to a later run, because the device has not connected yet. */
  wait(): void {
    this.waits = true;
  }

  get isWaiting(): boolean {
    return this.waits;
  }

  /** Leaves the configuration to a later run, because nRF Cloud has not onboarded the device yet. */
  defer(): void {
    this.defers = true;
  }

  get isDeferred(): boolean {
    return this.defers;
  }

  /** Whether this run created or claimed the device, and must read it back. */
  get arrived(): boolean {
    return (["onboard", "claim", "associate"] as const).some((kind) => this.done.has(kind));
  }
}
