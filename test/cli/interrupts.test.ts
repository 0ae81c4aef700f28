import { describe, expect, test } from "vitest";
import { interrupts, type AtStake } from "../../cli/pulumi/interrupts.js";

function answering(atStake: AtStake) {
  const said: string[] = [];
  let kills = 0;
  let time = 0;
  const engine = {
    kill: () => {
      kills++;
      return true;
    },
  };
  const answer = interrupts(
    engine,
    atStake,
    (text) => said.push(text),
    () => time,
  );
  return {
    ...answer,
    said,
    kills: () => kills,
    wait: (ms: number) => {
      time += ms;
    },
  };
}

describe("signals while an engine runs", () => {
  test("the engine receives the first and, within ten seconds of a warning, the third", () => {
    const { onSignal, said, kills, wait } = answering("state");
    onSignal("SIGINT");
    expect(kills()).toBe(1);
    onSignal("SIGINT");
    expect(kills()).toBe(1);
    expect(said[1]).toContain("press Ctrl-C again within 10 s");
    wait(9_000);
    onSignal("SIGINT");
    expect(kills()).toBe(2);
    onSignal("SIGINT");
    expect(kills()).toBe(2);
    // One sentence for each press.
    expect(said).toHaveLength(3);
    for (const sentence of said) expect(sentence).toMatch(/^[A-Z][^.]*\.$/);
  });

  test("a late press gets another warning", () => {
    const { onSignal, kills, wait, said } = answering("state");
    onSignal("SIGINT");
    onSignal("SIGINT");
    wait(11_000);
    onSignal("SIGINT");
    expect(kills()).toBe(1);
    expect(said).toHaveLength(3);
  });

  test("the end of a terminal or a workflow reaches the engine once, and never stops it at once", () => {
    const { onSignal, kills } = answering("state");
    onSignal("SIGINT");
    onSignal("SIGTERM");
    onSignal("SIGTERM");
    onSignal("SIGHUP");
    expect(kills()).toBe(1);
  });

  test("a second press stops a plan at once", () => {
    const { onSignal, kills, said } = answering("nothing");
    onSignal("SIGINT");
    onSignal("SIGINT");
    expect(kills()).toBe(2);
    expect(said).toEqual(["Interrupted: nothing was changed."]);
  });
});
