import type { MadeCredential } from "../../ways/preconnect/credential.js";
import type { RowPlan } from "../plan/row/rowPlan.js";
import type { RowRecord } from "../table/record.js";
import type { Row } from "../table/row.js";
import type { Seen, Unfinished } from "../plan/situation.js";
import type { Step } from "../plan/step.js";

/** How far a run is with one row. */
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

  /** @param mayExist whether nRF Cloud may have created the device in spite of the failure, or may yet create it */
  fail(reason: string, mayExist = false): void {
    this.failure ??= reason;
    this.mayExist ||= mayExist;
  }

  /** Whether nRF Cloud may have created the device of a failed row, or may yet create it. */
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

  /** Whether this run created or claimed it, so that it must be read back. */
  get arrived(): boolean {
    return (["onboard", "claim", "associate"] as const).some((kind) => this.done.has(kind));
  }
}
