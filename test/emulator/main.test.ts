import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { publicKeyPem } from "./support/certificates.js";
import { Client, ids, row, text, until } from "./support/client.js";

const main = resolve(__dirname, "../../dist/emulator/main.js");
const run = promisify(execFile);

interface Started {
  readonly child: ChildProcess;
  readonly client: Client;
  readonly line: string;
  /** All that it has printed by now. */
  said(): string;
}

/** Starts the command and waits for its line. */
async function start(...options: string[]): Promise<Started> {
  const child = spawn(process.execPath, [main, "--port", "0", "--mqtt-port", "0", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const line = await until(() => Promise.resolve(output.includes("\n") ? output.trimEnd() : undefined));
  const [url = ""] = /http:\S+/.exec(line) ?? [];
  return { child, client: new Client(url, "emulator-api-key"), line, said: () => output };
}

/** Sends a signal and tells the exit code. */
async function stop({ child }: Started, signal: NodeJS.Signals): Promise<unknown> {
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
  return child.exitCode;
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "nrfcloud-emulator-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/** A run that is expected to end by itself. */
async function fail(...options: string[]): Promise<{ code: unknown; stderr: string }> {
  try {
    await run(process.execPath, [main, ...options]);
  } catch (error) {
    if (error instanceof Error && "code" in error && "stderr" in error) {
      return { code: error.code, stderr: String(error.stderr) };
    }
    throw error;
  }
  throw new Error("it did not fail");
}

describe("the emulator command", () => {
  it("warns if it listens to the network, and only then", async () => {
    const open = await start("--host", "0.0.0.0");
    const words =
      /listens on 0\.0\.0\.0\. Everybody who reaches this machine .* without a key, at \/_emulator/;
    await until(() => Promise.resolve(words.test(open.said()) || undefined));
    const closed = await start();
    expect((await closed.client.get("/status")).status).toBe(200);
    expect(closed.said()).not.toContain("listens on");
  });

  it("prints its addresses and serves them", async () => {
    const started = await start();
    expect(started.line).toMatch(
      /^nRF Cloud emulator: (http:\/\/127\.0\.0\.1:\d+)\/v1 and mqtts:\/\/127\.0\.0\.1:\d+ \(team Emulated team\)\nOpen \1\/ to see it in a browser\.$/,
    );
    expect(await started.client.get("/account")).toMatchObject({ status: 200 });
    const origin = new Client(/http:\/\/[^/]+/.exec(started.line)?.[0] ?? "");
    for (const file of ["/", "/_emulator/page/style.css", "/_emulator/page/main.mjs"])
      expect((await origin.get(file)).status).toBe(200);
    expect(await stop(started, "SIGINT")).toBe(0);
  });

  it("saves its state on SIGTERM", async () => {
    const directory = await temporaryDirectory();
    const first = await start("--data", directory, "--consistency-delay", "0", "--bulk-delay", "0");
    await first.client.bulk([row("dev-1", publicKeyPem())]);
    expect(await stop(first, "SIGTERM")).toBe(0);
    const second = await start("--data", directory);
    expect(ids((await second.client.get("/devices")).body)).toEqual(["dev-1"]);
    expect(await stop(second, "SIGTERM")).toBe(0);
  });

  it("loses nothing that was flushed when it is killed, and takes its directory over", async () => {
    const directory = await temporaryDirectory();
    const first = await start("--data", directory, "--bulk-delay", "0");
    await first.client.bulk([row("dev-1", publicKeyPem())]);
    await first.client.send("/devices", {
      method: "POST",
      type: "text/csv",
      body: row("dev-2", publicKeyPem()),
    });
    await until(async () =>
      (await readFile(join(directory, "state.ndjson"), "utf8")).includes('"dev-2"') ? true : undefined,
    );
    await stop(first, "SIGKILL");
    const second = await start("--data", directory);
    expect(ids((await second.client.get("/devices")).body)).toEqual(["dev-1", "dev-2"]);
    expect(await stop(second, "SIGTERM")).toBe(0);
  });

  it("continues a bulk job after it was killed in the middle of it", async () => {
    const directory = await temporaryDirectory();
    const first = await start("--data", directory, "--bulk-delay", "600000");
    const { body } = await first.client.csv("/devices", row("dev-1", publicKeyPem()));
    const id = text(body, "bulkOpsRequestId");
    await until(async () =>
      (await readFile(join(directory, "state.ndjson"), "utf8")).includes(id) ? true : undefined,
    );
    await stop(first, "SIGKILL");
    const second = await start("--data", directory, "--bulk-delay", "0");
    expect(await second.client.finished(id)).toMatchObject({ status: "SUCCEEDED" });
    expect(await stop(second, "SIGTERM")).toBe(0);
  });

  it("takes its teams from a file or a key for the first one", async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, "teams.json");
    const team = { tenantId: "t-1", name: "From file", apiKeys: [{ key: "emulator-api-key" }] };
    await writeFile(file, JSON.stringify([team]));
    const started = await start("--teams", file);
    expect(started.line).toContain("(team From file)");
    const other = await start("--api-key", "mine");
    expect((await other.client.get("/account")).status).toBe(401);
    await Promise.all([stop(started, "SIGTERM"), stop(other, "SIGTERM")]);
  });

  it("takes the faults from a file, and adds a latency", async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, "faults.json");
    const rule = {
      operations: ["ListDevices"],
      probability: 1,
      times: 1,
      fault: { kind: "tooManyRequests" },
    };
    await writeFile(file, JSON.stringify({ seed: 7, rules: [rule] }));
    const started = await start("--faults", file, "--latency", "1");
    expect((await started.client.get("/devices")).status).toBe(429);
    expect((await started.client.get("/devices")).status).toBe(200);
    const door = new Client(/http:\/\/[^/]+/.exec(started.line)?.[0] ?? "");
    expect((await door.get("/_emulator/faults")).body).toEqual({
      seed: 7,
      rules: [
        { ...rule, considered: 1, fired: 1 },
        { probability: 1, fault: { kind: "latency", ms: 1 }, considered: 2, fired: 2 },
      ],
    });
    const alone = await start("--latency", "1");
    expect((await alone.client.get("/devices")).status).toBe(200);
    await Promise.all([stop(started, "SIGTERM"), stop(alone, "SIGTERM")]);
  });

  it("explains itself, and mistakes, without a stack trace", async () => {
    expect((await run(process.execPath, [main, "--help"])).stdout).toContain("--consistency-delay");
    const taken = await start();
    const wrong = join(await temporaryDirectory(), "wrong.json");
    await writeFile(wrong, JSON.stringify({ rules: [], rule: [] }));
    const port = /:(\d+)\//.exec(taken.line)?.[1] ?? "";
    for (const [options, code, message] of [
      [["--prot", "1"], 2, /prot/],
      [["--port", "x"], 2, /--port must be a whole number/],
      [["--bulk-delay", "-1"], 2, /bulk-delay/],
      [["--teams", "/nowhere.json"], 2, /--teams \/nowhere\.json: ENOENT/],
      [["--latency", "soon"], 2, /--latency must be a whole number/],
      [["--faults", "/nowhere.json"], 2, /--faults \/nowhere\.json: ENOENT/],
      [["--faults", wrong], 2, /wrong\.json: Validation failed: seed must be .*; rule is not known/],
      [["--teams", "x", "--api-key", "y"], 2, /--api-key is for the built-in teams/],
      [["--port", port], 1, /port \d+ .* is in use/],
    ] as const) {
      const failure = await fail(...options);
      expect(failure).toMatchObject({ code });
      expect(failure.stderr).toMatch(message);
      expect(failure.stderr).not.toMatch(/^\s+at /m);
    }
    await stop(taken, "SIGTERM");
  });
});
