import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effectiveConfig, type DeviceConfig } from "../../../provider/fleet/config.js";
import type { CloudDevice } from "../../../provider/cloud/answers.js";
import { classifyDevices } from "../../../cli/export/inventory.js";
import { updateFleetFile } from "../../../cli/export/update.js";
import { writeFleetFile } from "../../../cli/export/write.js";
import { load, memoryIo } from "../../fleet/io.js";
import { anyAccount, device, noClaims, TENANT, view } from "./accounts.js";

const team = { tenantId: TENANT, name: "Acme" };

function exported(devices: readonly CloudDevice[]) {
  const inventory = classifyDevices(devices, noClaims, TENANT);
  return {
    inventory,
    text: inventory.devices.length === 0 ? undefined : writeFleetFile(inventory, team, []),
  };
}

/** Without the comments. */
function body(devices: readonly CloudDevice[]): string {
  return (exported(devices).text ?? "").replaceAll(/^#.*\n/gm, "");
}

function many(
  count: number,
  more: (id: string, n: number) => Partial<CloudDevice>,
  prefix = "sensor-",
): CloudDevice[] {
  return Array.from({ length: count }, (_, n) => {
    const id = `${prefix}${String(n).padStart(3, "0")}`;
    return device(id, more(id, n));
  });
}

describe("a new fleet file", () => {
  it("groups devices by what they have in common, folds their ids, and finds the template of their names", () => {
    const devices = [
      ...many(500, () => ({
        subType: "asset-tracker",
        tags: ["sensors"],
        firmware: { supports: ["APP", "MODEM"] },
      })),
      ...many(
        40,
        (id) => ({ subType: "asset-tracker", tags: ["lab", "acme"], name: `Lab unit ${id}` }),
        "lab-",
      ),
      device("bench-10", { name: "Bench Oslo", tags: ["bench"] }),
      device("bench-2", { tags: ["bench", "borrowed"] }),
    ];
    expect(body(devices)).toBe(`apiVersion: nrfcloud.dev/v1
kind: Fleet
groups:
  asset-tracker-lab-acme:
    ids: lab-{000..039}
    subType: asset-tracker
    tags: [lab, acme]
    name: Lab unit {id}
    adopt: true

  asset-tracker-sensors:
    ids: sensor-{000..499}
    subType: asset-tracker
    tags: [sensors]
    firmwareTypes: [APP, MODEM]
    adopt: true

  bench:
    devices:
      - { id: bench-2, tags: [borrowed] }
      - { id: bench-10, name: Bench Oslo }
    tags: [bench]
    adopt: true
`);
  });

  it("has no ca, adopts every device with the certificate that it has, and says what a destroy would do", () => {
    const { text = "" } = exported([device("a-1"), device("a-2", { name: "Two" })]);
    expect(load(text).ca).toBeUndefined();
    expect(load(text).devices.map(({ adopt, credential }) => [adopt, credential.kind])).toEqual([
      ["keep", "existing"],
      ["keep", "existing"],
    ]);
    expect(text).toMatch(/DELETES it from nRF Cloud/);
    expect(text).toMatch(/team "Acme" \(11111111-/);
  });

  it("leaves out devices with tags that a fleet file can't declare, because an adoption would change them", () => {
    const { inventory, text = "" } = exported([
      device("good"),
      device("spaced", { tags: ["two words"] }),
      device("x".repeat(65)),
      device("account-11111111-1111-4111-8111-111111111111"),
      device("C0:FF:EE:00:00:01", { type: "BLE" }),
    ]);
    expect(load(text).devices.map(({ deviceId }) => deviceId)).toEqual(["good"]);
    expect(inventory.leftOut.map(({ reason }) => reason.replace(/x{9,}/, "x…"))).toEqual([
      '"two words" is not a tag: a space is not allowed',
      expect.stringContaining("it has 65 characters"),
      "it is the team's MQTT connection, not a device",
      "a gateway connects it by Bluetooth, so it has no certificate",
    ]);
    expect(text).toContain(
      '# - The file leaves out 1 device: "two words" is not a tag: a space is not allowed: spaced.',
    );
  });

  it("leaves out a name, sub-type or firmware type that a fleet file can't declare, because adopted devices keep theirs", () => {
    const { text = "" } = exported([
      device("d-1", { name: "{id}", subType: "two words", firmware: { supports: ["APP", "SMP"] } }),
    ]);
    const [spec] = load(text).devices;
    expect(spec).toMatchObject({ deviceId: "d-1", firmwareTypes: ["APP"] });
    expect(spec).not.toHaveProperty("name");
    expect(spec).not.toHaveProperty("subType");
    expect(text).toMatch(/# - The file leaves out a name: .*: d-1\./);
    expect(text).toMatch(/# - The file leaves out a sub-type: "two words" is not a sub-type.*: d-1\./);
  });

  it("prepares sections for just-in-time and claimed devices, which only lack their secrets", () => {
    const uuid = "50363154-3931-44f0-8022-121b6401627d";
    const claims = {
      known: true,
      byUuid: new Map([[uuid, { id: uuid, tags: ["nrf-cloud-onboarding", "a=b"] }]]),
    } as const;
    const devices = [
      device("good"),
      device(uuid, { tags: ["x"] }),
      device("nrf-352656100123457", { subType: "jitp-nordic-hardware", tags: ["kits"], name: "Kit: 1" }),
      device("own-1", { subType: "jitp-generic" }),
    ];
    const text = writeFleetFile(classifyDevices(devices, claims, TENANT), team, []);
    expect(load(text).devices.map(({ deviceId }) => deviceId)).toEqual(["good"]);

    const uncommented = text.replaceAll(/^# ((jitp|claims):| {2,}.*)$/gm, "$1");
    const fleet = load(uncommented);
    expect(fleet.jitp).toMatchObject([
      { deviceId: "nrf-352656100123457", name: "Kit: 1", tags: ["kits"], adopt: "keep" },
      { deviceId: "own-1", tags: [], adopt: "keep" },
    ]);
    expect(fleet.claims).toMatchObject([{ uuid, tags: ["nrf-cloud-onboarding", "a=b"], adopt: "keep" }]);
  });

  it("warns of devices that look like Nordic's own products, or whose claims can't be recognized", () => {
    const devices = [
      device("nrf-352656100123457", { subType: "kit" }),
      device("50363154-3931-44f0-8022-121b6401627d"),
    ];
    const { perhapsJustInTime, perhapsClaimed } = classifyDevices(
      devices,
      { known: false, reason: "no" },
      TENANT,
    );
    expect(perhapsJustInTime).toEqual(["nrf-352656100123457"]);
    expect(perhapsClaimed).toEqual(["50363154-3931-44f0-8022-121b6401627d"]);
  });

  it("lists single devices if few have the same tags", () => {
    const devices = many(100, (_, n) => ({ subType: "meter", tags: ["acme", `customer-${n}`] }), "m-");
    const text = body(devices);
    expect(text).toContain("  meter:\n    devices:\n      - { id: m-000, tags: [customer-0] }\n");
    expect(text).toContain("    subType: meter\n    tags: [acme]\n");
    expect(text.match(/adopt:/g)).toHaveLength(1);
  });

  it("has the configuration that devices of a group share at the group, and the rest at each device", () => {
    const desired = (more: object) => ({
      state: {
        desired: {
          pairing: { state: "paired" },
          nrfcloud_mqtt_topic_prefix: "prod/x/",
          interval: 600,
          gnss: { enabled: true },
          ...more,
        },
      },
    });
    const devices = [
      ...many(500, () => ({ tags: ["lab"], ...desired({}) })),
      device("bench-1", { tags: ["bench"], ...desired({ gnss: { enabled: true, timeout: 5 } }) }),
      device("bench-2", { tags: ["bench"], ...desired({ interval: 60, "a: b": [1, { c: "x\ny" }] }) }),
      device("bench-3", { tags: ["bench"] }),
    ];
    expect(body(devices)).toBe(`apiVersion: nrfcloud.dev/v1
kind: Fleet
groups:
  bench:
    devices:
      - { id: bench-1, config: { interval: 600, gnss: { enabled: true, timeout: 5 } } }
      - { id: bench-2, config: { interval: 60, gnss: { enabled: true }, "a: b": [1, { c: "x\\ny" }] } }
      - bench-3
    tags: [bench]
    adopt: true

  lab:
    ids: sensor-{000..499}
    tags: [lab]
    adopt: true
    config: { interval: 600, gnss: { enabled: true } }
`);
    const two = body(devices.slice(0, -1));
    expect(two).toContain("    config: { gnss: { enabled: true } }\n");
    expect(two).toContain("{ id: bench-1, config: { interval: 600, gnss: { timeout: 5 } } }\n");
  });

  it("leaves out settings that may be secrets, or that a fleet file can't hold, and says so", () => {
    const desired = {
      wifi: { ssid: "lab", password: "hunter2hunter2" },
      modem: { key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" },
      constructor: 1,
      big: 2 ** 60,
      list: [null],
      led: true,
    };
    const { text = "" } = exported([device("d-1", { state: { desired } })]);
    expect(load(text).devices[0]?.config).toEqual({ led: true, wifi: { ssid: "lab" } });
    expect(text).toMatch(/leaves out a setting: "wifi\.password" may be a secret\..*: d-1\./);
    expect(text).toMatch(/leaves out a setting: "modem\.key" may be a secret\./);
    expect(text).toMatch(/leaves out a setting: "constructor": the key "constructor" is not allowed/);
    expect(text).toMatch(/leaves out a setting: "big": config has the number/);
    expect(text).not.toMatch(/hunter2|AAAA/);

    const large = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, "x".repeat(100)]));
    const other = exported([device("d-2", { state: { desired: large } })]).text ?? "";
    expect(load(other).devices[0]).not.toHaveProperty("config");
    expect(other).toMatch(/leaves out a setting: config is too large for a modem: .*: d-2\./);
  });

  it("keeps the tag of retired devices as a tag, so that no run deletes them, and says so", () => {
    const { text = "" } = exported([device("old-1", { tags: ["retired", "lab"] }), device("lab-1")]);
    const old = load(text).devices.find(({ deviceId }) => deviceId === "old-1");
    expect(old?.tags).toEqual(["retired", "lab"]);
    expect(old).not.toHaveProperty("standing");
    expect(text).toMatch(
      /1 device with the tag retired\. .* declare it with state: retired and keepFor: old-1\./,
    );
  });

  it("gives groups names that the loader takes, each once", () => {
    const devices = ["constructor", "__proto__", "123", "#", "a/b", "a,b", `long-${"x".repeat(100)}`].flatMap(
      (subType) =>
        [1, 2, 3].map((n) => device(`${subType.replaceAll(/[^a-z0-9]/g, "")}-d${n}`.slice(-20), { subType })),
    );
    const unique = [...new Map(devices.map((each) => [each.id, each])).values()];
    const { text = "" } = exported(unique);
    expect(new Set(load(text).devices.map(({ subType }) => subType)).size).toBe(
      new Set(unique.map(({ subType }) => subType)).size,
    );
  });

  it("resolves to exactly the devices of any account", () => {
    fc.assert(
      fc.property(anyAccount, (devices) => {
        const { inventory, text } = exported(devices);
        const { leftOut, justInTime, omissions } = inventory;
        const fleet = text === undefined ? { devices: [] } : load(text);
        const ids = [...fleet.devices, ...leftOut, ...justInTime].map(({ deviceId }) => deviceId);
        expect(ids.sort()).toEqual(devices.map(({ id }) => id).sort());

        const isUnsaid = (id: string, what: string) =>
          omissions.some((each) => each.deviceId === id && each.what === what);
        for (const spec of fleet.devices) {
          const found = devices.find(({ id }) => id === spec.deviceId);
          const { deviceId: id } = spec;
          expect(new Set(spec.tags)).toEqual(new Set(found?.tags));
          expect(spec.name).toBe(found?.name === id || isUnsaid(id, "name") ? undefined : found?.name);
          const subType = found?.subType === "unknown" || found?.subType === "" ? undefined : found?.subType;
          expect(spec.subType).toBe(isUnsaid(id, "sub-type") ? undefined : subType);
          const types = found?.firmware?.supports?.filter((type) => type !== "SMP");
          expect([...spec.firmwareTypes]).toEqual(types);
          if (!isUnsaid(id, "setting"))
            expect(spec.config).toEqual(effectiveConfig(found?.state?.desired as DeviceConfig));
          expect([spec.adopt, spec.credential.kind]).toEqual(["keep", "existing"]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("is up to date with the account that it was made from", () => {
    fc.assert(
      fc.property(anyAccount, (devices) => {
        const { text } = exported(devices);
        if (text === undefined) return;
        const update = updateFleetFile("fleet.yaml", text, memoryIo({}), view(devices));
        expect(update.changes).toEqual([]);
        expect(update.remarks.filter(({ kind }) => kind === "open")).toEqual([]);
        expect(update.text).toBe(text);
      }),
      { numRuns: 100 },
    );
  });
});
