// The most memory of this process, and of any provider and command line that it started.

import { COMMANDS } from "../bench/memory.mjs";
import { descendants, usage } from "../bench/processes.mjs";

const SAMPLE_MS = 200;

/**
 * @typedef {{ driver: number, provider: number, cli: number, together: number }} Peaks  In bytes, 0 where the system does not tell.
 *   `together` is the most that all of them had at one time, the emulator left out.
 */

/** Looks at all processes below this one every now and then, until it is stopped. */
export function watchAll() {
  /** @type {Peaks} */
  const peaks = { driver: 0, provider: 0, cli: 0, together: 0 };
  const look = () => {
    const driver = process.memoryUsage.rss();
    let together = driver;
    peaks.driver = Math.max(peaks.driver, driver);
    for (const { pid, command } of descendants(process.pid)) {
      const kind = command.includes(COMMANDS.provider)
        ? "provider"
        : /^(\S*\/)?pulumi /.test(command)
          ? "cli"
          : undefined;
      const bytes = kind === undefined ? undefined : usage(pid)?.peakBytes;
      if (kind === undefined || bytes === undefined) continue;
      together += bytes;
      peaks[kind] = Math.max(peaks[kind], bytes);
    }
    peaks.together = Math.max(peaks.together, together);
  };
  const timer = setInterval(look, SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return peaks;
    },
  };
}
