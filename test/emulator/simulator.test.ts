import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Emulator } from "../../emulator/index.js";
import type { DeviceState } from "../../emulator/simulator/device.js";
import { readIdentityFolder } from "../../emulator/simulator/identities.js";
import { identityFor } from "./support/certificates.js";
import { ourClient, row, until } from "./support/client.js";
import {
  associate,
  connectedIds,
  emulateBroker,
  eventually,
  issue,
  onboarded,
  onlyConnected,
  provisioned,
  refusals,
  simulate,
  type Identity,
} from "./support/mqtt.js";

describe("a folder of credentials", () => {
  it("gives each key the certificate that belongs to it, whatever the files are called", async () => {
    const folder = await mkdtemp(join(tmpdir(), "nrfcloud-identities-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [one, other, keyless] = ["dev-1", "dev-2", "dev-3"].map((id) => identityFor(id));
    await mkdir(join(folder, "more"));
    await writeFile(join(folder, "a.cert.pem"), one?.cert ?? "");
    await writeFile(join(folder, "z.key.pem"), one?.key ?? "");
    await writeFile(join(folder, "more", "both.pem"), `${other?.key ?? ""}${other?.cert ?? ""}`);
    await writeFile(join(folder, "ca.pem"), keyless?.cert ?? "");
    await writeFile(join(folder, "manifest.json"), "{}");
    expect(
      (await readIdentityFolder(folder)).map(({ clientId, key }) => [
        clientId,
        key.includes(clientId === "dev-1" ? (one?.key ?? "?") : (other?.key ?? "?")),
      ]),
    ).toEqual([
      ["dev-1", true],
      ["dev-2", true],
    ]);
    await rm(join(folder, "more"), { recursive: true });
    await rm(join(folder, "z.key.pem"));
    await expect(readIdentityFolder(folder)).rejects.toThrow(/no private key/);
  });
});

describe("a simulated device", () => {
  it("connects until it is registered, waits to be associated, and then works for its team", async () => {
    const emulator = await emulateBroker({ jitpDelayMs: 100 });
    const states: DeviceState["kind"][] = [];
    const device = simulate(emulator, await issue(ourClient(emulator), "dev-1"), {
      onState: ({ kind }) => states.push(kind),
    });
    await device.reached("connected");
    expect(device.state).toEqual({ kind: "not associated" });
    await expect(device.publish({ hello: 1 })).rejects.toThrow(/dev-1 has no team/);
    expect((await device.shadow()).pairing).toBeUndefined();

    await associate(ourClient(emulator), "dev-1");
    await device.reached("paired");
    expect((await device.shadow()).pairing?.d2c).toMatch(/\/m\/d\/dev-1\/d2c$/);
    await device.publish({ appId: "TEMP", data: "21.5" });
    await device.report({ interval: 60 });
    await eventually(async () => (await ourClient(emulator).get("/devices/dev-1")).body).toMatchObject({
      state: { reported: { interval: 60 } },
    });
    expect(states).toEqual(["not associated", "paired"]);
    await device.close();
    await onlyConnected(emulator);
    expect(states.at(-1)).toBe("closed");
  });

  it("gives up when its time is up", async () => {
    const emulator = await emulateBroker();
    const device = simulate(emulator, { clientId: "dev-1", ...identityFor("dev-1") }, { giveUpAfterMs: 200 });
    await expect(device.reached("connected")).rejects.toThrow(/^dev-1: not let in within 0.2 s/);
    expect(device.state.kind).toBe("gave up");
  });

  it("is notified of its deletion, and is not admitted again", async () => {
    const emulator = await emulateBroker();
    const messages: string[] = [];
    const identity = await onboarded(emulator, "dev-1");
    const device = simulate(emulator, identity, {
      onMessage: (_topic, message) => messages.push(message),
    });
    await device.reached("paired");
    await ourClient(emulator).delete("/devices/dev-1");
    await eventually(() => refusals(emulator)).toContain("the certificate is not registered");
    expect(device.state.kind).toBe("disconnected");
    expect(messages).toEqual([expect.stringContaining("DISCON")]);
  });

  it("reconnects after it is dissociated, and waits for an association again", async () => {
    const emulator = await emulateBroker();
    const identity = await provisioned(emulator, "dev-1");
    await associate(ourClient(emulator), "dev-1");
    const device = simulate(emulator, identity);
    await device.reached("paired");
    await ourClient(emulator).delete("/association/dev-1");
    await eventually(() => device.state.kind).toBe("not associated");
  });

  it("is one of twenty that connect at once", async () => {
    const emulator = await emulateBroker({ jitpDelayMs: 50 });
    const client = ourClient(emulator);
    const names = (kind: string) => Array.from({ length: 10 }, (_, index) => `${kind}-${index}`);
    const own = names("own").map((clientId) => ({ clientId, ...identityFor(clientId) }));
    await client.bulk(own.map(({ clientId, cert }) => row(clientId, cert)));
    const issued = await Promise.all(names("jitp").map((id) => issue(client, id)));
    const devices = [...own, ...issued].map((identity) => simulate(emulator, identity));
    await Promise.all(devices.map((device) => device.reached("connected")));
    expect(await connectedIds(emulator)).toHaveLength(20);
    await Promise.all(names("jitp").map((id) => associate(client, id)));
    await Promise.all(devices.map((device) => device.reached("paired")));
    await Promise.all(devices.map((device) => device.publish({ id: device.clientId })));
    expect(await connectedIds(emulator)).toHaveLength(20);
    for (const reason of await refusals(emulator)) expect(reason).toMatch(/being registered$/);
  });
});

describe("the simulator command", () => {
  const main = resolve(__dirname, "../../dist/emulator/simulator/main.js");
  const run = promisify(execFile);
  const origin = ({ url }: Emulator) => new URL(url).origin;

  async function devicesFile(devices: readonly Identity[]): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "nrfcloud-simulator-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, "devices.json");
    await writeFile(path, JSON.stringify(devices));
    return path;
  }

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

  it("connects the devices of a file, sends a message each and ends when they are paired", async () => {
    const emulator = await emulateBroker();
    const devices = [await onboarded(emulator, "dev-1"), await onboarded(emulator, "dev-2")];
    const path = await devicesFile(devices);
    const goal = ["--until", "paired", "--message", "hi"];
    const { stdout } = await run(process.execPath, [
      main,
      ...["--devices", path, "--emulator", origin(emulator)],
      ...goal,
    ]);
    expect(stdout).toContain("dev-1: connected and paired");
    expect(stdout).toContain("dev-2: connected and paired");
    expect(stdout).not.toContain("PRIVATE KEY");
  });

  it("reads devices from standard input and keeps them connected until a signal", async () => {
    const emulator = await emulateBroker();
    const identity = await onboarded(emulator, "dev-1");
    const child = spawn(process.execPath, [main, "--devices", "-", "--emulator", origin(emulator)], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const { clientId, cert, key } = identity;
    child.stdin.end(JSON.stringify([{ clientId, clientCert: cert, privateKey: key }]));
    await onlyConnected(emulator, "dev-1");
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
    await onlyConnected(emulator);
  });

  it("connects to another broker by its address and root", async () => {
    const emulator = await emulateBroker();
    const path = await devicesFile([await onboarded(emulator, "dev-1")]);
    const ca = `${path}.ca.pem`;
    await writeFile(ca, emulator.mqtt?.caCert ?? "");
    const address = ["--host", "localhost", "--port", String(emulator.mqtt?.port), "--ca", ca];
    await run(process.execPath, [main, "--devices", path, ...address, "--until", "connected"]);
  });

  it("fails with the names of the devices that were not admitted", async () => {
    const emulator = await emulateBroker();
    const path = await devicesFile([
      await onboarded(emulator, "good"),
      { clientId: "bad", ...identityFor("bad") },
    ]);
    const options = ["--devices", path, "--emulator", origin(emulator), "--timeout", "1"];
    const failure = await fail(...options, "--until", "connected");
    expect(failure.code).toBe(1);
    expect(failure.stderr).toMatch(/bad: not/);
    expect(failure.stderr).not.toContain("good");
  });

  it("explains mistakes without a stack trace or a secret", async () => {
    const path = await devicesFile([{ clientId: "dev-1", cert: "", key: "secret" }]);
    for (const [options, code, message] of [
      [[], 2, /--devices is missing/],
      [["--devices", path], 2, /device 0: cert must be/],
      [["--devices", "/nowhere.json"], 2, /ENOENT/],
      [["--devices", path, "--until", "later"], 2, /--until must be/],
      [["--devices", path, "--timeout", "0"], 2, /--timeout must be/],
    ] as const) {
      const failure = await fail(...options);
      expect(failure).toMatchObject({ code });
      expect(failure.stderr).toMatch(message);
      expect(failure.stderr).not.toMatch(/^\s+at |secret/m);
    }
    await until(async () => {
      const emulator = await emulateBroker();
      const devices = await devicesFile([await onboarded(emulator, "dev-1")]);
      await emulator.close();
      const failure = await fail("--devices", devices, "--emulator", origin(emulator));
      expect(failure).toMatchObject({ code: 1 });
      expect(failure.stderr).toMatch(/no emulator answers at/);
      return true;
    });
  });
});
