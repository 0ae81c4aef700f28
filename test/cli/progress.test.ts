import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { FollowedFile } from "../../cli/progress/followedFile.js";
import { described, lineMeter, type Progress } from "../../cli/progress/meter.js";
import { NO_NEWS, withLine, type ProviderNews } from "../../cli/progress/providerNews.js";

const at = (seconds: number, news: Partial<ProviderNews> = {}, more: Partial<Progress> = {}): Progress => ({
  resources: 0,
  failed: 0,
  news: { ...NO_NEWS, ...news },
  elapsedMs: seconds * 1000,
  ...more,
});

const onboarding = (done: number) => ({ now: { step: "onboard", done, total: 1000 } });

describe("progress in words", () => {
  test("has the step, the devices, the retried requests, the waiting devices, and the time", () => {
    expect(described(at(0, {}, { resources: 1 }))).toBe("1 resource; 0 s");
    const retries = new Map([
      ["onboard", 2],
      ["retag", 1],
    ]);
    expect(described(at(64.6, { ...onboarding(312), waiting: 12, retries }, { failed: 1 }))).toBe(
      "onboarding: 312 of 1,000 devices; 1 resource failed; 3 retries; 12 devices wait for their first connect; 65 s",
    );
    expect(described(at(1, { ...onboarding(3), batch: { number: 2, of: 11 } }))).toMatch(/^batch 2 of 11; /);
    expect(described(at(1, { now: { step: "polish", done: 0, total: 1 }, waiting: 1 }))).toBe(
      "polish: 0 of 1 device; 1 device waits for its first connect; 1 s",
    );
  });
});

describe("progress in a log", () => {
  function watched() {
    const lines: string[] = [];
    return { lines, meter: lineMeter("Applying", (line) => lines.push(line)) };
  }

  test("is a line every ten seconds, however slow", () => {
    const { lines, meter } = watched();
    for (let tenth = 0; tenth <= 600; tenth++) meter.update(at(tenth / 10, onboarding(1)));
    expect(lines).toHaveLength(6);
    expect(lines[5]).toBe("Applying: onboarding: 1 of 1,000 devices; 51 s");
  });

  test("is a line every ten percent of a step, but no more than one a second", () => {
    const { lines, meter } = watched();
    for (let tenth = 0; tenth <= 90; tenth++) meter.update(at(tenth / 10, onboarding(tenth * 10)));
    expect(lines).toHaveLength(9);
    expect(lines.at(-1)).toBe("Applying: onboarding: 900 of 1,000 devices; 9 s");
    meter.update(at(9.5, { now: { step: "retag", done: 0, total: 5 } }));
    expect(lines).toHaveLength(9);
    meter.update(at(10, { now: { step: "retag", done: 0, total: 5 } }));
    expect(lines.at(-1)).toBe("Applying: changing tags: 0 of 5 devices; 10 s");
  });
});

describe("the provider's progress", () => {
  test("is its latest step, and the retries of all of them", () => {
    const line = (step: string, done: number, retries: number, waiting = 0) =>
      JSON.stringify({ step, done, total: 3, retries, waiting, ms: 5 });
    const lines = [
      line("onboard", 0, 0),
      line("onboard", 3, 2),
      line("associate", 1, 1, 2),
      "{ torn",
      '{"something":"else"}',
    ];
    expect(lines.reduce(withLine, NO_NEWS)).toEqual({
      now: { step: "associate", done: 1, total: 3 },
      waiting: 2,
      retries: new Map([
        ["onboard", 2],
        ["associate", 1],
      ]),
    });
  });
});

describe("a file that grows", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-follow-"));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("gives each complete line once, also if a write ends within a line or a character", () => {
    const file = path.join(folder, "events");
    writeFileSync(file, "");
    const followed = new FollowedFile(file);
    const euro = Buffer.from("€\n");
    appendFileSync(file, "one\ntw");
    expect([...followed.lines()]).toEqual(["one"]);
    appendFileSync(file, Buffer.concat([Buffer.from("o\n"), euro.subarray(0, 1)]));
    expect([...followed.lines()]).toEqual(["two"]);
    appendFileSync(file, euro.subarray(1));
    expect([...followed.lines()]).toEqual(["€"]);
    const long = "x".repeat(3 * 1024 * 1024);
    appendFileSync(file, `${long}\nlast\n`);
    expect([...followed.lines()]).toEqual([long, "last"]);
    followed.close();
  });
});
