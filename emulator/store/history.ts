/**
 * A value whose readers lag behind its writers: each write becomes readable at a time of its own, while those who must
 * know the truth (conflict checks) see it at once. Undefined stands for "does not exist".
 */
export class History<Value> {
  private versions: { value: Value | undefined; visibleAt: number }[] = [];

  /** The truth. */
  get latest(): Value | undefined {
    return this.versions.at(-1)?.value;
  }

  write(value: Value | undefined, visibleAt: number, now: number): void {
    this.forgetBefore(now);
    this.versions.push({ value, visibleAt });
  }

  /** What a reader sees. Times are epoch milliseconds. */
  visible(now: number): Value | undefined {
    return this.versions[this.visibleIndex(now)]?.value;
  }

  /** Whether nothing is left to be seen, now or later. */
  isOver(now: number): boolean {
    this.forgetBefore(now);
    return this.versions.every((version) => version.value === undefined);
  }

  /** Every value that a reader sees now or will see. */
  some(test: (value: Value) => boolean): boolean {
    return this.versions.some(({ value }) => value !== undefined && test(value));
  }

  private forgetBefore(now: number): void {
    const current = this.visibleIndex(now);
    if (current > 0) this.versions.splice(0, current);
  }

  /** Index of the latest write that readers see; -1 if there is none. */
  private visibleIndex(now: number): number {
    let index = this.versions.length - 1;
    while (index >= 0 && (this.versions[index]?.visibleAt ?? 0) > now) index -= 1;
    return index;
  }
}
