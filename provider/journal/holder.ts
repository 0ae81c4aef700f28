import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isCode } from "./trouble.js";

/** Who holds a lock: one process at one time, so that another one with the same number is not taken for it. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Where its number means a process: containers of one host have numbers of their own. */
  readonly space: string;
  /** When it started, in ticks since the machine did; empty where the system does not show it. */
  readonly started: string;
  /** Another one each time. */
  readonly token: string;
}

export function thisProcess(): Holder {
  const { pid } = process;
  return {
    pid,
    host: hostname(),
    space: spaceOfProcesses(),
    started: lookAt(pid)?.started ?? "",
    token: `${pid.toString(36)}-${process.hrtime.bigint().toString(36)}`,
  };
}

/** A holder, from the text of its lock. */
export function readHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { pid, host, space, started, token }: Readonly<Record<string, unknown>> = { ...value };
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
    if (typeof host !== "string" || typeof space !== "string" || typeof started !== "string")
      return undefined;
    // It becomes part of a file's name.
    if (typeof token !== "string" || !/^[a-z0-9]{1,12}-[a-z0-9]{1,16}$/.test(token)) return undefined;
    return { pid, host, space, started, token };
  } catch {
    return undefined;
  }
}

/** Whether a holder is known to have ended. Of another machine or container, nothing is known. */
export function hasEnded({ pid, host, space, started }: Holder): boolean {
  if (host !== hostname() || space !== spaceOfProcesses()) return false;
  const found = lookAt(pid);
  if (found !== undefined) return found.isZombie || (started !== "" && found.started !== started);
  try {
    process.kill(pid, 0);
    return false;
  } catch (thrown) {
    return isCode(thrown, "ESRCH");
  }
}

/** What Linux shows of a process; `undefined` without one, or on another system. */
function lookAt(pid: number): { readonly started: string; readonly isZombie: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { started: fields[19] ?? "", isZombie: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return undefined;
  }
}

function spaceOfProcesses(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
