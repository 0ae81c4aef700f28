import { readFileSync } from "node:fs";
import path from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { succeeded, type Stack } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

/** Retired devices with the real engine. The other cases are in `set/retired.test.ts`. */

const world = useWorld();
const fleet = (old: string) => fleetFile(`{ ids: lab-0 }\n  ${old}`, "maxDeletes: 0\n");
const IN_USE = "old: { ids: lab-1, tags: [lab] }";
const RETIRED = "old: { ids: lab-1, tags: [lab], state: retired, keepFor: 30d }";
const MONTH_AGO = new Date(Date.now() - 31 * 24 * 3_600_000).toISOString();

const tagsOf = async (id: string) => (await world.devices()).find((device) => device.id === id)?.tags;
const ids = async () => (await world.devices()).map(({ id }) => id);

/** The provider has its own process and clock, so the state says that the device was retired earlier. */
async function retiredAMonthAgo(stack: Stack, id: string): Promise<void> {
  succeeded(await stack.pulumi("stack", "export", "--file", "state.json"));
  const text = readFileSync(path.join(stack.folder, "state.json"), "utf8");
  const state = text.replace(/"records": ?"([^"]+)"/, (_, packed: string) => {
    const records = JSON.parse(inflateRawSync(Buffer.from(packed, "base64")).toString()) as Record<
      string,
      object
    >;
    expect(records[id]).toHaveProperty("retiredAt");
    const earlier = JSON.stringify({ ...records, [id]: { ...records[id], retiredAt: MONTH_AGO } });
    return `"records": "${deflateRawSync(earlier).toString("base64")}"`;
  });
  expect(state).not.toBe(text);
  stack.write("state.json", state);
  succeeded(await stack.pulumi("stack", "import", "--file", "state.json"));
}

test("a retired device gets a tag, is kept for its time, and is deleted then as far as the guards allow", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleet(IN_USE) } });
  succeeded(await stack.up());
  stack.write("fleet.yaml", fleet(RETIRED));
  succeeded(await stack.up());
  expect(await tagsOf("lab-1")).toEqual(["lab", "retired"]);

  stack.write("fleet.yaml", fleet(""));
  const removed = await stack.preview();
  expect(removed.code).not.toBe(0);
  expect(removed.output).toMatch(/kept until \d{4}-\d\d-\d\d: lab-1/);
  stack.write("fleet.yaml", fleet(RETIRED));

  await retiredAMonthAgo(stack, "lab-1");
  const guarded = await stack.up();
  expect(guarded.code).not.toBe(0);
  expect(guarded.output).toContain("maxDeletes (0) allows 0");
  expect(await ids()).toEqual(["lab-0", "lab-1"]);

  stack.setEnv("NRF_CLOUD_ALLOW_DELETES", "1");
  const over = await stack.up();
  succeeded(over);
  expect(over.output).toContain("- 1 device will be deleted: lab-1");
  expect(await ids()).toEqual(["lab-0"]);
  succeeded(await stack.preview("--expect-no-changes"));
});
