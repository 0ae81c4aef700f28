import type { Clock } from "./clock.js";
import type { JsonObject } from "./outputs.js";

/** One line of JSON about a long operation, for a program that runs the engine. No secrets. */
export type ProgressLine = StepLine | PlanLine | BatchLine;

/** The progress of one step of an operation. */
export interface StepLine {
  /** The name of the step, such as `onboard`. */
  readonly step: string;
  readonly done: number;
  /** May grow as parts of the step begin. */
  readonly total: number;
  /** How many of the others wait for something outside, such as a first connection. */
  readonly waiting: number;
  /** Retries of requests since the step began. */
  readonly retries: number;
  /** Milliseconds since the step began. */
  readonly ms: number;
}

/** The plan of an operation, in the resource type's own form. */
export interface PlanLine {
  readonly plan: JsonObject;
}

/** The present batch of a roll-out. */
export interface BatchLine {
  readonly batch: Batch;
}

/** A batch. The first has the number 1. */
export interface Batch {
  readonly number: number;
  readonly of: number;
}

export interface StepPart {
  /** Reports more finished items. */
  done(more: number): void;
  /** Reports the present number of waiting items. */
  waiting(now: number): void;
  end(): void;
}

export interface ProgressOptions {
  /** Writes a line for users to the provider's standard output. */
  readonly print: (text: string) => void;
  /** Writes a {@link ProgressLine}, as JSON, for a program that runs the engine. Default: nothing. */
  readonly write?: ((line: string) => void) | undefined;
  /** The unit of the counts. Default: `devices`. */
  readonly unit?: string;
  /** The names of steps for users, such as `onboarding` for `onboard`. Default: the step's own name. */
  readonly words?: Readonly<Record<string, string>>;
}

/** The longest time without a line for users, unless the process is busy. */
const PRINT_EVERY_MS = 8_000;
/** The shortest time between two lines for a program. */
const WRITE_EVERY_MS = 100;

interface Step {
  done: number;
  total: number;
  readonly since: number;
  /** The retries of the operation when the step began. */
  readonly retriesBefore: number;
  readonly parts: Map<StepPart, number>;
  writtenAt: number;
}

/** Reports the progress of a long operation: to users every few seconds, to a program at each change. */
export class Progress {
  readonly #steps = new Map<string, Step>();
  #batch: Batch | undefined;
  #retries = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly options: ProgressOptions,
  ) {}

  /** Begins a part of a step. Parts of the same step are counted together. */
  step(name: string, total: number): StepPart {
    const step = this.#steps.get(name) ?? this.#started(name);
    step.total += total;
    const part: StepPart = {
      done: (more) => {
        step.done += more;
        this.#write(name, step, step.done >= step.total);
      },
      waiting: (now) => {
        if (step.parts.get(part) === now || !step.parts.has(part)) return;
        step.parts.set(part, now);
        this.#write(name, step, true);
      },
      end: () => {
        if (!step.parts.delete(part)) return;
        this.#write(name, step, true);
        if (![...this.#steps.values()].some(({ parts }) => parts.size > 0)) this.#rest();
      },
    };
    step.parts.set(part, 0);
    this.#write(name, step, true);
    this.#ticking ??= setInterval(() => {
      this.#print();
    }, PRINT_EVERY_MS).unref();
    return part;
  }

  /** Counts a retry of a request. */
  retry(): void {
    this.#retries++;
  }

  /** Reports the plan to a program that runs the engine. */
  plan(plan: JsonObject): void {
    this.#append({ plan });
  }

  /** Begins a batch of a roll-out, and restarts the counts of steps. */
  batch(batch: Batch): void {
    this.#batch = batch;
    for (const [name, { parts }] of this.#steps) if (parts.size === 0) this.#steps.delete(name);
    this.#append({ batch });
  }

  #started(name: string): Step {
    const since = this.#now();
    const step = {
      done: 0,
      total: 0,
      since,
      retriesBefore: this.#retries,
      parts: new Map<StepPart, number>(),
      writtenAt: 0,
    };
    this.#steps.set(name, step);
    return step;
  }

  #rest(): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }

  #print(): void {
    for (const [name, step] of this.#steps) {
      if (step.parts.size === 0) continue;
      const { print, unit = "devices", words = {} } = this.options;
      const text = progressText({ ...this.#line(name, step), step: words[name] ?? name }, unit);
      print(this.#batch === undefined ? text : `${batchText(this.#batch)}, ${text}`);
    }
  }

  #write(name: string, step: Step, isForced: boolean): void {
    const now = this.#now();
    if (!isForced && now - step.writtenAt < WRITE_EVERY_MS) return;
    step.writtenAt = now;
    this.#append(this.#line(name, step));
  }

  #line(name: string, { done, total, since, retriesBefore, parts }: Step): StepLine {
    const waiting = [...parts.values()].reduce((sum, each) => sum + each, 0);
    return {
      step: name,
      done,
      total,
      retries: this.#retries - retriesBefore,
      waiting,
      ms: this.#now() - since,
    };
  }

  #append(line: ProgressLine): void {
    this.options.write?.(JSON.stringify(line));
  }

  #now(): number {
    return this.clock.now().getTime();
  }
}

/** For example `batch 3 of 11`. */
export function batchText(batch: Batch): string {
  return `batch ${number(batch.number)} of ${number(batch.of)}`;
}

/** @internal For example `onboarding: 3,000 of 10,000 devices, 12 s, 1 retry`. */
export function progressText({ step, done, total, waiting, retries, ms }: StepLine, unit: string): string {
  return [
    `${step}: ${number(done)} of ${number(total)} ${unit}`,
    ...(waiting > 0 ? [`${number(waiting)} waiting`] : []),
    `${number(Math.round(ms / 1000))} s`,
    ...(retries > 0 ? [`${number(retries)} ${retries === 1 ? "retry" : "retries"}`] : []),
  ].join(", ");
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
