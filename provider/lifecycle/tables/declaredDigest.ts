import { createHash } from "node:crypto";
import { formatRow } from "../../reconcile/table/formatRow.js";
import { setInputsCodec, type SetInputs } from "../../reconcile/table/table.js";

/**
 * SHA-256 (hex) of all inputs. The engine shows a comparison only the state, and the digest says whether the inputs differ from those of the
 * last run.
 */
export function declaredDigest(inputs: SetInputs): string {
  const { devices, ...others } = setInputsCodec.encode(inputs);
  const hash = createHash("sha256").update(JSON.stringify(others, inOrder));
  for (const [id, row] of [...inputs.devices].sort(([one], [other]) => (one < other ? -1 : 1)))
    hash.update(`\n${id} ${formatRow(row)}`);
  return hash.update(devices === undefined ? "" : `\n${inputs.unknown.size}`).digest("hex");
}

/** For `JSON.stringify`: sorts the keys of objects at every depth. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
