interface Slot {
  readonly sequence: number;
  readonly id: string;
}

/**
 * The ids of one team in the order of creation, so that a list page can start after the last one without sorting or scanning.
 * Sequences only increase. Slots of deleted devices are removed from time to time.
 */
export class CreationOrder {
  private slots: Slot[] = [];
  private left = 0;

  append(slot: Slot): void {
    this.slots.push(slot);
  }

  /** Marks a slot as unused, now or soon. Removes unused slots when they are more than half. */
  leave(isOver: (slot: Slot) => boolean): void {
    this.left += 1;
    if (this.left < 256 || this.left * 2 < this.slots.length) return;
    this.slots = this.slots.filter((slot) => !isOver(slot));
    this.left = 0;
  }

  /** Walks the slots after a sequence (exclusive), upwards or downwards. */
  *walk(order: "asc" | "desc", after: number | undefined): Generator<Slot> {
    const slots = this.slots;
    if (order === "asc") {
      for (let index = after === undefined ? 0 : this.firstFrom(after + 1); index < slots.length; index++) {
        const slot = slots[index];
        if (slot !== undefined) yield slot;
      }
    } else {
      for (
        let index = (after === undefined ? slots.length : this.firstFrom(after)) - 1;
        index >= 0;
        index--
      ) {
        const slot = slots[index];
        if (slot !== undefined) yield slot;
      }
    }
  }

  /** Index of the first slot with this sequence or a later one. */
  private firstFrom(sequence: number): number {
    let low = 0;
    let high = this.slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.slots[middle]?.sequence ?? Infinity) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
