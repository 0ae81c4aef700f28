import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator, type EmulatorOptions } from "../../emulator/index.js";
import { certificateFor, publicKeyPem } from "./support/certificates.js";
import { admin, Client, ids, ourClient, ours, row, text, theirClient, theirs } from "./support/client.js";

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "nrfcloud-emulator-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

const start = (dataDir: string, options: EmulatorOptions = {}) =>
  startEmulator({ teams: [ours, theirs], dataDir, ...options });

describe("a data directory", () => {
  it("keeps devices, credentials, changes and jobs over a restart", async () => {
    const directory = await temporaryDirectory();
    const before = await start(directory);
    const client = ourClient(before);
    const pem = certificateFor("dev-1");
    const job = await client.bulk([
      row("dev-1", pem, "sensor", "barn", "APP"),
      row("dev-2", publicKeyPem()),
      row("dev-3", publicKeyPem("P-384")),
      row("dev-4", publicKeyPem()),
    ]);
    await theirClient(before).bulk([row("theirs", publicKeyPem())]);
    await client.bulk([`waiting,"${certificateFor("waiting")}"`], "/devices/certificates");
    await client.json("PUT", "/devices/dev-1/name", "Renamed");
    await client.json("PATCH", "/devices/dev-2/state", { desired: { interval: 60 } });
    await client.delete("/devices/dev-4");
    const { body: devices } = await client.get("/devices?includeState=true&includeStateMeta=true");
    const { body: registered } = await admin(before).get("/credentials");
    await before.close();

    const after = await start(directory);
    const again = ourClient(after);
    expect(ids(devices)).toEqual(["dev-1", "dev-2"]);
    expect((await again.get("/devices?includeState=true&includeStateMeta=true")).body).toEqual(devices);
    expect((await admin(after).get("/credentials")).body).toEqual(registered);
    expect(await again.finished(job.id)).toMatchObject({ status: "FAILED", errors: job.errors });
    const kept = (await again.get(`/bulk-ops-requests/${job.id}`)).body;
    expect((await new Client(text(kept, "uploadedDataUrl")).get("")).text).toContain("dev-2");
    expect(await again.bulk([row("dev-9", pem)])).toMatchObject({ status: "FAILED" });
    await again.bulk([row("dev-5", publicKeyPem())]);
    expect(ids((await again.get("/devices")).body)).toEqual(["dev-1", "dev-2", "dev-5"]);
    await after.close();
  });

  it("continues an unfinished bulk job", async () => {
    const directory = await temporaryDirectory();
    const before = await start(directory, { bulkDelayMs: 600_000 });
    const { body } = await ourClient(before).csv("/devices", row("dev-1", publicKeyPem()));
    await before.close();
    const after = await start(directory);
    expect(await ourClient(after).finished(text(body, "bulkOpsRequestId"))).toMatchObject({
      status: "SUCCEEDED",
    });
    expect((await ourClient(after).get("/devices/dev-1")).status).toBe(200);
    await after.close();
  });

  it("survives a last line that was cut short, but not one in the middle", async () => {
    const directory = await temporaryDirectory();
    const first = await start(directory);
    await ourClient(first).bulk([row("dev-1", publicKeyPem())]);
    await first.close();
    const state = join(directory, "state.ndjson");
    await appendFile(state, '{"collection":"devices","key":"dev-2","val');
    const second = await start(directory);
    expect(ids((await ourClient(second).get("/devices")).body)).toEqual(["dev-1"]);
    // What is appended from now on must not be joined to the line that was cut short.
    expect(await readFile(state, "utf8")).not.toContain("dev-2");
    await second.close();
    await appendFile(state, "rubbish\n{}\n");
    await expect(start(directory)).rejects.toThrow(/state\.ndjson, line \d+/);
  });

  it("holds one line for each thing that exists once the emulator is closed, and no secret", async () => {
    const directory = await temporaryDirectory();
    const emulator = await start(directory);
    const client = ourClient(emulator);
    await client.bulk([row("dev-1", publicKeyPem()), row("dev-2", publicKeyPem())]);
    for (const name of ["a", "b", "c"]) await client.json("PUT", "/devices/dev-1/name", name);
    await client.delete("/devices/dev-2");
    await emulator.close();
    const lines = (await readFile(join(directory, "state.ndjson"), "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines.join("")).not.toContain("our-owner");
    expect(await readdir(directory)).toEqual([
      "authority.json",
      "identity-root.key",
      "state.ndjson",
      "uploads",
    ]);
  });

  it("is used by one emulator at a time", async () => {
    const directory = await temporaryDirectory();
    const first = await start(directory);
    await expect(start(directory)).rejects.toThrow(/another emulator .* uses/);
    await first.close();
    await (await start(directory)).close();
  });

  it("is free again if the emulator can't start", async () => {
    const directory = await temporaryDirectory();
    const other = await startEmulator({ teams: [ours] });
    const port = Number(new URL(other.url).port);
    await expect(start(directory, { port })).rejects.toThrow(/is in use/);
    await (await start(directory)).close();
    await other.close();
  });

  it("is empty again after a reset", async () => {
    const directory = await temporaryDirectory();
    const before = await start(directory);
    await ourClient(before).bulk([row("dev-1", publicKeyPem())]);
    await admin(before).send("/reset", { method: "POST" });
    await before.close();
    const after = await start(directory);
    expect((await ourClient(after).get("/devices")).body).toEqual({ items: [], total: 0 });
    expect((await ourClient(after).get("/bulk-ops-requests")).body).toEqual({ items: [], total: 0 });
    await after.close();
  });
});
