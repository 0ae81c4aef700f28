// The processes below one of ours: the engine starts the program and the provider, and a group for each.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** @typedef {{ pid: number, parent: number, command: string }} Process */

/** USER_HZ, which Linux shows the same on all machines that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * Every process that this one started, directly or through others.
 * @param {number} pid
 * @returns {Process[]}
 */
export function descendants(pid) {
  const all = processes();
  /** @type {(parent: number) => Process[]} */
  const below = (parent) =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

/**
 * Kills a process and all that it started.
 * @param {number} pid
 */
export function killTree(pid) {
  for (const each of [pid, ...descendants(pid).map((child) => child.pid)]) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

/**
 * The most memory a process ever had (resident), and the processor time that it has used, where the system tells: on Linux.
 * @param {number} pid
 * @returns {{ peakBytes: number, cpuSeconds: number } | undefined}
 */
export function usage(pid) {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(contents(`/proc/${pid}/status`))?.[1];
  // After the name in parentheses: state, parent and nine more, then the times in user and system mode.
  const [, user, system] = /^.*\)(?: \S+){11} (\d+) (\d+)/s.exec(contents(`/proc/${pid}/stat`)) ?? [];
  if (kibibytes === undefined || user === undefined || system === undefined) return undefined;
  return {
    peakBytes: Number(kibibytes) * 1024,
    cpuSeconds: (Number(user) + Number(system)) / TICKS_PER_SECOND,
  };
}

/** @returns {Process[]} */
function processes() {
  if (process.platform === "linux") return readdirSync("/proc").flatMap(fromProc);
  // Windows has neither; there an engine ends its own.
  if (process.platform === "win32") return [];
  const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid=,command="], { encoding: "utf8" });
  return listed.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/**
 * @param {string} name  Of a folder in /proc.
 * @returns {Process[]}
 */
function fromProc(name) {
  if (!/^\d+$/.test(name)) return [];
  // The name of the program is in parentheses and may hold any character, these too.
  const parent = /^.*\) \S (\d+)/s.exec(contents(`/proc/${name}/stat`))?.[1];
  const command = contents(`/proc/${name}/cmdline`).replaceAll("\0", " ");
  return parent === undefined ? [] : [{ pid: Number(name), parent: Number(parent), command }];
}

/** @param {string} file */
function contents(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
