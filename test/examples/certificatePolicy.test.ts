import { readFileSync } from "node:fs";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { loadFleetFile } from "../../provider/fleet/disk.js";
import { policyLine } from "../../provider/fleet/policy.js";
import { fleetContents } from "../../provider/resources/fleetContents.js";
import { rowsOf } from "../../provider/resources/fleetRows.js";
import { useAccount } from "../support/account.js";
import { StackOfSet, type Rows } from "../support/deviceSet.js";

const account = useAccount();
const FILE = "examples/certificate-policy/fleet.yaml";
const page = readFileSync("docs/certificate-policy.md", "utf8");

beforeEach(async () => {
  await account.admin("POST", "/reset");
});

test("the example of the page on rules for certificates keeps them, breaks them and is renewed as the page says", async () => {
  expect(page).toContain(readFileSync(FILE, "utf8").split("\n").slice(2).join("\n"));
  const fleet = loadFleetFile(FILE, fleetContents(new Date()));
  const rows = rowsOf(fleet) as Rows;
  const policy = fleet.policy && policyLine(fleet.policy);
  const { validityDays } = fleet.certificates;
  const stack = new StackOfSet(account);
  const broken = page.split("```").find((block) => block.includes("Certificates would be valid"));
  await expect(stack.preview(rows, { policy })).rejects.toThrow(broken?.trim());

  await stack.up(rows, { policy, validityDays });
  expect((await account.devices()).size).toBe(5);
  account.later(641 * 86_400_000);
  onTestFinished(() => {
    account.later(-641 * 86_400_000);
  });
  await expect(stack.preview(rows, { policy, validityDays })).rejects.toThrow("have less than 90d left");
});
