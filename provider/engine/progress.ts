import type { Clock } from "./clock.js";
import type { JsonObject } from "./outputs.js";

/** What only the provider knows of a long operation, for a program that runs the engine: one line of JSON. No secrets. */
export type ProgressLine = StepLine | PlanLine | BatchLine;

/** The progress of one step of an operation. */
export interface StepLine {
  /** Such as `onboard`. */
  readonly step: string;
  readonly done: number;
  /** May grow as parts of the step begin. */
  readonly total: number;
  /** How many of the rest wait for something outside. */
  readonly waiting: number;
  /** Requests that had to be repeated since the step began. */
  readonly retries: number;
  /** Milliseconds since the step began. */
  readonly ms: number;
}

/** What a resource type reports of its work. */
export interface PlanLine {
  readonly plan: JsonObject;
}

/** Which part of its work a roll-out is at. */
export interface BatchLine {
  readonly batch: Batch;
}

/** One of several batches; the first is 1. */
export interface Batch {
  readonly number: number;
  readonly of: number;
}

/** A part of a step that is under way. */
export interface UnderWay {
  /** So many more are done. */
  done(more: number): void;
  /** So many of this part wait for something outside now. */
  waiting(now: number): void;
  end(): void;
}

export interface ProgressOptions {
  /** Writes a line for people to the standard output of the provider. */
  readonly print: (text: string) => void;
  /** Writes a {@link ProgressLine}, as JSON, for a program that runs the engine. Default: nothing. */
  readonly write?: ((line: string) => void) | undefined;
  /** What is counted. Default: `devices`. */
  readonly unit?: string;
  /** What a line for people calls each step, such as `onboarding` for `onboard`. Default: its own name. */
  readonly words?: Readonly<Record<string, string>>;
}

/** The longest time without a line for people; a busy process may be late. */
const PRINT_EVERY_MS = 8_000;
/** The shortest time between two lines for a program. */
const WRITE_EVERY_MS = 100;

interface Step {
  done: number;
  total: number;
  readonly since: number;
  /** Of the whole operation, when the step began. */
  readonly retriesBefore: number;
  readonly parts: Map<UnderWay, number>;
  writtenAt: number;
}

/** Reports the progress of a long operation: to people by a line every few seconds, to a program by each change. */
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
  step(name: string, total: number): UnderWay {
    const step = this.#steps.get(name) ?? this.#started(name);
    step.total += total;
    const part: UnderWay = {
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

  /** A request had to be repeated. */
  retry(): void {
    this.#retries++;
  }

  /** Tells a program that watches what is about to be done. */
  plan(plan: JsonObject): void {
    this.#append({ plan });
  }

  /** Begins a batch of a roll-out, whose steps are counted afresh. */
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
      parts: new Map<UnderWay, number>(),
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

  #write(name: string, step: Step, isTurn: boolean): void {
    const now = this.#now();
    if (!isTurn && now - step.writtenAt < WRITE_EVERY_MS) return;
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

/** Such as `batch 3 of 11`. */
export function batchText(batch: Batch): string {
  return `batch ${number(batch.number)} of ${number(batch.of)}`;
}

/** @internal Such as `onboarding: 3,000 of 10,000 devices, 12 s, 1 retry`. */
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
