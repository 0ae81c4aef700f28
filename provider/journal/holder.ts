import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isCode } from "./errors.js";

/** The process that holds a lock. Its start time distinguishes it from a later process with the same number. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** The namespace of its number, since each container of a host has its own. */
  readonly space: string;
  /** When it started, in ticks since the boot of the machine; empty if the system does not show it. */
  readonly started: string;
  /** Unique. */
  readonly token: string;
}

export function thisProcess(): Holder {
  const { pid } = process;
  return {
    pid,
    host: hostname(),
    space: pidNamespace(),
    started: processStat(pid)?.started ?? "",
    token: `${pid.toString(36)}-${process.hrtime.bigint().toString(36)}`,
  };
}

/** Parses the content of a lock file. */
export function readHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { pid, host, space, started, token }: Readonly<Record<string, unknown>> = { ...value };
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
    if (typeof host !== "string" || typeof space !== "string" || typeof started !== "string")
      return undefined;
    // The token becomes part of a file name.
    if (typeof token !== "string" || !/^[a-z0-9]{1,12}-[a-z0-9]{1,16}$/.test(token)) return undefined;
    return { pid, host, space, started, token };
  } catch {
    return undefined;
  }
}

/** Whether a holder has certainly ended. For another machine or container, that is never certain. */
export function hasEnded({ pid, host, space, started }: Holder): boolean {
  if (host !== hostname() || space !== pidNamespace()) return false;
  const found = processStat(pid);
  if (found !== undefined) return found.isZombie || (started !== "" && found.started !== started);
  try {
    process.kill(pid, 0);
    return false;
  } catch (thrown) {
    return isCode(thrown, "ESRCH");
  }
}

/** Reads /proc; `undefined` if the process does not exist, or on another system. */
function processStat(pid: number): { readonly started: string; readonly isZombie: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The process name, in brackets, may contain spaces and brackets.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { started: fields[19] ?? "", isZombie: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return undefined;
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
