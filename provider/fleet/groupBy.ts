/** Groups entries by a key. Groups and entries keep their order. */
export function groupBy<T, K>(entries: Iterable<T>, keyOf: (entry: T) => K): Map<K, T[]> {
  return groupPairs([...entries].map((entry) => [keyOf(entry), entry] as const));
}

/** Groups the values of pairs by their keys. Groups and values keep their order. */
export function groupPairs<K, V>(pairs: Iterable<readonly [K, V]>): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
