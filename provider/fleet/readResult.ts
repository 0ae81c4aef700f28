import { type Violation } from "./rules.js";

/** What was read, or why it can't be read. */
export type ReadResult<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Violation);
