/** A remark on many resources that belongs in front of the person who runs the operation. */
export interface Notice {
  /** What happens, and what to do about it; the same words for every resource it is true of. */
  readonly text: string;
  /** The resource it is about, as users know it. */
  readonly subject: string;
}

const QUIET_MS = 100;
const NAMED_AT_MOST = 8;

/** Tells people things about an operation, each of them once. The engine shows what a dynamic provider prints as information on the stack. */
export class Notices {
  readonly #pending = new Map<string, Set<string>>();
  readonly #printed = new Set<string>();
  #quiet: NodeJS.Timeout | undefined;

  /** @param write writes one diagnostic, of one line or several, to the standard output of the provider */
  constructor(private readonly write: (text: string) => void) {}

  /**
   * Tells something of a resource. Notices with the same text are gathered into one line that names the first resources and
   * counts the rest, so that 3,000 devices don't print 3,000 lines.
   */
  add({ text, subject }: Notice): void {
    if (!this.#isNew(`${subject}\n${text}`)) return;
    const subjects = this.#pending.get(text) ?? new Set();
    this.#pending.set(text, subjects.add(subject));
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.flush();
    }, QUIET_MS).unref();
  }

  /** Says one thing, of one line or several, at once. */
  print(text: string): void {
    if (this.#isNew(text)) this.write(text);
  }

  /** Prints what is still being gathered: for the end of the process. */
  flush(): void {
    clearTimeout(this.#quiet);
    for (const [text, subjects] of this.#pending) this.write(noticeLine(text, [...subjects]));
    this.#pending.clear();
  }

  #isNew(text: string): boolean {
    if (this.#printed.has(text)) return false;
    this.#printed.add(text);
    return true;
  }
}

/** @internal One line for people, e.g. `3 times: <text> (a, b, c)`. */
export function noticeLine(text: string, subjects: readonly string[]): string {
  const [first] = subjects;
  if (subjects.length === 1 && first !== undefined) return `${first}: ${text}`;
  const named = subjects.slice(0, NAMED_AT_MOST).join(", ");
  const rest = subjects.length - NAMED_AT_MOST;
  return `${subjects.length} times: ${text} (${named}${rest > 0 ? ` and ${rest} more` : ""})`;
}
