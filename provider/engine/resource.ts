import type { Fields } from "./fields.js";
import type { LooseObject } from "./outputs.js";

/** Converts between the engine's property bags and typed values. */
export interface Codec<Value> {
  /** Reads a bag. Problems are in `fields.failures`, and values that are not known yet are UNKNOWN. */
  decode(fields: Fields): Value;
  /** The bag to save, without `undefined` entries. It is never called with unknown values. */
  encode(value: Value): LooseObject;
}

/** The result of `diff`. */
export type Difference =
  | { readonly kind: "same" }
  /** An update in place. The engine compares the inputs and shows the differences. */
  | { readonly kind: "update" }
  /** An update although the inputs are the same: a certificate to renew, drift to correct, a waiting row. */
  | { readonly kind: "renew" }
  /** A replacement because of these inputs. */
  | { readonly kind: "replace"; readonly because: readonly string[]; readonly deleteFirst: boolean };

/** The result of `create` or `update`. */
export interface Outcome<State> {
  readonly id: string;
  /** The actual state, even if something failed. */
  readonly state: State;
  /**
   * Messages about what failed. If there are any, the engine saves `state`, shows them, and calls `update` in the next run even if
   * nothing has changed.
   */
  readonly failures: readonly string[];
}

/** The result of `read`. */
export type Found<Inputs, State> =
  | { readonly kind: "gone" }
  /** `inputs` would declare what was found. Without them, those of the state are kept. */
  | { readonly kind: "present"; readonly state: State; readonly inputs?: Inputs };

/**
 * The operations of one resource type. Values are decoded before each call. Only `check` and `diff` get unknown values. A failure without
 * any state to save is thrown.
 */
export interface Resource<Inputs, State, Session> {
  readonly inputs: Codec<Inputs>;
  /** `State` includes the inputs that a later comparison needs. The engine encrypts properties that have the name of a secret input. */
  readonly state: Codec<State>;
  /** Problems that decoding can't find. `olds`: the inputs of the last run; `undefined` for a new resource. */
  check(session: Session, news: Inputs, olds: Inputs | undefined): Promise<readonly string[]>;
  diff(session: Session, id: string, state: State, news: Inputs): Promise<Difference>;
  create(session: Session, news: Inputs): Promise<Outcome<State>>;
  read(session: Session, id: string, state: State): Promise<Found<Inputs, State>>;
  update(session: Session, id: string, state: State, news: Inputs): Promise<Outcome<State>>;
  delete(session: Session, id: string, state: State): Promise<void>;
}
