import { rmSync } from "node:fs";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { configurationLines, configurations } from "../../../cli/status/configuration.js";
import { device } from "../../../provider/lifecycle/device.js";
import { generateKeyPair } from "../../../provider/pki/keys.js";
import { loadFleetFile } from "../../../provider/fleet/disk.js";
import { fleetContents } from "../../../provider/resources/fleetContents.js";
import { rowsOf } from "../../../provider/resources/fleetRows.js";
import { useAccount } from "../../support/account.js";
import { connectOnce } from "../../support/connectOnce.js";
import { connectDevice, StackOfSet, type Rows } from "../../support/deviceSet.js";
import { LoneResource, PartlyFailed, Refused } from "../../support/resource.js";

/** What is desired in the shadows of devices, from the declaration to the device and back. */

const account = useAccount({ mqttPort: 0 });

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  await account.admin("DELETE", "/faults");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account);
});

interface ShadowView {
  readonly desired: Readonly<Record<string, unknown>>;
  readonly reported: Readonly<Record<string, unknown>>;
  readonly version: number;
}

const headers = () => ({
  authorization: `Bearer ${account.emulator.apiKey}`,
  "content-type": "application/json",
});

async function shadowOf(id: string): Promise<ShadowView> {
  const answer = await fetch(`${account.emulator.url}/devices/${id}`, { headers: headers() });
  return ((await answer.json()) as { state: ShadowView }).state;
}

async function patch(id: string, sections: object): Promise<void> {
  const answer = await fetch(`${account.emulator.url}/devices/${id}/state`, {
    method: "PATCH",
    headers: headers(),
    body: JSON.stringify(sections),
  });
  expect(answer.status).toBe(202);
}

/** Somebody else changes a shadow. */
const change = (id: string, desired: object) => patch(id, { desired });

/** A device writes what it applied. */
const report = (id: string, reported: object) => patch(id, { reported });

/** What is desired of a device besides what nRF Cloud has there. */
async function desired(id: string): Promise<object> {
  const { pairing, nrfcloud_mqtt_topic_prefix: prefix, ...config } = (await shadowOf(id)).desired;
  expect([pairing, prefix]).toEqual([expect.anything(), expect.anything()]);
  return config;
}

const requests = async () => {
  const { routes } = (await account.admin("GET", "/requests")) as {
    routes: Record<string, { count: number }>;
  };
  return Object.fromEntries(Object.entries(routes).map(([route, { count }]) => [route, count]));
};

async function nothingToDo(rows: Rows): Promise<void> {
  expect((await stack.preview(rows)).step).toBe("same");
  const before = stack.backup;
  await stack.refresh();
  expect(stack.backup).toEqual(before);
  expect(await stack.preview(rows)).toEqual({ step: "same", told: "" });
}

/** The device connects with what the state has. */
async function connect(id: string) {
  const device = connectDevice(account, stack, id);
  onTestFinished(() => device.close());
  await device.reached("paired");
}

async function eventually(id: string, reported: object): Promise<void> {
  await expect.poll(async () => (await shadowOf(id)).reported, { timeout: 5_000 }).toEqual(reported);
}

const config = { interval: 600, gnss: { enabled: true, timeout: 30 } };

describe("a configuration", () => {
  it("is set, applied and reported by the device, found again after drift, and removed key by key", async () => {
    const rows: Rows = { "lab-1": { config }, "lab-2": {} };
    await stack.up(rows);
    expect(stack.lines).toEqual({
      "lab-1": String.raw`config="{\"gnss\":{\"enabled\":true,\"timeout\":30},\"interval\":600}"`,
      "lab-2": "",
    });
    expect(await desired("lab-1")).toEqual(config);
    expect(await desired("lab-2")).toEqual({});
    await nothingToDo(rows);
    await connect("lab-1");
    await eventually("lab-1", config);

    // Somebody changes a key of ours and adds one of theirs.
    await change("lab-1", { interval: 5, gnss: { timeout: null, theirs: 1 }, theirs: true });
    await stack.refresh();
    expect(stack.lines["lab-1"]).toBe(String.raw`config="{\"gnss\":{\"enabled\":true},\"interval\":5}"`);
    const { told } = await stack.preview(rows);
    expect(told).toContain("~ 1 device will get another configuration: lab-1");
    await stack.up(rows);
    const withTheirs = { ...config, gnss: { ...config.gnss, theirs: 1 }, theirs: true };
    expect(await desired("lab-1")).toEqual(withTheirs);
    await eventually("lab-1", withTheirs);
    await nothingToDo(rows);

    const fewer: Rows = { "lab-1": { config: { gnss: { enabled: false } } }, "lab-2": {} };
    await stack.up(fewer);
    expect(await desired("lab-1")).toEqual({ gnss: { enabled: false, theirs: 1 }, theirs: true });
    await eventually("lab-1", { gnss: { enabled: false, theirs: 1 }, theirs: true });
    await nothingToDo(fewer);
    const none: Rows = { "lab-1": {}, "lab-2": {} };
    await stack.up(none);
    expect(await desired("lab-1")).toEqual({ gnss: { theirs: 1 }, theirs: true });
    await nothingToDo(none);
    await stack.up({ "lab-1": { config: { theirs: false } }, "lab-2": {} });
    expect(await desired("lab-1")).toEqual({ gnss: { theirs: 1 }, theirs: false });
  });

  it("costs only rows that have one, by the hundred where they are read", async () => {
    const ids = Array.from({ length: 150 }, (_, i) => `lab-${i}`);
    const rows: Rows = Object.fromEntries(ids.map((id, i) => [id, i < 3 ? { config } : {}]));
    await stack.up(rows);
    await account.admin("DELETE", "/requests");
    await stack.refresh();
    expect(await requests()).toEqual({ "GET /v1/account": 1, "GET /v1/devices": 3 });
    await account.admin("DELETE", "/requests");
    await stack.preview(rows);
    expect(await requests()).toEqual({ "GET /v1/account": 1 });
    await account.admin("DELETE", "/requests");
    const changed: Rows = Object.fromEntries(
      ids.map((id, i) => [id, i < 3 ? { config: { ...config, interval: 60 } } : {}]),
    );
    await stack.up(changed);
    const { "PATCH /v1/devices/:deviceId/state": patches, "GET /v1/devices/:deviceId": fetches = 0 } =
      await requests();
    expect([patches, fetches]).toEqual([3, 0]);
  });

  it("that can't be set fails by its row, and is set by the next run", async () => {
    await stack.up({ "lab-1": {}, "lab-2": {} });
    await account.admin("PUT", "/faults", {
      seed: 1,
      rules: [
        {
          operations: ["UpdateDeviceState"],
          probability: 1,
          fault: { kind: "serverError", status: 500 },
        },
      ],
    });
    const rows: Rows = { "lab-1": { config, tags: ["new"] }, "lab-2": {} };
    await expect(stack.up(rows)).rejects.toThrow(PartlyFailed);
    expect(stack.failed["lab-1"]).toMatch(/UpdateDeviceState: /);
    expect(stack.lines["lab-1"]).toBe("tags=new");
    await account.admin("DELETE", "/faults");
    await stack.up(rows);
    expect(await desired("lab-1")).toEqual(config);
    await nothingToDo(rows);
  });

  it("of a run that was interrupted is set again by the next", async () => {
    await stack.up({ "lab-1": {} });
    await stack.upAndLoseState({ "lab-1": { config } });
    expect(await desired("lab-1")).toEqual(config);
    // Nobody knows of it but the log.
    await stack.up({ "lab-1": {} });
    expect(await desired("lab-1")).toEqual({});
    await stack.upAndLoseState({ "lab-1": { config } });
    await stack.up({ "lab-1": { config } });
    expect(await desired("lab-1")).toEqual(config);
    await nothingToDo({ "lab-1": { config } });
  });

  it.each<[object, RegExp]>([
    [{ pairing: { state: "paired" } }, /pairing, which nRF Cloud sets itself/],
    [{ text: "x".repeat(1800) }, /too large for a modem/],
  ])("that no device could take is refused in the preview", async (wrong, reason) => {
    await expect(stack.preview({ "lab-1": { config: { ...wrong } } })).rejects.toThrow(Refused);
    await expect(stack.preview({ "lab-1": { config: { ...wrong } } })).rejects.toThrow(reason);
  });

  it("that a shadow has no room for is refused in the preview", async () => {
    await stack.up({ "lab-1": {} });
    for (const part of ["a", "b", "c", "d"]) await change("lab-1", { [part]: "x".repeat(2_000) });
    await expect(stack.preview({ "lab-1": { config } })).rejects.toThrow(/larger than 8 KB/);
  });
});

it("the example: levels are merged, a device applies its own, drift is found, and a key is removed", async () => {
  const fleet = loadFleetFile("examples/desired-configuration/fleet.yaml", fleetContents(new Date()));
  const declared = rowsOf(fleet) as Rows;
  await stack.up(declared);
  expect(await desired("tracker-1")).toEqual({ interval: 600, gnss: { enabled: true, timeout: 120 } });
  expect(await desired("bench-2")).toEqual({ interval: 60, gnss: { enabled: false }, led: true });
  await connect("bench-2");
  await eventually("bench-2", await desired("bench-2"));
  await nothingToDo(declared);
  await change("tracker-1", { interval: 1 });
  await stack.refresh();
  expect((await stack.preview(declared)).told).toBe(
    "DeviceSet fleet:\n  ~ 1 device will get another configuration: tracker-1",
  );
  const without: Rows = { ...declared, "bench-2": declared["bench-1"] ?? {} };
  await stack.up(without);
  expect(await desired("tracker-1")).toMatchObject({ interval: 600 });
  expect(await desired("bench-2")).toEqual({ interval: 60, gnss: { enabled: false } });
  await eventually("bench-2", { interval: 60, gnss: { enabled: false } });
});

it("a device that reports another value than is desired is counted, with both values", async () => {
  const rows: Rows = Object.fromEntries(["lab-1", "lab-2", "lab-3", "lab-4"].map((id) => [id, { config }]));
  await stack.up(rows);
  await connect("lab-1");
  await eventually("lab-1", config);
  // Firmware that can't report so often keeps its own interval.
  for (const id of ["lab-2", "lab-3"]) await report(id, { ...config, interval: 900 });
  account.newRun();
  const session = await account.hosted.session(() => undefined, undefined);
  const { transport } = await session.cloud();
  const devices = Object.keys(rows).map((id) => ({ id, config }));
  expect(configurationLines(await configurations(transport, devices))).toEqual([
    "Configuration: of 4 devices 1 report what is desired.",
    "  2 devices (lab-{2..3}) not yet:",
    "    interval: 600 desired, 900 reported",
    "  1 device (lab-4) not yet:",
    "    interval: 600 desired, nothing reported",
    "    gnss.enabled: true desired, nothing reported",
    "    gnss.timeout: 30 desired, nothing reported",
  ]);
  // What a device reports is no drift: the desired section is as declared.
  await nothingToDo(rows);
});

describe("the ways into the account", () => {
  it("a just-in-time device has it once it has connected", async () => {
    const rows: Rows = {
      "kit-1": {
        via: "jitp",
        ownershipCode: "sesame",
        issueCertificate: true,
        wait: 0,
        pending: "allow",
        config,
      },
    };
    await stack.up(rows);
    expect(stack.waiting).toEqual(["kit-1"]);
    await connectOnce(account.emulator, "kit-1", {
      certificateBundle: stack.certificates.get("kit-1"),
      privateKey: stack.keys.get("kit-1"),
    });
    await stack.up(rows);
    expect(stack.waiting).toEqual([]);
    expect(await desired("kit-1")).toEqual(config);
    await nothingToDo(rows);
  });

  it("a claimed device has it once nRF Cloud has onboarded it", async () => {
    const { items } = (await account.admin("POST", "/identity/tokens", { count: 1 })) as {
      items: { deviceId: string; token: string }[];
    };
    const { deviceId: uuid = "", token = "" } = items[0] ?? {};
    const rows: Rows = {
      [uuid]: { via: "attestation", token, tags: ["nrf-cloud-onboarding"], config },
    };
    await stack.up(rows);
    expect(stack.lines[uuid]).not.toContain("config");
    const { step, told } = await stack.preview(rows);
    expect(told).toContain("nRF Cloud has not onboarded these claimed devices yet");
    expect(step).toBe("same");
    // It is onboarded under its UUID.
    const other = new StackOfSet(account, { stack: "provisioning" });
    await other.up({ [uuid]: {} });
    await stack.up(rows);
    expect(await desired(uuid)).toEqual(config);
    await nothingToDo(rows);
  });

  it("an adopted device has it, beside what it has", async () => {
    const first = new StackOfSet(account, { stack: "first" });
    await first.up({ "lab-1": {} });
    await change("lab-1", { theirs: 1, interval: 5 });
    await stack.up({ "lab-1": { adopt: true, credential: "existing", config } });
    expect(await desired("lab-1")).toEqual({ ...config, theirs: 1 });
    await nothingToDo({ "lab-1": { adopt: true, credential: "existing", config } });
  });
});

it("a Device of its own has one, finds its drift, and removes it", async () => {
  const lamp = new LoneResource(device, account.alone);
  const inputs = {
    deviceId: "lamp-1",
    stack: "dev",
    credential: { publicKey: generateKeyPair().publicKeyPem },
  };
  await lamp.up({ ...inputs, config });
  expect(await desired("lamp-1")).toEqual(config);
  await lamp.refresh();
  expect(await lamp.up({ ...inputs, config })).toBe("same");
  await change("lamp-1", { interval: 5 });
  await lamp.refresh();
  expect(lamp.outputs.config).toEqual({ ...config, interval: 5 });
  expect(await lamp.up({ ...inputs, config })).toBe("update");
  expect(await desired("lamp-1")).toEqual(config);
  await lamp.up(inputs);
  expect(await desired("lamp-1")).toEqual({});
});
