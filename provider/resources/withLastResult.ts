/** Caches the last result of a function, for repeated calls with the same text. */
export function withLastResult<T>(unpack: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly value: T } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, value: unpack(text) };
    return last.value;
  };
}
