// Updates the page by polling, while it is visible.

import { write } from "./elements.mjs";

/** @import { Overview } from "../overview.js" */

const EVERY_MS = 1000;
/** A filter reads every device. So the page waits this many times as long as the last answer took. */
const REST = 20;

/**
 * @param {() => string} query
 * @param {(overview: Overview) => void} draw
 * @returns {() => void} asks at once
 */
export function poll(query, draw) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let latest = 0;

  const ask = async () => {
    clearTimeout(timer);
    const turn = ++latest;
    const asked = performance.now();
    try {
      const answer = await fetch(`/_emulator/page?${query()}`);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      /** @type {Overview} */
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- the emulator's own answer
      const overview = await answer.json();
      // The reader has asked for something else in the meantime.
      if (turn !== latest) return;
      draw(overview);
      write("lost", "");
    } catch {
      if (turn !== latest) return;
      write(
        "lost",
        "The emulator does not answer. The page shows its last state, and asks again every second.",
      );
    }
    timer = setTimeout(begin, Math.max(EVERY_MS, REST * (performance.now() - asked)));
  };
  const begin = () => {
    if (document.hidden) return;
    void ask();
  };
  document.addEventListener("visibilitychange", begin);
  return begin;
}
