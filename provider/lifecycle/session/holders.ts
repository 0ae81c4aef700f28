import type { Row } from "../../reconcile/table/row.js";

/** Identifies a device, a claim or a rule of the account. The same UUID may be a device and a claim. */
export type Holding = `device ${string}` | `claim ${string}` | `rule ${string}`;

export function holdingOf(id: string, row: Pick<Row, "way"> | undefined): Holding {
  return row?.way === "attestation" ? `claim ${id}` : `device ${id}`;
}

interface Declaration {
  readonly title: string;
  /** Whether the resource is not in the state. */
  readonly isNew: boolean;
  /** Whether the state has the object with this resource. */
  readonly isRecorded: boolean;
}

/** `kept`: another resource has the object. `declared`: another resource declares it, and does not have it. `free`: neither. */
export type Fate =
  | { readonly kind: "kept"; readonly hasKey: boolean }
  | { readonly kind: "declared" }
  | { readonly kind: "free" };

/**
 * The objects of the account that the resources of this run declare, remove and have. The engine does not tell the provider which resource it
 * asks for, nor why. A rename without `aliases`, `--replace` and a taint all look like a new resource and a removed one for the same device.
 * This record keeps the provider from deleting the device.
 */
export class Holders {
  readonly #declared = new Map<Holding, Declaration>();
  readonly #removed = new Map<Holding, string>();
  readonly #taken = new Map<Holding, { readonly hasKey: boolean }>();
  readonly #replaced = new Set<Holding>();

  /**
   * Records that a resource declares an object.
   * @returns the title of another resource of this run that declares it too
   */
  declare(holding: Holding, declaration: Declaration): string | undefined {
    const { title, isNew } = declaration;
    const before = this.#declared.get(holding);
    this.#declared.set(holding, declaration);
    if (before === undefined) return undefined;
    // The engine checks a replaced resource twice: as it is, and as a new one.
    const isSame = before.title === title && !before.isNew && isNew;
    return isSame ? undefined : before.title;
  }

  /** What an object needs when a resource of this run removes it. */
  fateOf(holding: Holding): Fate {
    const declared = this.isReplaced(holding) ? undefined : this.#declared.get(holding);
    // A replacement of an earlier run has it, and only the end of what it replaced was remover for this one.
    if (declared?.isRecorded === true) return { kind: "kept", hasKey: true };
    const taken = this.#taken.get(holding);
    if (taken !== undefined) return { kind: "kept", ...taken };
    return { kind: declared === undefined ? "free" : "declared" };
  }

  declaredBesides(holding: Holding, title: string): string | undefined {
    const declared = this.#declared.get(holding)?.title;
    return declared === title ? undefined : declared;
  }

  /** Records that a comparison replaces the object. */
  replace(holding: Holding): void {
    this.#replaced.add(holding);
  }

  isReplaced(holding: Holding): boolean {
    return this.#replaced.has(holding);
  }

  /** Records that a table has the object, and does not declare it any more. */
  remove(holding: Holding, title: string): void {
    this.#removed.set(holding, title);
  }

  /** The title of another table that removes it. */
  removedBy(holding: Holding, title: string): string | undefined {
    const remover = this.#removed.get(holding);
    return remover === title ? undefined : remover;
  }

  /** Records that a resource has the object now. */
  take(holding: Holding, hasKey: boolean): void {
    this.#taken.set(holding, { hasKey });
  }

  /** `undefined`: no resource of this run has it. */
  taken(holding: Holding): { readonly hasKey: boolean } | undefined {
    return this.#taken.get(holding);
  }
}
