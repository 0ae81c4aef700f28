import { takesOut, type RowChange } from "../../provider/reconcile/plan/change.js";
import { rowChanges } from "../pulumi/rows.js";
import { singleRecord } from "../state/singles.js";
import type { Step } from "./digest.js";
import { SECRET } from "./secrets.js";
import { idOf, isKind, type Action, type Kind } from "./things.js";
import type { FieldChange } from "./values.js";

/** The change of a device or claim that is a single resource, and the action's name. */
export interface SingleChange {
  readonly action: Action;
  readonly row: RowChange | undefined;
}

/** Compares a device or claim that is a single resource, in the same way as the rows of sets. */
export function singleChange(
  step: Step,
  {
    kind,
    action,
    fields,
  }: { readonly kind: Kind; readonly action: Action; readonly fields: readonly FieldChange[] },
  now: Date,
): SingleChange {
  const { urn, before, after } = step;
  if (["drift", "vanish", "forget", "read", "import"].includes(action)) return { action, row: undefined };
  const record = before && singleRecord(kind, before.outputs)?.record;
  const [row] = rowChanges(step, now).changes.values();
  if (action === "replace") {
    const isSameDevice = idOf(urn, kind, before) === idOf(urn, kind, after);
    if (isSameDevice && row?.kind === "replace") return { action, row };
    const leaves: RowChange | undefined = record?.row && { kind: "remove", before: record.row };
    return { action, row: leaves !== undefined && takesOut(leaves) ? leaves : undefined };
  }
  if (row?.kind === "remove") {
    const isThere = !["waiting", "replaced", "hidden"].includes(record?.outcome.kind ?? "done");
    // A retired device whose time is over leaves, and its resource remains.
    const becomes = action === "update" ? "delete" : action;
    return isThere && takesOut(row) ? { action: becomes, row } : { action: "forget", row: undefined };
  }
  return { action, row: isKind(kind, "Device") ? withHidden(row, fields, record?.row) : row };
}

/** The preview hides secrets, so only the engine knows that a device has another code, token or credential. */
function withHidden(
  change: RowChange | undefined,
  fields: readonly FieldChange[],
  reached: Extract<RowChange, { kind: "remove" }>["before"] | undefined,
): RowChange | undefined {
  const isHidden = fields.some(
    ({ field, after }) => after?.endsWith(SECRET) === true && CREDENTIALS.includes(field),
  );
  if (!isHidden || reached === undefined) return change;
  if (change === undefined)
    return { kind: "update", before: reached, after: reached, fields: ["credential"] };
  if (change.kind !== "update" || change.fields.includes("credential")) return change;
  return { ...change, fields: [...change.fields, "credential"] };
}

const CREDENTIALS: readonly string[] = ["CSR", "certificate", "public key", "credential"];
