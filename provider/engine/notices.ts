/** A remark about a resource for the user. Many resources may have the same one. */
export interface Notice {
  /** What happens, and what to do. It must be the same for all resources that it concerns. */
  readonly text: string;
  /** The name of the resource for users. */
  readonly subject: string;
}

const QUIET_MS = 100;
const MAX_NAMED = 8;

/** Prints each notice of an operation once. The engine shows the output of a dynamic provider as information on the stack. */
export class Notices {
  readonly #pending = new Map<string, Set<string>>();
  readonly #printed = new Set<string>();
  #quiet: NodeJS.Timeout | undefined;

  /** @param write writes one diagnostic of one or several lines to the provider's standard output */
  constructor(private readonly write: (text: string) => void) {}

  /**
   * Prints a notice about a resource after a short time. Notices with the same text share one line that names the first resources and counts
   * the others, so that 3,000 devices don't print 3,000 lines.
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

  /** Prints a text of one or several lines immediately. */
  print(text: string): void {
    if (this.#isNew(text)) this.write(text);
  }

  /** Prints collected notices. To be called at the end of the process. */
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

/** @internal For example `3 times: <text> (a, b, c)`. */
export function noticeLine(text: string, subjects: readonly string[]): string {
  const [first] = subjects;
  if (subjects.length === 1 && first !== undefined) return `${first}: ${text}`;
  const named = subjects.slice(0, MAX_NAMED).join(", ");
  const rest = subjects.length - MAX_NAMED;
  return `${subjects.length} times: ${text} (${named}${rest > 0 ? ` and ${rest} more` : ""})`;
}
