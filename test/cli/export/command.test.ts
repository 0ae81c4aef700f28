import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fleetCommand } from "../../support/fleetCommand.js";
import { useWorld } from "../../support/world.js";
import { load } from "../../fleet/io.js";
import { certified, claim, createOnboardingRule, environmentOf, onboard, wholeAccount } from "./world.js";

const world = useWorld({ consistencyDelayMs: 0, bulkDelayMs: 0 });
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-export-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]) {
  return fleetCommand(["export", ...args], { env: environmentOf(world), cwd: folder });
}

function inFolder(name: string): string {
  return path.join(folder, name);
}

async function smallAccount(): Promise<void> {
  await onboard(world, [
    certified("lab-1", "tracker", "lab|a"),
    certified("lab-2", "tracker", "lab"),
    certified("field-1", "meter", "field|a"),
  ]);
}

function idsIn(text: string): string[] {
  return load(text)
    .devices.map(({ deviceId }) => deviceId)
    .sort();
}

describe("a new file", () => {
  it("is printed on standard output, with remarks on standard error, and the account is only read, by list pages", async () => {
    const rows = Array.from({ length: 230 }, (_, n) =>
      certified(`lab-${String(n).padStart(3, "0")}`, "tracker", "lab"),
    );
    await onboard(world, rows);
    const before = await wholeAccount(world);
    await world.admin("DELETE", "/requests");
    const { code, stdout, stderr } = await run();
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("    ids: lab-{000..229}\n");
    expect(stderr).toBe("The command wrote 230 devices, and changed nothing in the account.\n");
    const { routes } = (await world.admin("GET", "/requests")) as {
      routes: Record<string, { count: number }>;
    };
    expect(
      Object.entries(routes)
        .map(([route, { count }]) => `${count} ${route}`)
        .sort(),
    ).toEqual([
      "1 GET /provisioning/v1/claimed-devices",
      "1 GET /provisioning/v1/provisioning-rules",
      "1 GET /v1/account",
      "3 GET /v1/devices",
    ]);
    expect(await wholeAccount(world)).toEqual(before);
  });

  it("is never written over a file that is there, unless it is forced", async () => {
    await smallAccount();
    writeFileSync(inFolder("fleet.yaml"), "precious\n");
    const refused = await run("--out", "fleet.yaml");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(
      /^nrfcloud-fleet: fleet\.yaml exists already.*--update fleet\.yaml\. .*--force\.\n$/,
    );
    expect(readFileSync(inFolder("fleet.yaml"), "utf8")).toBe("precious\n");
    expect(await run("--out", "fleet.yaml", "--force")).toMatchObject({ code: 0, stdout: "" });
    expect(idsIn(readFileSync(inFolder("fleet.yaml"), "utf8"))).toEqual(["field-1", "lab-1", "lab-2"]);
  });

  it.each([
    [
      ["--tag", "a"],
      ["field-1", "lab-1"],
    ],
    [
      ["--tag", "field", "lab"],
      ["field-1", "lab-1", "lab-2"],
    ],
    [["--sub-type", "meter"], ["field-1"]],
    [["--tag", "a", "--sub-type", "tracker"], ["lab-1"]],
    [
      ["--id", "lab-{1..9}"],
      ["lab-1", "lab-2"],
    ],
    [
      ["--id", "*-1"],
      ["field-1", "lab-1"],
    ],
  ])("has only the devices that %j asks for", async (args, ids) => {
    await smallAccount();
    expect(idsIn((await run(...args)).stdout)).toEqual(ids);
  });

  it("is refused where there is nothing to write", async () => {
    expect(await run()).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^nrfcloud-fleet: The account has no device that a fleet/) as unknown,
    });
    await smallAccount();
    expect((await run("--tag", "nobody")).stderr).toContain("has no device of this selection");
  });

  it("has what was claimed and never online, and the team's provisioning rules as a program adopts them", async () => {
    const uuids = await claim(world, 105);
    const [uuid = ""] = uuids;
    await createOnboardingRule(world);
    const { code, stdout, stderr } = await run();
    expect(code, stderr).toBe(0);
    expect(stdout.match(/token: \{ config: token-/g)).toHaveLength(uuids.length);
    expect(stderr).toMatch(/claimed 105 devices by attestation token/);
    expect(stderr).toMatch(/105 devices of these did not connect after the claim/);
    expect(stderr).toContain('"nRF Cloud Onboarding" (tags "nrf-cloud-onboarding").');
    expect(stdout).toContain(
      '#     name: "nRF Cloud Onboarding",\n#     tags: ["nrf-cloud-onboarding"],\n#     commands: [\n',
    );
    expect(stdout).toContain('#       {"clientPrivateKeyGeneration":{"secTag":16842753}},\n');
    expect(stdout).toContain("#     adopt: true,\n");
    expect(stderr).toContain("The file declares nothing before you complete its sections.");

    // A claim has no tags or sub-type of a device to be chosen by, and its UUID.
    expect((await run("--id", uuid)).stdout.match(/config: token-/g)).toHaveLength(1);
    expect((await run("--sub-type", "tracker")).stderr).toContain("has no device of this selection");

    const [filledIn = ""] = stdout.split("# Provisioning rules, for");
    const { claims } = load(filledIn.replaceAll(/^# (claims:| {2,}.*)$/gm, "$1"));
    expect(claims.map((spec) => spec.uuid).sort()).toEqual([...uuids].sort());
  });

  it("says where it could not find out which devices were claimed by token", async () => {
    const uuid = "50363154-3931-44f0-8022-121b6401627d";
    await onboard(world, [certified(uuid)]);
    const { NRF_CLOUD_IDENTITY_ENDPOINT: _, ...env } = environmentOf(world);
    const alone = await fleetCommand(["export"], { env, cwd: folder });
    expect(idsIn(alone.stdout)).toEqual([uuid]);
    expect(alone.stderr).toContain(
      "the command could not read the claims (NRF_CLOUD_IDENTITY_ENDPOINT is not set",
    );
    const known = await run();
    expect(known.stderr).not.toContain("could not read");
  });
});

describe("a file that is brought up to date", () => {
  it("is changed in place, through no link, and keeps its mode", async () => {
    await smallAccount();
    await run("--out", "fleet.yaml");
    const text = readFileSync(inFolder("fleet.yaml"), "utf8");
    symlinkSync("fleet.yaml", inFolder("link.yaml"));
    const { mode } = statSync(inFolder("fleet.yaml"));
    expect(await run("--update", "fleet.yaml")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "fleet.yaml is up to date with the account.\n",
    });
    expect(readFileSync(inFolder("fleet.yaml"), "utf8")).toBe(text);

    await onboard(world, [certified("field-2", "meter", "field|a")]);
    const linked = await run("--update", "link.yaml");
    expect(linked).toMatchObject({ code: 2, stdout: "" });
    expect(linked.stderr).toContain("link.yaml is a link, and the command does not write through links");
    expect(readFileSync(inFolder("fleet.yaml"), "utf8")).toBe(text);
    const updated = await run("--update", "fleet.yaml");
    expect(updated).toMatchObject({ code: 0, stdout: "" });
    expect(updated.stderr).toBe(
      "groups.meter: 1 device added: field-2\nThe command changed fleet.yaml in 1 place.\n",
    );
    expect(readFileSync(inFolder("fleet.yaml"), "utf8")).toBe(
      text.replace("ids: field-1", "ids: [field-1, field-2]"),
    );
    expect(statSync(inFolder("fleet.yaml")).mode).toBe(mode);
  });

  it("does not change with --check, and the command exits with 1 if it would change", async () => {
    await smallAccount();
    await run("--out", "fleet.yaml");
    const text = readFileSync(inFolder("fleet.yaml"), "utf8");
    expect(await run("--update", "fleet.yaml", "--check")).toMatchObject({ code: 0 });
    await world.admin("PATCH", "/devices/lab-1", { tags: ["lab", "a", "new"] });
    const checked = await run("--update", "fleet.yaml", "--check");
    expect(checked).toMatchObject({ code: 1, stdout: "" });
    expect(checked.stderr).toMatch(
      /lab-1: tags \+"new"\nnrfcloud-fleet: fleet\.yaml and the account differ \(1 change\)\./,
    );
    expect(readFileSync(inFolder("fleet.yaml"), "utf8")).toBe(text);
  });

  it("with --check ends with 1 for a difference that can't be written, and without it with 0", async () => {
    await onboard(world, [certified("lab-1"), certified("lab-2"), certified("lab-3")]);
    await run("--out", "fleet.yaml");
    await world.admin("PATCH", "/devices/lab-2", { tags: ["new"] });
    const checked = await run("--update", "fleet.yaml", "--check");
    expect(checked.code).toBe(1);
    expect(checked.stderr).toContain("(1 difference to resolve by hand)");
    const updated = await run("--update", "fleet.yaml");
    expect(updated.code).toBe(0);
    expect(updated.stderr).toMatch(
      /lab-2: tags \+"new" in the account\. The command can't write this: a pattern declares it.*\nThe command did not change fleet\.yaml\. Resolve 1 difference by hand: see above\.\n$/,
    );
  });

  it("has no remark on devices outside of the selection", async () => {
    await smallAccount();
    await run("--out", "fleet.yaml");
    expect((await run("--update", "fleet.yaml", "--tag", "field")).stderr).toBe(
      "fleet.yaml is up to date with the account.\n",
    );
    await world.admin("DELETE", "/devices/lab-2");
    expect((await run("--update", "fleet.yaml", "--tag", "field")).stderr).toMatch(
      /does not show 1 device of the file .*: lab-2\./,
    );
  });

  it("must be one that loads", async () => {
    writeFileSync(
      inFolder("fleet.yaml"),
      "apiVersion: nrfcloud.dev/v1\nkind: Fleet\ngroups: { a: { ids: 'a b', adopt: true } }\n",
    );
    const refused = await run("--update", "fleet.yaml");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^nrfcloud-fleet: The fleet file has errors:\nfleet\.yaml:3:\d+ groups\.a\.ids: "a b" is not a device id/,
    );
    expect((await run("--update", "missing.yaml")).stderr).toMatch(
      /^nrfcloud-fleet: The command can't read missing\.yaml \(ENOENT\)/,
    );
  });
});

describe("failures", () => {
  it.each([
    [["--check"], "--check needs --update"],
    [["--force"], "--force needs --out"],
    [["--out", "a", "--update", "b"], "cannot be used with option"],
    [["--id", "lab-{9..1}"], "--id: the range {9..1} runs backwards"],
    [["surplus"], "too many arguments"],
  ])("a wrong use ends with 2: %j", async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it("is reported without a stack trace, and without the key", async () => {
    const env = { ...environmentOf(world), NRF_CLOUD_API_KEY: "wrong-key-4711" };
    for (const [ran, message] of [
      [
        await fleetCommand(["export"], { cwd: folder }),
        /^nrfcloud-fleet: No nRF Cloud API key\. Set NRF_CLOUD_API_KEY/,
      ],
      [
        await fleetCommand(["export"], { env, cwd: folder }),
        /^nrfcloud-fleet: FetchAccount: nRF Cloud refused \(HTTP 401/,
      ],
      [
        await fleetCommand(["export"], {
          env: { ...env, NRF_CLOUD_ENDPOINT: "http://example.com/v1" },
          cwd: folder,
        }),
        /would send the API key without encryption/,
      ],
    ] as const) {
      expect(ran).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toMatch(message);
      expect(ran.stderr).not.toMatch(/^\s+at |4711/m);
    }
  });

  it("sends only reads", async () => {
    await smallAccount();
    const before = await wholeAccount(world);
    await world.admin("DELETE", "/requests");
    await run("--out", "fleet.yaml");
    await world.admin("PATCH", "/devices/lab-1", { name: "One" });
    await run("--update", "fleet.yaml", "--tag", "a");
    const { routes } = (await world.admin("GET", "/requests")) as { routes: Record<string, unknown> };
    expect(Object.keys(routes).length).toBeGreaterThan(1);
    expect(Object.keys(routes).filter((route) => !route.startsWith("GET "))).toEqual([]);
    await world.admin("PATCH", "/devices/lab-1", { name: "lab-1" });
    expect(JSON.stringify(await wholeAccount(world)).replaceAll(/,"updatedAt":"[^"]*"/g, "")).toBe(
      JSON.stringify(before),
    );
  });
});

describe("an import file", () => {
  const files = ["--out", "fleet.yaml", "--import-file", "import.json"];

  function imported(): unknown {
    return JSON.parse(readFileSync(inFolder("import.json"), "utf8"));
  }

  it("is for the selected stack, and only its owner can read it", async () => {
    await smallAccount();
    writeFileSync(inFolder("pulumi"), "#!/bin/sh\necho chosen\n", { mode: 0o755 });
    const { code, stderr } = await fleetCommand(["export", ...files], {
      env: { ...environmentOf(world), PATH: `${folder}:${process.env.PATH ?? ""}` },
      cwd: folder,
    });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("import.json is for the stack chosen, ");
    expect(stderr).toContain("pulumi import --file import.json --protect=false --generate-code=false");
    expect(stderr).toContain("The file holds a secret");
    expect(statSync(inFolder("import.json")).mode & 0o777).toBe(0o600);
    const [fleet, journal, set] = (imported() as { resources: object[] }).resources;
    expect(fleet).toMatchObject({ type: "nrfcloud:index:Fleet", logicalName: "fleet", component: true });
    expect(journal).toMatchObject({ name: "fleet-journal", inputs: { stack: "chosen" } });
    expect(set).toMatchObject({
      name: "fleet",
      inputs: {
        name: "fleet",
        stack: "chosen",
        devices: {
          "field-1": "subType=meter tags=field,a credential=existing adopt=keep",
          "lab-1": "subType=tracker tags=lab,a credential=existing adopt=keep",
          "lab-2": "subType=tracker tags=lab credential=existing adopt=keep",
        },
      },
    });
  });

  it("is for another stack and another name of the Fleet, if they are said", async () => {
    await smallAccount();
    const { code, stderr } = await run(...files, "--name", "ours", "--stack", "acme/test/prod");
    expect(code, stderr).toBe(0);
    expect(imported()).toMatchObject({
      resources: [
        { logicalName: "ours" },
        { name: "ours-journal" },
        { name: "ours", inputs: { stack: "prod" } },
      ],
    });
  });

  it("is never written over a file or link that is there, unless it is forced; nor is the fleet file then", async () => {
    await smallAccount();
    writeFileSync(inFolder("precious"), "precious\n", { mode: 0o644 });
    symlinkSync("precious", inFolder("import.json"));
    const refused = await run(...files, "--stack", "dev");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^nrfcloud-fleet: import\.json exists already.*--force\.\n$/);
    expect(existsSync(inFolder("fleet.yaml"))).toBe(false);
    const linked = await run(...files, "--stack", "dev", "--force");
    expect(linked).toMatchObject({ code: 2, stdout: "" });
    expect(linked.stderr).toContain("import.json is a link");
    expect(readFileSync(inFolder("precious"), "utf8")).toBe("precious\n");
    rmSync(inFolder("import.json"));
    writeFileSync(inFolder("import.json"), "old\n", { mode: 0o644 });
    expect(await run(...files, "--stack", "dev", "--force")).toMatchObject({ code: 0 });
    expect(statSync(inFolder("import.json")).mode & 0o777).toBe(0o600);
  });

  it.each([
    [["--import-file", "import.json"], "--import-file needs --out"],
    [["--import-file", "import.json", "--update", "fleet.yaml"], "--import-file needs --out"],
    [["--stack", "dev"], "--stack and --cwd need --import-file"],
  ])("has its use: not %s", async (args, words) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
