import { Fields } from "../../provider/engine/fields.js";
import { isUnknown } from "../../provider/engine/unknown.js";
import { asConfig, type DeviceConfig } from "../../provider/fleet/config.js";
import { attestationClaim } from "../../provider/lifecycle/attestationClaim.js";
import { device } from "../../provider/lifecycle/device.js";
import { ownershipClaim } from "../../provider/lifecycle/ownershipClaim.js";
import type { RowRecord } from "../../provider/reconcile/table/record.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { entry } from "../json.js";
import type { Properties } from "../report/digest.js";
import { SECRET } from "../report/secrets.js";
import { isKind, type Kind } from "../report/things.js";

/** The resource types that are a table of one row each. */
const SINGLES = {
  Device: device,
  OwnershipClaim: ownershipClaim,
  AttestationClaim: attestationClaim,
} as const;

/** Whether a resource is a table of one row. */
export function isSingle(kind: Kind): boolean {
  return isKind(kind, ...Object.keys(SINGLES));
}

/** The recorded row of a resource with one row. */
export interface SingleRecord {
  readonly declared: Row | undefined;
  readonly record: RowRecord;
  readonly revision: number;
  readonly team: string | undefined;
}

/** Reads the outputs of a resource with one row. */
export function singleRecord(kind: Kind, outputs: Properties): SingleRecord | undefined {
  const type = typeOf(kind);
  if (type === undefined) return undefined;
  const { inputs, record, revision, team } = type.state.decode(new Fields(outputs));
  const { row } = inputs.declared;
  return { declared: isUnknown(row) ? undefined : row, record, revision, team };
}

/**
 * The row that the inputs of a resource with one row declare; `undefined` if it is not known yet.
 * @param reached the recorded row: it has the parts of the credential and the configuration that a preview hides
 */
export function singleRow(kind: Kind, inputs: Properties, reached: Row | undefined): Row | undefined {
  const declared = typeOf(kind)?.inputs.decode(new Fields(inputs)).declared.row;
  if (declared === undefined || isUnknown(declared)) return undefined;
  const isHidden = ["csr", "certificate", "publicKey"].some(
    (key) => entry(inputs.credential, key) === SECRET,
  );
  const hidden = isHidden || inputs.credential === SECRET;
  const { config } = declared;
  const row: Row =
    config === undefined ? declared : { ...declared, config: unhidden(config, reached?.config) };
  if (!hidden || row.way !== "preconnect" || reached?.way !== "preconnect") return row;
  return { ...row, credential: reached.credential };
}

function unhidden(config: DeviceConfig, reached: DeviceConfig = {}): DeviceConfig {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const known = Object.hasOwn(reached, key) ? reached[key] : undefined;
      if (value === SECRET) return [key, known ?? value];
      const [inner, innerKnown] = [asConfig(value), asConfig(known)];
      return [key, inner === undefined ? value : unhidden(inner, innerKnown)];
    }),
  );
}

function typeOf(kind: Kind) {
  return Object.entries(SINGLES).find(([name]) => isKind(kind, name))?.[1];
}
