import { isSince, lastReports } from "../../provider/cloud/devices.js";
import type { Transport } from "../../provider/cloud/transport.js";
import { FIRST_GENERATION } from "../../provider/fleet/rotation.js";
import type { KeptGeneration, ManagedDevice } from "./devices.js";
import { dayOf, deviceLines } from "./words.js";

/** Whether a device whose state keeps another credential has reported to nRF Cloud since the last phase of its rotation. */
export interface RotationReport {
  readonly id: string;
  /** The time of its last report, ISO 8601; `undefined` if nRF Cloud has no report. */
  readonly last: string | undefined;
  readonly isSince: boolean;
}

/** Reads the last reports of devices in a rotation (ListDevices, a hundred a call). Without such devices it sends no request. */
export async function rotationReports(
  transport: Transport,
  devices: readonly ManagedDevice[],
): Promise<readonly RotationReport[]> {
  const rotating = devices.flatMap(({ id, rotation }) =>
    rotation?.next === undefined && rotation?.previous === undefined ? [] : [{ id, at: rotation.at }],
  );
  if (rotating.length === 0) return [];
  const reports = await lastReports(
    transport,
    rotating.map(({ id }) => id),
  );
  return rotating.map(({ id, at }) => {
    const report = reports.get(id);
    return { id, last: report?.toISOString(), isSince: isSince(report, at) };
  });
}

/** Which devices have reported since the last phase of their rotation, and which have not. */
export function reportLines(reports: readonly RotationReport[]): readonly string[] {
  const idsOf = (later: boolean) => reports.flatMap(({ id, isSince }) => (isSince === later ? [id] : []));
  return [
    ...deviceLines(idsOf(true), "have reported since the last phase of their rotation"),
    ...deviceLines(idsOf(false), "have not reported since the last phase of their rotation"),
  ];
}

/** The generations of one device as lines with titles. Empty for a device in its first generation. */
export function rotationLines(
  { rotation }: Pick<ManagedDevice, "rotation">,
  report: RotationReport | undefined,
): readonly (readonly [title: string, text: string])[] {
  if (rotation === undefined) return [];
  const { generation, next, previous, ordered, at } = rotation;
  return [
    ["Generation", `nRF Cloud has generation ${generation}`],
    ...(next === undefined ? [] : [["  next", `${keptText(next)}, not activated yet`] as const]),
    ...(previous === undefined ? [] : [["  previous", `${keptText(previous)}, to go back to`] as const]),
    ...(ordered === undefined
      ? []
      : [["  ordered", `generation ${ordered}, which the device has not made yet`] as const]),
    ...(at === "" ? [] : [["  last phase", at] as const]),
    ...(report === undefined ? [] : [["  reported", reportText(report)] as const]),
  ];
}

function keptText({ generation, validUntil }: KeptGeneration): string {
  return `generation ${generation} is kept${validUntil === undefined ? "" : ` (until ${dayOf(validUntil)})`}`;
}

function reportText({ last, isSince: isLater }: RotationReport): string {
  if (last === undefined) return "never, by the data of nRF Cloud";
  return `${last}, ${isLater ? "after" : "before"} the last phase`;
}

/** The generations of a device in a column: `1, next 2`. */
export function generationText({ rotation, way }: Pick<ManagedDevice, "rotation" | "way">): string {
  // nRF Cloud makes the credentials of just-in-time devices.
  if (rotation === undefined) return way === "jitp" ? "" : String(FIRST_GENERATION.generation);
  const { generation, next, previous, ordered } = rotation;
  return [
    String(generation),
    ...(next === undefined ? [] : [`next ${next.generation}`]),
    ...(previous === undefined ? [] : [`previous ${previous.generation}`]),
    ...(ordered === undefined ? [] : [`ordered ${ordered}`]),
  ].join(", ");
}
