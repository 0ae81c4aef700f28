/** A file for `pulumi import` that adopts devices without a run. It has all inputs and outputs, so Pulumi calls no provider. */
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { Fields } from "../../provider/engine/fields.js";
import type { Fleet } from "../../provider/fleet/fleet.js";
import { declaredDigest } from "../../provider/lifecycle/tables/declaredDigest.js";
import { JOURNAL_KEY_ID } from "../../provider/lifecycle/journalKey.js";
import { seenDevice } from "../../provider/reconcile/run/readRows.js";
import type { RowRecord } from "../../provider/reconcile/table/record.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { encodeSetState } from "../../provider/reconcile/table/state.js";
import { setInputsCodec } from "../../provider/reconcile/table/table.js";
import { wrapSecrets, secretValue } from "../state/secretValues.js";

/** The stack and the resource into which the devices are imported. */
export interface ImportTarget {
  /** Name of the stack, without organization and project. */
  readonly stack: string;
  /** Name of the Fleet in the program. */
  readonly name: string;
  /** Tenant id of the team that has the devices. */
  readonly team: string;
  /** Key of the journal: 32 bytes, base64. Secret. */
  readonly journalKey: string;
}

type Properties = Readonly<Record<string, unknown>>;

/**
 * The text of the file. It holds a secret: the key of the journal.
 * @param fleet the fleet of the exported file: it only adopts devices
 * @param found the devices in the account
 */
export async function importFileText(
  fleet: Fleet,
  found: readonly CloudDevice[],
  target: ImportTarget,
): Promise<string> {
  // Loading the Pulumi SDK takes half a second, which only this option should cost.
  const { rowsOf } = await import("../../provider/resources/fleetRows.js");
  const { declareRow } = await import("../../provider/resources/setInputs.js");
  const { handlerText } = await import("../../provider/resources/resource.js");
  const { stack, name, team, journalKey } = target;
  const lines = Object.entries(rowsOf(fleet)).map(([id, row]) => [id, declareRow(id, row).line]);
  const fields = new Fields({ name, stack, devices: Object.fromEntries(lines), journalKey });
  const inputs = setInputsCodec.decode(fields);
  const byId = new Map(found.map((device) => [device.id, device]));
  const state = encodeSetState({
    inputs,
    declared: declaredDigest(inputs),
    revision: 1,
    team,
    records: new Map([...inputs.devices].map(([id, row]) => [id, adoptedRecord(row, byId.get(id))])),
    notAttempted: [],
    serverCa: undefined,
  });
  const set = { __provider: handlerText("device-set") };
  const key = { __provider: handlerText("journal-key"), stack };
  return `${JSON.stringify(
    {
      resources: [
        {
          type: "nrfcloud:index:Fleet",
          name: PARENT,
          logicalName: name,
          component: true,
          outputs: { devices: inputs.devices.size },
        },
        {
          type: "pulumi-nodejs:dynamic/nrfcloud:JournalKey",
          name: `${name}-journal`,
          parent: PARENT,
          id: JOURNAL_KEY_ID,
          inputs: key,
          outputs: { ...key, key: secretValue(journalKey) },
        },
        {
          type: "pulumi-nodejs:dynamic/nrfcloud:DeviceSet",
          name,
          parent: PARENT,
          id: name,
          inputs: asStored({ ...set, ...setInputsCodec.encode(inputs) }),
          outputs: asStored({ ...set, ...state }),
        },
      ],
    },
    undefined,
    2,
  )}\n`;
}

/** The name of the Fleet in the file, where names are unique. In the stack it has the same name as its set. */
const PARENT = "the fleet";

/** The record that an `up` writes for a device that it adopts with its present certificate. */
function adoptedRecord(row: Row, device: CloudDevice | undefined): RowRecord {
  const seen = device === undefined ? undefined : seenDevice(device);
  return {
    row,
    createdAt: seen?.kind === "present" ? seen.createdAt : undefined,
    certificate: undefined,
    privateKey: undefined,
    validUntil: undefined,
    jobId: undefined,
    keepsName: row.way !== "attestation" && row.name === undefined,
    outcome: { kind: "adopted" },
  };
}

/** The form in which the engine stores properties: without `undefined`, and with secrets wrapped. */
function asStored(bag: Properties): Properties {
  return wrapSecrets(Object.fromEntries(Object.entries(bag).filter(([, value]) => value !== undefined)), {});
}
