import type { Fields } from "../engine/fields.js";
import type { DeleteLimit } from "../fleet/fleet.js";
import type { Holdings } from "../fleet/holdings.js";
import { readMaxDeletes } from "../fleet/maxDeletes.js";

/** What a fleet tells its guard. */
export interface GuardInputs {
  readonly fleet: string;
  readonly maxDeletes: DeleteLimit | undefined;
  /** So many may leave the account this once, whatever the limit is. */
  readonly allowedDeletes: number | undefined;
  readonly devices: Holdings;
  /** Ids of the protected devices, by group. */
  readonly protected: Holdings;
  /** Given by a preview only: ids of the devices that are taken over where the account has them. */
  readonly adopting: string | undefined;
}

/** Reads the inputs of a guard; what is wrong is left in `fields.failures`. */
export function readGuardInputs(fields: Fields): GuardInputs {
  return {
    fleet: fields.text("fleet") ?? "",
    maxDeletes: readMaxDeletes(limitOf(fields)),
    allowedDeletes: fields.number("allowedDeletes"),
    devices: textsOf(fields, "devices"),
    protected: textsOf(fields, "protected"),
    adopting: fields.text("adopting"),
  };
}

/** The engine keeps a count as a number; the share is a text. */
function limitOf(fields: Fields): unknown {
  const text = fields.text("maxDeletes");
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

function textsOf(fields: Fields, key: string): Holdings {
  const nested = fields.nested(key);
  return Object.fromEntries((nested?.keys() ?? []).map((name) => [name, nested?.text(name) ?? ""] as const));
}
