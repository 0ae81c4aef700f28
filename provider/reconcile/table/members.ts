/** Whether two lists have the same members, in any order. */
export function sameMembers(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  if (one.every((member, i) => member === other[i])) return true;
  const rest = [...other].sort();
  return [...one].sort().every((member, i) => member === rest[i]);
}
