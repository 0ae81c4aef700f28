/** A file by which `pulumi import` takes over devices without a run: with inputs and outputs, so that no provider is asked. */
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
import { enclosed, secretValue } from "../state/secretValues.js";

/** Into what the devices are imported. */
export interface ImportTarget {
  /** Name of the stack, without organisation and project. */
  readonly stack: string;
  /** Name that the program gives its Fleet. */
  readonly name: string;
  /** Tenant id of the team that has the devices. */
  readonly team: string;
  /** Key for the redo log: 32 bytes, base64. Secret. */
  readonly journalKey: string;
}

type Bag = Readonly<Record<string, unknown>>;

/**
 * The text of the file. It holds a secret: the key of the redo log.
 * @param fleet as its file says: devices that are adopted as they are, and nothing else
 * @param found the devices in the account
 */
export async function importFileText(
  fleet: Fleet,
  found: readonly CloudDevice[],
  target: ImportTarget,
): Promise<string> {
  // What a program declares takes half a second to load.
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
    records: new Map([...inputs.devices].map(([id, row]) => [id, adopted(row, byId.get(id))])),
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
          inputs: kept({ ...set, ...setInputsCodec.encode(inputs) }),
          outputs: kept({ ...set, ...state }),
        },
      ],
    },
    undefined,
    2,
  )}\n`;
}

/** What the file calls the Fleet, which in the stack has the same name as its set. */
const PARENT = "the fleet";

/** As an `up` records a device that it adopts with the certificate it has. */
function adopted(row: Row, device: CloudDevice | undefined): RowRecord {
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

/** As the engine keeps it: without what is undefined, secrets in their envelopes. */
function kept(bag: Bag): Bag {
  return enclosed(Object.fromEntries(Object.entries(bag).filter(([, value]) => value !== undefined)), {});
}
