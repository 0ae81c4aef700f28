import type { Row } from "../../reconcile/table/row.js";

/** A device, a claim or a rule of the account, by a key of its own: the same UUID may be a device and a claim. */
export type Holding = `device ${string}` | `claim ${string}` | `rule ${string}`;

/** What a row holds. */
export function holdingOf(id: string, row: Pick<Row, "way"> | undefined): Holding {
  return row?.way === "attestation" ? `claim ${id}` : `device ${id}`;
}

interface Declaration {
  readonly title: string;
  /** Whether the state has no such resource. */
  readonly isNew: boolean;
  /** Whether the state has it with that resource. */
  readonly isRecorded: boolean;
}

/** `kept`: another resource has it. `declared`: one declares it, and does not have it. `free`: nobody else wants it. */
export type Fate =
  | { readonly kind: "kept"; readonly hasKey: boolean }
  | { readonly kind: "declared" }
  | { readonly kind: "free" };

/**
 * Which resource of this run declares, lets go and has what.
 *
 * The engine tells a provider neither which resource it asks for nor why. A rename without `aliases`, `--replace` and a taint all
 * look like one resource that comes and another that goes, and both mean the same device. What this knows keeps it from being deleted.
 */
export class Holders {
  readonly #declared = new Map<Holding, Declaration>();
  readonly #left = new Map<Holding, string>();
  readonly #taken = new Map<Holding, { readonly hasKey: boolean }>();
  readonly #replaced = new Set<Holding>();

  /**
   * A resource declares it.
   * @returns the title of another resource of this run that declares it too
   */
  declare(holding: Holding, declaration: Declaration): string | undefined {
    const { title, isNew } = declaration;
    const before = this.#declared.get(holding);
    this.#declared.set(holding, declaration);
    if (before === undefined) return undefined;
    // What is to be replaced is checked twice: as what it is, and as a new one.
    const isSame = before.title === title && !before.isNew && isNew;
    return isSame ? undefined : before.title;
  }

  /** What is to become of it where a resource of this run lets it go. */
  fateOf(holding: Holding): Fate {
    const declared = this.isReplaced(holding) ? undefined : this.#declared.get(holding);
    // A replacement of an earlier run has it, and only the end of what it replaced was left for this one.
    if (declared?.isRecorded === true) return { kind: "kept", hasKey: true };
    const taken = this.#taken.get(holding);
    if (taken !== undefined) return { kind: "kept", ...taken };
    return { kind: declared === undefined ? "free" : "declared" };
  }

  /** The title of another resource of this run that declares it. */
  declaredBesides(holding: Holding, title: string): string | undefined {
    const declared = this.#declared.get(holding)?.title;
    return declared === title ? undefined : declared;
  }

  /** A comparison found that it is to be deleted and created again. */
  replace(holding: Holding): void {
    this.#replaced.add(holding);
  }

  isReplaced(holding: Holding): boolean {
    return this.#replaced.has(holding);
  }

  /** A table has it, and declares it no more. */
  leave(holding: Holding, title: string): void {
    this.#left.set(holding, title);
  }

  /** The title of another table that lets it go. */
  leftBy(holding: Holding, title: string): string | undefined {
    const left = this.#left.get(holding);
    return left === title ? undefined : left;
  }

  /** A resource has it now. */
  take(holding: Holding, hasKey: boolean): void {
    this.#taken.set(holding, { hasKey });
  }

  /** What a resource of this run has of it; `undefined` where none came to have it. */
  taken(holding: Holding): { readonly hasKey: boolean } | undefined {
    return this.#taken.get(holding);
  }
}
