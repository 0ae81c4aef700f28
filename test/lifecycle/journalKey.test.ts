import { readdirSync, rmSync } from "node:fs";
import { beforeEach, expect, it } from "vitest";
import { systemClock } from "../../provider/engine/clock.js";
import { RedoLog } from "../../provider/journal/log.js";
import { journalKey } from "../../provider/lifecycle/journalKey.js";
import { useAccount } from "../support/account.js";
import { StackOfSet } from "../support/deviceSet.js";
import { Resource } from "../support/resource.js";

const account = useAccount();
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
});
const newKey = () => new Resource(journalKey, account.hosted);

it("is 32 random bytes that never change", async () => {
  const [one, other] = [newKey(), newKey()];
  await one.up({ stack: "dev" });
  await other.up({ stack: "dev" });
  const { key } = one.outputs;
  expect(Buffer.from(String(key), "base64")).toHaveLength(32);
  expect(key).not.toBe(other.outputs.key);
  expect(await one.up({ stack: "dev" })).toBe("same");
  await one.refresh();
  expect(one.outputs.key).toBe(key);
});

it("takes the logs that it sealed with it, and no others", async () => {
  const keys = [newKey(), newKey()] as const;
  for (const key of keys) {
    await key.up({ stack: "dev" });
    const name = { project: "project", stack: "dev", set: "fleet", key: String(key.outputs.key) };
    const log = await RedoLog.open(account.journalFolder, name, { clock: systemClock });
    log.start(1, "onboard", [{ id: "lab-1", line: "" }], new Date().toISOString());
    log.close();
  }
  const before = readdirSync(account.journalFolder);
  await keys[0].destroy();
  const after = readdirSync(account.journalFolder);
  expect(before).toHaveLength(2);
  expect(after).toHaveLength(1);
  expect(before).toEqual(expect.arrayContaining(after));
});

/** Nobody waits for two minutes in a test. */
const IMPATIENT = { NRF_CLOUD_READBACK_TIMEOUT: "1", NRF_CLOUD_BULK_TIMEOUT: "2" };
const ROWS = { "lab-1": {}, "lab-2": {} };

/** A stack with a key, and a set whose log it seals. */
async function newStack() {
  const key = newKey();
  await key.up({ stack: "dev" });
  return { key, set: new StackOfSet(account, { journalKey: String(key.outputs.key), env: IMPATIENT }) };
}

it("is kept while only its journal knows devices of an interrupted run; after the next run it is deleted with the journal", async () => {
  const { key, set } = await newStack();
  await set.upAndLoseState(ROWS);
  const made = await account.devices();
  await expect(key.destroy()).rejects.toThrow(
    /2 devices \(lab-\{1\.\.2\}\): Only the journal .*\.log has these devices/,
  );
  expect(await account.devices()).toEqual(made);
  expect(key.exists).toBe(true);
  await set.up(ROWS);
  await set.requireKeys("lab-1", "lab-2");
  expect(await account.devices()).toEqual(made);
  await set.destroy();
  await key.destroy();
  expect((await account.devices()).size).toBe(0);
  expect(readdirSync(account.journalFolder)).toEqual([]);
});

it("is deleted where the interrupted run created nothing, where its devices are missing, and where its set keeps them", async () => {
  const nothing = await newStack();
  await account.admin("PUT", "/faults", {
    seed: 1,
    rules: [{ probability: 1, operations: ["OnboardDevices"], fault: { kind: "closeBefore" } }],
  });
  await nothing.set.upAndLoseState(ROWS);
  await account.admin("DELETE", "/faults");
  await nothing.key.destroy();

  const gone = await newStack();
  await gone.set.upAndLoseState(ROWS);
  for (const id of Object.keys(ROWS)) await account.admin("DELETE", `/devices/${id}`);
  await gone.key.destroy();

  const kept = await newStack();
  await kept.set.up(ROWS, { keepOnDestroy: true });
  await kept.set.destroy();
  await kept.key.destroy();
  expect((await account.devices()).size).toBe(2);
  expect(readdirSync(account.journalFolder)).toEqual([]);
});
