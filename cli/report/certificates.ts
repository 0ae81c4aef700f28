import { Fields } from "../../provider/engine/fields.js";
import { containsUnknown } from "../../provider/engine/unknown.js";
import { device } from "../../provider/lifecycle/device.js";
import { compareDevice, type DeviceComparison } from "../../provider/lifecycle/deviceDiff.js";
import { readDeviceInputs } from "../../provider/lifecycle/deviceInputs.js";
import { readDeviceState } from "../../provider/lifecycle/deviceState.js";
import type { Change } from "./changes.js";
import type { State } from "./digest.js";
import { SECRET } from "./secrets.js";
import { isKind } from "./things.js";

/**
 * What a change in place means for the certificate of a device in the field, in the provider's own words; `undefined`
 * where the device keeps what it has.
 */
export function certificateConsequence(change: Change): string | undefined {
  const { kind, action, before, after, fields, silent } = change;
  if (action !== "update" || before === undefined) return undefined;
  if (isKind(kind, "DeviceCertificate")) {
    return silent || fields.some(({ field }) => field === "validity (days)") ? REISSUED : undefined;
  }
  if (!isKind(kind, "Device")) return undefined;
  // The preview hides what is secret, so that it can't be compared.
  const hidden = fields.some(
    ({ field, after: now }) =>
      now?.endsWith(SECRET) === true && ["CSR", "certificate", "public key", "credential"].includes(field),
  );
  if (hidden) return ANOTHER;
  const compared = compare(change, before, after ?? before);
  if (compared === undefined) return fields.some(({ field }) => field === "CA") ? ANOTHER : undefined;
  if (compared.certificate !== "same" || !silent || before.unfinished) return compared.consequences[0];
  // Nothing else makes the provider change a device of which all is as declared; which of both it is shows in its remarks only.
  return UNFINISHED;
}

/** What an interrupted run was at is set right. */
export const UNFINISHED =
  "was being changed by a run that was interrupted or failed: its name and tags are set as they are declared, and where it was given " +
  "another certificate, the one that this stack's state has is registered again.";

const REISSUED = "are issued anew for the same key: give them to the devices before the present ones end.";
const ANOTHER = "gets another certificate: the device must have it already, or it can't connect.";

function compare({ id }: Change, before: State, after: State): DeviceComparison | undefined {
  const declared = Object.fromEntries(
    Object.entries(before.outputs).filter(([key]) => device.declared.includes(key)),
  );
  try {
    return compareDevice(
      readDeviceState(id, { ...before.outputs, declared }),
      readDeviceInputs(new Fields(after.inputs)),
      {
        overtaken: false,
        unknown: Object.keys(after.inputs).filter((key) => containsUnknown(after.inputs[key])),
      },
    );
  } catch {
    // A state that this version of the provider can't read; the provider says so itself.
    return undefined;
  }
}
