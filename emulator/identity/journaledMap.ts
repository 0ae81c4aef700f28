import type { Collection, Contents, Journal } from "../store/journal.js";

/** Records by key, in the order in which they were first set, of which each change is written down. */
export class JournaledMap<Value extends object> {
  private readonly records = new Map<string, Value>();

  constructor(
    private readonly journal: Journal,
    private readonly collection: Collection,
    private readonly isValue: (value: unknown) => value is Value,
  ) {}

  get(key: string): Value | undefined {
    return this.records.get(key);
  }

  set(key: string, value: Value): void {
    this.records.set(key, value);
    this.journal.record(this.collection, key, value);
  }

  delete(key: string): void {
    if (this.records.delete(key)) this.journal.record(this.collection, key, undefined);
  }

  values(): Iterable<Value> {
    return this.records.values();
  }

  clear(): void {
    for (const key of [...this.records.keys()]) this.delete(key);
  }

  /** Takes in what the state file holds. */
  restore(contents: Contents): void {
    for (const [key, value] of contents.get(this.collection) ?? []) {
      if (this.isValue(value)) this.records.set(key, value);
    }
  }
}
