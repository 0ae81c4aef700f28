import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { asBatch, waitsToConnect } from "../../provider/engine/progress.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-progress-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});
const file = () => path.join(folder, "progress");
const lines = () =>
  readFileSync(file(), "utf8")
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

describe("progress", () => {
  it("tells of a batch when it is sent and when it ends, also where it fails", async () => {
    vi.stubEnv("NRF_CLOUD_PROGRESS", file());
    expect(await asBatch(3, () => Promise.resolve("done"))).toBe("done");
    await expect(asBatch(2, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(lines()).toMatchObject([
      { batch: "sent", rows: 3 },
      { batch: "ended", rows: 3 },
      { batch: "sent", rows: 2 },
      { batch: "ended", rows: 2 },
    ]);
  });

  it("counts the devices that wait, each once, and names none", () => {
    vi.stubEnv("NRF_CLOUD_PROGRESS", file());
    waitsToConnect("late-1", true);
    waitsToConnect("late-1", true);
    waitsToConnect("late-2", true);
    waitsToConnect("late-1", false);
    waitsToConnect("late-2", false);
    waitsToConnect("late-2", false);
    expect(lines()).toEqual([{ waiting: 1 }, { waiting: 2 }, { waiting: 1 }, { waiting: 0 }]);
  });

  it("writes nothing where nobody asked, and fails nobody where it can't be written", async () => {
    vi.stubEnv("NRF_CLOUD_PROGRESS", "");
    await asBatch(1, () => Promise.resolve());
    expect(existsSync(file())).toBe(false);
    vi.stubEnv("NRF_CLOUD_PROGRESS", path.join(folder, "no", "such", "folder"));
    expect(await asBatch(1, () => Promise.resolve("done"))).toBe("done");
  });
});
