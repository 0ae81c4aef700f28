import { readFileSync } from "node:fs";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { loadFleetFile } from "../../provider/fleet/disk.js";
import { amountText } from "../../provider/fleet/amount.js";
import { targetedRolloutText } from "../../provider/fleet/rollout.js";
import { fleetContents } from "../../provider/resources/fleetContents.js";
import { rowsOf } from "../../provider/resources/fleetRows.js";
import { useAccount } from "../support/account.js";
import { StackOfSet, type Rows } from "../support/deviceSet.js";
import { PartlyFailed } from "../support/resource.js";

const account = useAccount();
const FILE = "examples/rollout/fleet.yaml";
const page = readFileSync("docs/rollout.md", "utf8");

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  stack = new StackOfSet(account);
});

/** The example as its set is declared. All of its rows are known. */
function declared(file = FILE): readonly [Rows, object] {
  const fleet = loadFleetFile(file, fleetContents(new Date()));
  const rollout = fleet.rollouts.map(targetedRolloutText);
  return [
    rowsOf(fleet) as Rows,
    { rollout, ...(fleet.maxDeletes && { maxDeletes: amountText(fleet.maxDeletes) }) },
  ];
}

/** A block of the page that begins so. */
function quoted(beginning: string): string {
  const block = page.split("```").find((text) => text.trim().startsWith(beginning));
  if (block === undefined) throw new Error(`the page quotes nothing that begins with ${beginning}`);
  return block.trim();
}

test("the example of the page on roll-outs is previewed, stops and continues as the page says", async () => {
  const [rows, more] = declared();
  expect(page).toContain(readFileSync(FILE, "utf8").split("\n").slice(2).join("\n"));
  const { told } = await stack.preview(rows, { ...more });
  for (const line of quoted("+ 53 devices").split("\n")) expect(told).toContain(line);

  await account.admin("PUT", "/settings", {
    rejectRows: { "field-05": "no such luck", "field-06": "no such luck" },
  });
  const failed = await stack.up(rows, { ...more }).catch((thrown: unknown) => thrown);
  expect(failed).toBeInstanceOf(PartlyFailed);
  for (const line of quoted("Roll-out: the run stopped").split("\n"))
    expect((failed as PartlyFailed).message).toContain(line.trim());
  expect(stack.outputs.notAttempted).toEqual(["field-{15..49}"]);
  expect(Object.keys(stack.failed)).toEqual(["field-05", "field-06"]);
  expect((await account.devices()).size).toBe(16);

  await account.admin("PUT", "/settings", { rejectRows: {} });
  await stack.up(rows, { ...more });
  expect((await account.devices()).size).toBe(53);
  expect((await stack.preview(rows, { ...more })).step).toBe("same");
});

test("the example of retired devices is previewed, refused and deleted as the page says", async () => {
  const file = "examples/rollout/retire.yaml";
  const [rows, more] = declared(file);
  expect(page).toContain(readFileSync(file, "utf8").split("\n").slice(2).join("\n"));
  const inUse: Rows = Object.fromEntries(Object.keys(rows).map((id) => [id, { tags: ["field"] }]));
  await stack.up(inUse, { ...more });
  const { told } = await stack.preview(rows, { ...more });
  for (const line of quoted("~ 2 devices will get other tags").split("\n")) expect(told).toContain(line);
  await stack.up(rows, { ...more });
  expect((await account.devices()).get("field-08")?.tags).toEqual(["field", "retired"]);

  const removed: Rows = Object.fromEntries(Object.entries(inUse).filter(([id]) => !/0[89]$/.test(id)));
  await expect(stack.preview(removed, { ...more })).rejects.toThrow(quoted("This operation would delete"));

  account.later(31 * 24 * 3_600_000);
  onTestFinished(() => {
    account.later(-31 * 24 * 3_600_000);
  });
  const over = await stack.preview(rows, { ...more });
  expect(over.told).toContain(quoted("- 2 devices will be deleted"));
  await stack.up(rows, { ...more });
  expect((await account.devices()).size).toBe(8);
  expect((await stack.preview(rows, { ...more })).step).toBe("same");
});
