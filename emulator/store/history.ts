/** How far back readers can look: the time for which old values are kept. */
export interface Hindsight {
  /** Milliseconds; 0 if no reader sees old values. */
  ms: number;
}

/**
 * A value whose readers lag behind its writers: each write has its own time from which readers see it. Conflict checks see the latest value at once. Undefined stands for "does not exist".
 */
export class History<Value> {
  private versions: { value: Value | undefined; visibleAt: number }[] = [];

  /** The latest value, also before readers see it. */
  get latest(): Value | undefined {
    return this.versions.at(-1)?.value;
  }

  /** Writes a value, and forgets what no reader saw at a time (or sees after it). */
  write(value: Value | undefined, visibleAt: number, forgetBefore: number): void {
    this.forgetBefore(forgetBefore);
    this.versions.push({ value, visibleAt });
  }

  /** What a reader sees at a time. Times are epoch milliseconds. */
  visible(time: number): Value | undefined {
    return this.versions[this.visibleIndex(time)]?.value;
  }

  /** Whether no value is visible, at a time or later. */
  isOver(time: number): boolean {
    this.forgetBefore(time);
    return this.versions.every((version) => version.value === undefined);
  }

  /** Every value that is remembered or will be seen. */
  some(test: (value: Value) => boolean): boolean {
    return this.versions.some(({ value }) => value !== undefined && test(value));
  }

  private forgetBefore(time: number): void {
    const current = this.visibleIndex(time);
    if (current > 0) this.versions.splice(0, current);
  }

  /** Index of the latest write that readers see at a time; -1 if there is none. */
  private visibleIndex(time: number): number {
    let index = this.versions.length - 1;
    while (index >= 0 && (this.versions[index]?.visibleAt ?? 0) > time) index -= 1;
    return index;
  }
}
