import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { systemClock } from "../../provider/engine/clock.js";
import { RedoLog } from "../../provider/journal/log.js";
import { journalKey } from "../../provider/lifecycle/journalKey.js";
import { useAccount } from "../support/account.js";
import { Resource } from "../support/resource.js";

const account = useAccount();
const newKey = () => new Resource(journalKey, account.hosted);

it("is 32 random bytes that stay the same", async () => {
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
    log.begin(1, "onboard", [{ id: "lab-1", line: "" }], new Date().toISOString());
    log.close();
  }
  const before = readdirSync(account.journalFolder);
  await keys[0].destroy();
  const after = readdirSync(account.journalFolder);
  expect(before).toHaveLength(2);
  expect(after).toHaveLength(1);
  expect(before).toEqual(expect.arrayContaining(after));
});
