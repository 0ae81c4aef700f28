import { expect, test } from "vitest";
import { nextSteps } from "../../tools/quickstart/nextSteps.mjs";

const steps = nextSteps({ folder: ".quickstart", stack: "quickstart", emulator: "http://127.0.0.1:8787" });
const commands = steps.flatMap((step) => step.commands);

test("the quickstart ends with few commands, each on one line, and none that prints secrets", () => {
  expect(steps.flatMap(({ title, commands: lines }) => [title, ...lines]).length).toBeLessThan(20);
  for (const command of commands) expect(command).toMatch(/^[\x20-\x7e]{1,110}$/);
  for (const command of commands) expect(command).not.toMatch(/--show-secrets|--all|stack output|export/);
});

test("the quickstart suggests what there is to try: a change, one key, a device, and the end", () => {
  const all = commands.join("\n");
  for (const part of [
    "nrfcloud-fleet plan",
    "credentials sensor-00 --out",
    "simulator/main.js --devices",
    "nrfcloud-fleet destroy",
  ])
    expect(all).toContain(part);
});
