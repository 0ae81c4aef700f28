/** Says something that was asked for, on standard output. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Says something beside the result, on standard error: progress, remarks, what happens next. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A number as people read it: 12,345. */
export function figure(value: number): string {
  return value.toLocaleString("en");
}

/** `1 device`, `12,345 devices`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${figure(value)} ${value === 1 ? one : many}`;
}
