import type { LooseObject } from "./outputs.js";

/** One thing wrong with one input, found before anything is changed. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** The inputs as they will be kept in state, or everything that is wrong with them. */
export type Checked =
  | { readonly ok: true; readonly inputs: LooseObject }
  | { readonly ok: false; readonly failures: readonly CheckFailure[] };

/** What declaring `news` means for a resource that is as `olds` says. */
export type Difference =
  /** Nothing to do. */
  | { readonly kind: "same" }
  /** Change in place; the engine shows the inputs that differ. */
  | { readonly kind: "update" }
  /** Something must be done although the inputs are the same: a certificate to renew, or drift to undo. */
  | { readonly kind: "renew" }
  /** Delete and make anew, because of these inputs. */
  | { readonly kind: "replace"; readonly because: readonly string[]; readonly deleteFirst: boolean }
  /** Make anew although the inputs are the same, because what there was is gone. What remains of it is deleted first. */
  | { readonly kind: "remake"; readonly because: readonly string[] };

/**
 * What `read` found: that the resource is gone, or what it is like now. `inputs` are those that would declare what was
 * found; left out, the inputs in state stay as they are.
 */
export type Found =
  | { readonly kind: "gone" }
  | { readonly kind: "present"; readonly state: LooseObject; readonly inputs?: LooseObject };

/**
 * The life of one resource type, in the order it is lived. Implementations take plain values, without `__provider`;
 * they may meet unknowns in `check` and `diff` only.
 */
export interface Lifecycle {
  /**
   * Names of the inputs that a later `diff` compares with. They are kept in state under the same names, because the
   * engine then keeps secret what was a secret input; lifecycles find and return them as `declared`. Inputs that are
   * secret by nature and not needed again are left out.
   */
  readonly declared: readonly string[];
  check(olds: LooseObject, news: LooseObject): Promise<Checked>;
  diff(id: string, olds: LooseObject, news: LooseObject): Promise<Difference>;
  create(inputs: LooseObject): Promise<{ readonly id: string; readonly state: LooseObject }>;
  read(id: string, state: LooseObject): Promise<Found>;
  update(id: string, olds: LooseObject, news: LooseObject): Promise<{ readonly state: LooseObject }>;
  delete(id: string, state: LooseObject): Promise<void>;
}
