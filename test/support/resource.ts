import { isDeepStrictEqual } from "node:util";
import { dynamicProvider, type HostOptions } from "../../provider/engine/host.js";
import type { LooseObject } from "../../provider/engine/outputs.js";
import type { Resource as Definition } from "../../provider/engine/resource.js";

/** What a step did to a resource, in the engine's words. */
export type Step = "create" | "same" | "update" | "replace";

/** Inputs that `check` refused, each reason in one line. */
export class Refused extends Error {}

/** A resource that is in the state, but not as declared: the engine keeps it, shows the reasons, and updates it in the next run. */
export class PartlyFailed extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join("\n"));
  }
}

interface Kept {
  readonly id: string;
  readonly inputs: LooseObject;
  readonly outputs: LooseObject;
  readonly hasFailed: boolean;
}

const PROVIDER = { __provider: "the text that leads to the code" };

/**
 * One resource as Pulumi's engine leads it: the same calls with the same arguments in the same order, without the engine.
 * What the engine decides from the answers (measured with the real one) is decided here too.
 */
export class Resource<Inputs, State, Session> {
  readonly #definition: Definition<Inputs, State, Session>;
  readonly #options: HostOptions<Session>;
  #host: ReturnType<typeof dynamicProvider>;
  #kept: Kept | undefined;

  /**
   * @param options with the session; what it makes lasts for one run, see `newRun`
   * @param retained whether it is registered to be left alone when it is deleted, from its inputs
   */
  constructor(
    definition: Definition<Inputs, State, Session>,
    options: HostOptions<Session>,
    private readonly retained: (inputs: LooseObject) => boolean = () => false,
  ) {
    this.#definition = definition;
    this.#options = options;
    this.#host = this.#configured();
  }

  get id(): string {
    return this.#require().id;
  }

  /** What the state has, the inputs among them. */
  get outputs(): LooseObject {
    return this.#require().outputs;
  }

  get exists(): boolean {
    return this.#kept !== undefined;
  }

  /** Whether the state says that the last attempt failed in part. */
  get hasFailed(): boolean {
    return this.#require().hasFailed;
  }

  /** The state as a backup keeps it, and back from one. `undefined`: the resource is in no state. */
  get backup(): Kept | undefined {
    return this.#kept;
  }
  set backup(kept: Kept | undefined) {
    this.#kept = kept;
  }

  /** Begins another run of the engine, with a session of its own. */
  newRun(): void {
    this.#host = this.#configured();
  }

  /** What an `up` with these inputs would do, and why where it is a replacement. @throws Refused */
  async plan(news: LooseObject): Promise<{ readonly step: Step; readonly because: readonly string[] }> {
    return (await this.#decide(news)).decision;
  }

  /** An `up`: plans and does it. @throws Refused, PartlyFailed */
  async up(news: LooseObject): Promise<Step> {
    const { inputs, decision, deleteFirst } = await this.#decide(news);
    const before = this.#kept;
    if (before === undefined || decision.step === "create") {
      await this.#create(inputs);
    } else if (decision.step === "replace") {
      if (deleteFirst) await this.#delete(before);
      await this.#create(inputs);
      if (!deleteFirst && !this.retained(before.inputs)) await this.#host.delete(before.id, before.outputs);
    } else if (decision.step === "update") {
      await this.#keep(inputs, async () => {
        const { outs } = await this.#host.update(before.id, before.outputs, inputs);
        return { id: before.id, outs };
      });
    } else {
      // New inputs are saved even so; the outputs stay.
      this.#kept = { ...before, inputs };
    }
    return decision.step;
  }

  /**
   * An `up --replace`, or one after `pulumi state taint`: the engine asks for no comparison, and the resource is checked as a new one.
   * @param deleteFirst as the resource option `deleteBeforeReplace` says
   * @throws Refused
   */
  async upReplace(news: LooseObject, { deleteFirst = false } = {}): Promise<void> {
    const before = this.#require();
    const inputs = await this.#check(undefined, news);
    if (deleteFirst) await this.#delete(before);
    await this.#create(inputs);
    if (!deleteFirst) await this.#host.delete(before.id, before.outputs);
  }

  /** What the preview of that says. @throws Refused */
  async planReplace(news: LooseObject): Promise<void> {
    await this.#check(undefined, news);
  }

  /** A `refresh`. */
  async refresh(): Promise<void> {
    const before = this.#require();
    const { id, props, inputs } = await this.#host.read(before.id, before.outputs);
    if (id === undefined) this.#kept = undefined;
    else
      this.#kept = {
        id,
        inputs: inputs === undefined ? before.inputs : asSaved(inputs),
        outputs: asSaved(props ?? {}),
        hasFailed: false,
      };
  }

  /** A `destroy`, or the end of an `up` of a program that does not have the resource any more. */
  async destroy(): Promise<void> {
    await this.#delete(this.#require());
  }

  #configured(): ReturnType<typeof dynamicProvider> {
    const host = dynamicProvider(this.#definition, this.#options);
    void host.configure({ config: { get: () => undefined } });
    return host;
  }

  async #decide(news: LooseObject) {
    const before = this.#kept;
    const inputs = await this.#check(before?.inputs, news);
    if (before === undefined)
      return { inputs, deleteFirst: false, decision: { step: "create", because: [] } as const };
    const answer = await this.#host.diff(before.id, before.outputs, inputs);
    const because = answer.replaces ?? [];
    const differs = answer.changes ?? !isDeepStrictEqual(before.inputs, inputs);
    const step = because.length > 0 ? "replace" : differs || before.hasFailed ? "update" : "same";
    // What is to be replaced is checked once more, as a new resource.
    if (step === "replace") await this.#check(undefined, news);
    return { inputs, deleteFirst: answer.deleteBeforeReplace === true, decision: { step, because } as const };
  }

  async #check(olds: LooseObject | undefined, news: LooseObject): Promise<LooseObject> {
    const { inputs = {}, failures = [] } = await this.#host.check(olds ?? {}, asSaved(news));
    if (failures.length > 0) throw new Refused(failures.map(({ reason }) => reason).join("\n"));
    return asSaved(inputs);
  }

  async #create(inputs: LooseObject): Promise<void> {
    await this.#keep(inputs, () => this.#host.create(inputs));
  }

  /** Keeps what an attempt gave, also where it failed in part. */
  async #keep(
    inputs: LooseObject,
    attempt: () => Promise<{ readonly id: string; readonly outs: LooseObject }>,
  ): Promise<void> {
    try {
      const { id, outs } = await attempt();
      this.#kept = { id, inputs, outputs: asSaved(outs), hasFailed: false };
    } catch (thrown) {
      if (!isPartial(thrown)) throw thrown;
      const { id, properties, reasons } = thrown;
      this.#kept = { id, inputs, outputs: asSaved(properties), hasFailed: true };
      throw new PartlyFailed(reasons);
    }
  }

  async #delete({ id, inputs, outputs }: Kept): Promise<void> {
    if (!this.retained(inputs)) await this.#host.delete(id, outputs);
    this.#kept = undefined;
  }

  #require(): Kept {
    if (this.#kept === undefined) throw new Error("the resource does not exist");
    return this.#kept;
  }
}

/** A resource of which each command is a run of its own. */
export class LoneResource<Inputs, State, Session> extends Resource<Inputs, State, Session> {
  override plan(news: LooseObject) {
    this.newRun();
    return super.plan(news);
  }
  override up(news: LooseObject) {
    this.newRun();
    return super.up(news);
  }
  override refresh() {
    this.newRun();
    return super.refresh();
  }
  override destroy() {
    this.newRun();
    return super.destroy();
  }
}

/** What Pulumi's host takes for a failure that leaves something to keep. */
interface Partial extends Error {
  readonly id: string;
  readonly properties: LooseObject;
  readonly reasons: readonly string[];
}

function isPartial(thrown: unknown): thrown is Partial {
  return thrown instanceof Error && "id" in thrown && "properties" in thrown && "reasons" in thrown;
}

/** Everything goes through JSON on its way to the state and back, and the host adds the way to the code. */
function asSaved(value: LooseObject): LooseObject {
  const saved: unknown = JSON.parse(JSON.stringify(value));
  return { ...PROVIDER, ...(typeof saved === "object" && saved !== null ? saved : {}) };
}
