import type { Kept } from "../../table/packRotation.js";
import type { RowRecord } from "../../table/record.js";
import type { Row } from "../../table/row.js";
import type { Unfinished } from "../situation.js";
import { generationsOf, type Generations } from "./generations.js";

/**
 * The recorded credential with which an interrupted run created the device. `undefined`: it used another one. A run that brings a
 * missing device back uses a recorded credential, which may be of another generation than the row declares.
 */
export function recordedSource(
  record: RowRecord | undefined,
  log: Unfinished | undefined,
): "recorded" | Kept | undefined {
  const certificate = log?.credential?.certificate;
  if (record === undefined || certificate === undefined) return undefined;
  if (record.certificate === certificate) return "recorded";
  if (record.rotation?.next?.certificate === certificate) return "next";
  return record.rotation?.previous?.certificate === certificate ? "previous" : undefined;
}

/**
 * The generations of a device that an interrupted run created, and that the state does not have.
 * @param logged the row that the run declared
 */
export function resumedGenerations(
  record: RowRecord | undefined,
  log: Unfinished,
  logged: Row,
): Generations | undefined {
  const source = recordedSource(record, log);
  if (source === undefined) return generationsOf(undefined, logged);
  return source === "recorded" ? generationsOf(record, record?.row ?? logged) : record?.rotation?.[source];
}
