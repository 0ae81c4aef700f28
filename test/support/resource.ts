import { isDeepStrictEqual } from "node:util";
import type { Lifecycle } from "../../provider/engine/lifecycle.js";
import type { LooseObject } from "../../provider/engine/outputs.js";
import { dynamicProvider } from "../../provider/engine/provider.js";
import { expectedErrors } from "../../provider/lifecycle/expectedErrors.js";

/** What a step did to a resource, in the engine's words. */
export type Step = "create" | "same" | "update" | "replace";

/** Inputs that `check` refused, each reason in one line. */
export class Refused extends Error {}

interface Kept {
  readonly id: string;
  readonly inputs: LooseObject;
  readonly outputs: LooseObject;
}

/**
 * One resource as Pulumi's engine leads it: the same calls with the same arguments in the same order, without the engine.
 * What the engine decides from the answers (measured with the real one) is decided here too.
 */
export class Resource {
  readonly #host;
  #kept: Kept | undefined;

  /** @param retained whether it is registered to be left alone when it is deleted, from its inputs */
  constructor(
    lifecycle: Lifecycle,
    private readonly retained: (inputs: LooseObject) => boolean = () => false,
  ) {
    this.#host = dynamicProvider(lifecycle, expectedErrors);
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

  /** What an `up` with these inputs would do, and why where it is a replacement. @throws Refused */
  async plan(news: LooseObject): Promise<{ readonly step: Step; readonly because: readonly string[] }> {
    return (await this.#decide(news)).decision;
  }

  /** An `up`: plans and does it. @throws Refused */
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
      const { outs } = await this.#host.update(before.id, before.outputs, inputs);
      this.#kept = { id: before.id, inputs, outputs: asSaved(outs) };
    } else {
      // New inputs are saved even so; the outputs stay.
      this.#kept = { ...before, inputs };
    }
    return decision.step;
  }

  /** A `refresh`. */
  async refresh(): Promise<void> {
    const before = this.#require();
    const { id, props, inputs } = await this.#host.read(before.id, before.outputs);
    if (id === undefined) this.#kept = undefined;
    else this.#kept = { id, inputs: inputs ?? before.inputs, outputs: asSaved(props ?? {}) };
  }

  async destroy(): Promise<void> {
    await this.#delete(this.#require());
  }

  async #decide(news: LooseObject) {
    const before = this.#kept;
    const { inputs = {}, failures = [] } = await this.#host.check(before?.inputs ?? {}, asSaved(news));
    if (failures.length > 0) throw new Refused(JSON.stringify(failures));
    if (before === undefined)
      return { inputs, deleteFirst: false, decision: { step: "create", because: [] } as const };
    const answer = await this.#host.diff(before.id, before.outputs, inputs);
    const because = answer.replaces ?? [];
    const differs = answer.changes ?? !isDeepStrictEqual(before.inputs, inputs);
    const step = because.length > 0 ? "replace" : differs ? "update" : "same";
    return { inputs, deleteFirst: answer.deleteBeforeReplace === true, decision: { step, because } as const };
  }

  async #create(inputs: LooseObject): Promise<void> {
    const { id, outs } = await this.#host.create(inputs);
    this.#kept = { id, inputs, outputs: asSaved(outs) };
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

/** Everything goes through JSON on its way to the state and back. */
function asSaved(value: LooseObject): LooseObject {
  const saved: unknown = JSON.parse(JSON.stringify(value));
  return typeof saved === "object" && saved !== null ? { ...saved } : {};
}
