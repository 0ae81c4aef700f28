import { History, type Hindsight } from "./history.js";
import type { Collection, Journal } from "./journal.js";

/** Records by key, in the order of their first write. The journal gets each change. */
export class JournaledMap<Value extends object> {
  private readonly histories = new Map<string, History<Value>>();

  constructor(
    private readonly journal: Journal,
    private readonly collection: Collection,
    private readonly isValue: (value: unknown) => value is Value,
    private readonly hindsight: Hindsight,
  ) {}

  get(key: string): Value | undefined {
    return this.histories.get(key)?.latest;
  }

  /** A record at a time, in epoch milliseconds. */
  getAt(key: string, time: number): Value | undefined {
    return this.histories.get(key)?.visible(time);
  }

  set(key: string, value: Value): void {
    this.place(key, value);
    this.journal.record(this.collection, key, value);
  }

  delete(key: string): void {
    const history = this.histories.get(key);
    if (history?.latest === undefined) return;
    if (this.hindsight.ms === 0) this.histories.delete(key);
    else this.write(history, undefined);
    this.journal.record(this.collection, key, undefined);
  }

  *values(): Generator<Value> {
    for (const { latest } of this.histories.values()) if (latest !== undefined) yield latest;
  }

  /** All records at a time, in epoch milliseconds. */
  *valuesAt(time: number): Generator<Value> {
    for (const history of this.histories.values()) {
      const value = history.visible(time);
      if (value !== undefined) yield value;
    }
  }

  clear(): void {
    for (const [key, { latest }] of this.histories) {
      if (latest !== undefined) this.journal.record(this.collection, key, undefined);
    }
    this.histories.clear();
  }

  /** Restores the contents of the state file. */
  restore(records: Iterable<readonly [string, unknown]>): void {
    for (const [key, value] of records) if (this.isValue(value)) this.place(key, value);
  }

  private place(key: string, value: Value): void {
    const history = this.histories.get(key) ?? new History<Value>();
    // A record that was deleted and is set again is last in the order.
    if (history.latest === undefined) this.histories.delete(key);
    this.histories.set(key, history);
    this.write(history, value);
  }

  private write(history: History<Value>, value: Value | undefined): void {
    const now = Date.now();
    history.write(value, now, now - this.hindsight.ms);
  }
}
