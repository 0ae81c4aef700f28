import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished, type TestContext } from "vitest";
import type { Emulator } from "../../emulator/index.js";
import { certificateFor } from "./support/certificates.js";
import { admin, emulate, field, ids, ourClient, row, text } from "./support/client.js";
import { nordicTool, nordicToolAbsence, type Outcome } from "./support/nordicTool.js";
import { listed, mint, mintOne, online, ourIdentity, theirIdentity } from "./support/identity.js";

/** Why the tool cannot be had here; undefined if it can. */
let absence: string | undefined;

beforeAll(() => {
  absence = nordicToolAbsence();
}, 300_000);

const needsTool = (context: TestContext) => {
  if (absence !== undefined) context.skip(absence);
};

/** Runs a command of the tool as a member of our team. */
function nordic(
  emulator: Emulator,
  directory: string,
  command: string,
  ...options: string[]
): Promise<Outcome> {
  return nordicTool(
    { origin: new URL(emulator.url).origin, apiKey: "our-owner", directory },
    command,
    ...options,
  );
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "nrfcloud-utils-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

const onboarding = "nrf-cloud-onboarding";

describe("Nordic's nrfcloud-utils", () => {
  it("claims the devices of a file of gather_attestation_tokens", async (context) => {
    needsTool(context);
    const emulator = await emulate();
    const directory = await temporaryDirectory();
    const { text: file } = await admin(emulator).json("POST", "/identity/tokens?format=csv", { count: 3 });
    await writeFile(join(directory, "attestation_tokens.csv"), file);
    const { output } = await nordic(
      emulator,
      directory,
      "claim_devices",
      "--provisioning-tags",
      `${onboarding},barn`,
    );
    const expected = file
      .trimEnd()
      .split("\n")
      .map((line) => line.split(",")[1]);
    expect(output).toContain("3 of 3 devices claimed");
    const { body } = await ourIdentity(emulator).get("/claimed-devices");
    expect(ids(body)).toEqual(expected);
    expect(listed(body, "items")).toMatchObject(expected.map(() => ({ tags: [onboarding, "barn"] })));
  });

  it("sees how many rows failed, and how many devices exist", async (context) => {
    needsTool(context);
    const emulator = await emulate();
    const directory = await temporaryDirectory();
    const [ours, taken] = await mint(emulator, { count: 2 });
    if (!ours || !taken) throw new Error("too few tokens");
    await theirIdentity(emulator).json("POST", "/claimed-devices", { claimToken: taken.token });
    const rows = [ours, taken].map((device) => `${device.imei},${device.deviceId},${device.token},now\n`);
    await writeFile(join(directory, "tokens.csv"), rows.join(""));
    const { output } = await nordic(emulator, directory, "claim_devices", "--csv", "tokens.csv");
    expect(output).toContain("Error 400 on 1 rows");
    expect(output).toContain("1 of 2 devices claimed");
    expect(ids((await ourIdentity(emulator).get("/claimed-devices")).body)).toEqual([ours.deviceId]);
  });

  it("claims a device with the onboarding rule that it makes, and again with --unclaim", async (context) => {
    needsTool(context);
    const emulator = await emulate();
    const directory = await temporaryDirectory();
    const device = await mintOne(emulator);
    const provision = (token: string, ...options: string[]) =>
      nordic(
        emulator,
        directory,
        "claim_and_provision_device",
        ...["--cmd-type", "at", "--attest", token, "--provisioning-tags", onboarding, ...options],
      );
    expect(await provision(device.token)).toMatchObject({ code: 0 });
    const rules = (await ourIdentity(emulator).get("/provisioning-rules")).body;
    expect(listed(rules, "items")).toMatchObject([{ active: true, tags: [onboarding] }]);
    expect(listed((await ourIdentity(emulator).get("/provisioning/tags")).body, "items")).toMatchObject([
      { tag: onboarding },
    ]);
    await online(emulator, device.deviceId);
    expect(ids((await ourClient(emulator).get("/devices")).body)).toEqual([device.deviceId]);

    const fresh = await mintOne(emulator, { deviceUuid: device.deviceId });
    const twice = await provision(fresh.token);
    expect(twice).toMatchObject({ code: 1 });
    expect(twice.output).toContain("Cannot claim device: The device");
    expect(await provision(fresh.token, "--unclaim")).toMatchObject({ code: 0 });
    expect(ids((await ourIdentity(emulator).get("/claimed-devices")).body)).toEqual([device.deviceId]);
    expect((await ourClient(emulator).get("/devices")).body).toMatchObject({ items: [] });
    expect((await ourIdentity(emulator).get("/provisioning-rules")).body).toEqual(rules);
  });

  it("cannot claim with a forged token", async (context) => {
    needsTool(context);
    const emulator = await emulate();
    const [one, other] = await mint(emulator, { count: 2 });
    const forged = `${one?.token.split(".")[0] ?? ""}.${other?.token.split(".")[1] ?? ""}`;
    const { code, output } = await nordic(
      emulator,
      await temporaryDirectory(),
      "claim_and_provision_device",
      ...["--cmd-type", "at", "--attest", forged, "--provisioning-tags", onboarding],
    );
    expect(code).toBe(1);
    expect(output).toContain("Cannot claim device");
    expect(output).toContain("signature");
  });

  it("provisions a device by commands, signs its request by a CA of its own, and onboards it", async (context) => {
    needsTool(context);
    const emulator = await emulate();
    const directory = await temporaryDirectory();
    expect(await nordic(emulator, directory, "create_ca_cert")).toMatchObject({ code: 0 });
    const files = await readdir(directory);
    const file = (ending: string) => files.find((name) => name.endsWith(ending)) ?? "";
    const { deviceId, token } = await mintOne(emulator);
    const provisioning = nordic(
      emulator,
      directory,
      "claim_and_provision_device",
      ...["--cmd-type", "at", "--attest", token, "--ca", file("ca.pem"), "--ca-key", file("prv.pem")],
      ...["--tags", "barn|east"],
    );
    const over = provisioning.then(() => true);
    const soon = () => new Promise<boolean>((resolve) => setTimeout(resolve, 50, false));
    // Online again and again, as a device that asks for commands; refused until it is claimed.
    while (!(await Promise.race([over, soon()]))) await online(emulator, deviceId);
    const { code, output } = await provisioning;
    expect([code, output]).toEqual([0, expect.stringContaining("COSE digest matches payload")]);
    const commands = await ourIdentity(emulator).get(`/claimed-devices/${deviceId}/provisioning`);
    expect(listed(commands.body, "items")).toMatchObject(
      ["certificateSigningRequest", "clientCertificate", "serverCertificate", "finished"].map((kind) => ({
        status: "SUCCEEDED",
        request: { [kind]: {} },
      })),
    );
    await expect
      .poll(async () => (await ourClient(emulator).get(`/devices/${deviceId}`)).body, { timeout: 20_000 })
      .toMatchObject({ id: deviceId, tags: ["barn", "east"], firmware: { supports: ["APP", "MODEM"] } });
  });

  it("onboards the devices of a file, and reports each row", async (context) => {
    needsTool(context);
    const emulator = await emulate();
    const directory = await temporaryDirectory();
    await writeFile(
      join(directory, "onboard.csv"),
      [
        row("dev-1", certificateFor("dev-1"), "sensor", "barn", "APP|MODEM"),
        row("dev-2", certificateFor("dev-3")),
      ]
        .map((line) => `${line}\n`)
        .join(""),
    );
    await writeFile(join(directory, "devinfo.csv"), "dev-1,mfw_nrf91x1_2.0.2,355025930000000\n");
    const options = ["--csv", "onboard.csv", "--res", "result.csv", "--devinfo", "devinfo.csv"];
    await nordic(emulator, directory, "nrf_cloud_onboard", ...options, "--set-mfwv", "--name-imei");
    const result = await readFile(join(directory, "result.csv"), "utf8");
    expect(result).toContain("Error count,1");
    expect(result).toContain("dev-1,OK");
    expect(result).toMatch(/dev-2,.*common name/);
    const { body } = await ourClient(emulator).get("/devices/dev-1");
    expect(text(body, "name")).toBe("355025930000000");
    expect(field(body, "state")).toMatchObject({
      reported: { device: { deviceInfo: { modemFirmware: "mfw_nrf91x1_2.0.2" } } },
    });
  });
});
