const natural = new Intl.Collator("en", { numeric: true });

/** Sorts numbers in ids by value: `lab-9` before `lab-10`. */
export function inNaturalOrder(one: string, other: string): number {
  return natural.compare(one, other) || (one < other ? -1 : Number(one > other));
}
