/** A function that does its work once for texts that are the same one after another. */
export function remembering<T>(unpack: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly value: T } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, value: unpack(text) };
    return last.value;
  };
}
