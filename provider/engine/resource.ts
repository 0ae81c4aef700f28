import type { Fields } from "./fields.js";
import type { LooseObject } from "./outputs.js";

/** Between property bags, as the engine keeps them, and values that the code can trust. */
export interface Codec<Value> {
  /** Reads a bag once, at the border. What is wrong is left in `fields.failures`, what is not known yet is UNKNOWN. */
  decode(fields: Fields): Value;
  /** The bag to keep. Entries that are `undefined` are left out. Values that are not known yet are never asked for. */
  encode(value: Value): LooseObject;
}

/** What declaring new inputs means for a resource that matches its state. */
export type Difference =
  /** Nothing to do. */
  | { readonly kind: "same" }
  /** Change in place; the engine compares the inputs and shows those that differ. */
  | { readonly kind: "update" }
  /** Something must be done although the inputs are the same: a certificate to renew, drift to undo, a row that waits. */
  | { readonly kind: "renew" }
  /** Delete and create, because of these inputs. */
  | { readonly kind: "replace"; readonly because: readonly string[]; readonly deleteFirst: boolean };

/** How a create or update ended. */
export interface Outcome<State> {
  readonly id: string;
  /** What is so now, whatever failed. */
  readonly state: State;
  /**
   * What could not be done, for people. Where there is anything, the engine keeps `state`, shows these, and calls `update` in
   * the next run even if nothing else has changed.
   */
  readonly failures: readonly string[];
}

/** What a read of the resource found. */
export type Found<Inputs, State> =
  | { readonly kind: "gone" }
  /** `inputs` would declare what was found; without them, the state keeps its own. */
  | { readonly kind: "present"; readonly state: State; readonly inputs?: Inputs };

/**
 * One resource type with its whole life, in the order it is lived. Values are decoded before each call; unknown ones are met in
 * `check` and `diff` only. A failure that leaves nothing to keep is thrown.
 */
export interface Resource<Inputs, State, Session> {
  readonly inputs: Codec<Inputs>;
  /** `State` holds the inputs that a later comparison needs. The engine keeps secret what has the name of a secret input. */
  readonly state: Codec<State>;
  /** What is wrong beyond the shape of the inputs. `olds`: the inputs of the last run; `undefined` for a new resource. */
  check(session: Session, news: Inputs, olds: Inputs | undefined): Promise<readonly string[]>;
  diff(session: Session, id: string, state: State, news: Inputs): Promise<Difference>;
  create(session: Session, news: Inputs): Promise<Outcome<State>>;
  read(session: Session, id: string, state: State): Promise<Found<Inputs, State>>;
  update(session: Session, id: string, state: State, news: Inputs): Promise<Outcome<State>>;
  delete(session: Session, id: string, state: State): Promise<void>;
}
