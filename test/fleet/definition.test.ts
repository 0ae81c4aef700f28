import { describe, expect, it } from "vitest";
import type { FleetDefinition } from "../../provider/fleet/definition.js";
import { resolveFleet } from "../../provider/fleet/load.js";
import { load, memoryIo, pem, problemsOfObject } from "./io.js";

const definition: FleetDefinition = {
  apiVersion: "nrfcloud.dev/v1",
  kind: "Fleet",
  ca: { certificate: { file: "ca.pem" }, privateKey: { env: "KEY" } },
  certificates: { validityDays: 30 },
  defaults: { tags: ["all"] },
  groups: {
    sensors: { ids: "lab-{0..2}", name: "Sensor {id}" },
    bench: { devices: ["one", { id: "two", csr: pem("CERTIFICATE REQUEST"), adopt: "recertify" }] },
    factory: { csv: "factory.csv" },
  },
};
const files = { "ca.pem": pem("CERTIFICATE"), "factory.csv": "id,tags\nf-1,x\n" };
const env = { KEY: "k" };

function withoutPositions(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, entry: unknown) => (key === "at" ? undefined : entry)));
}

describe("a fleet given as an object", () => {
  it("means the same as the file with the same content", () => {
    // JSON is YAML.
    const fromFile = load(JSON.stringify(definition), files, env);
    const fromObject = resolveFleet(definition, memoryIo(files, env));
    expect(fromObject.devices).toHaveLength(6);
    expect(withoutPositions(fromObject)).toEqual(withoutPositions(fromFile));
  });

  it("has its problems reported by path, those of its CSV files by line", () => {
    expect(
      problemsOfObject(
        { ...definition, groups: { ...definition.groups, more: { ids: "a b", tag: [] } } },
        { ...files, "factory.csv": "id,tags\nf-1,x y\n" },
        env,
      ),
    ).toEqual([
      'groups.more.tag: unknown key "tag" → fix: did you mean "tags"?',
      "groups.more.ids: \"a b\" is not a device id: a space is not allowed → fix: use only letters, digits, ':', '_' and '-'",
      'factory.csv:2:5 groups.factory.csv: "x y" is not a tag: a space is not allowed → fix: use only letters, digits and _ . @ : # -',
    ]);
  });

  class Output {
    readonly apply = () => this;
  }
  const cyclic: Record<string, unknown> = {};
  cyclic.groups = { lab: cyclic };

  it.each<[string, unknown, string]>([
    [
      "an output of another resource",
      { ...definition, groups: { lab: { ids: new Output() } } },
      "groups.lab.ids: it is not plain data (a Pulumi output or a class instance?) → fix: write the value itself: the provider must know the devices before it deploys anything",
    ],
    [
      "a promise",
      { ...definition, groups: Promise.resolve({}) },
      "groups: it is not plain data (a Pulumi output or a class instance?) → fix: write the value itself: the provider must know the devices before it deploys anything",
    ],
    [
      "itself",
      cyclic,
      "groups.lab.groups.lab.groups.lab: the definition is nested too deeply, or contains itself → fix: remove the level; a fleet needs no more than six",
    ],
    [
      "a private key",
      { ...definition, ca: { ...definition.ca, privateKey: pem("PRIVATE KEY") } },
      "ca.privateKey: the fleet itself contains a private key → fix: remove it now, and treat it as leaked if the file was shared; set only a CA's key, with `pulumi config set --secret`",
    ],
    ["nothing", undefined, "it has no value → fix: write a map, or remove the key"],
  ])("is refused if it contains %s", (_, value, expected) => {
    expect(problemsOfObject(value, files, env)).toEqual([expected]);
  });

  it("can't pollute JavaScript's prototypes", () => {
    const hostile: unknown = JSON.parse(
      '{"__proto__": {"polluted": 1}, "groups": {"__proto__": {"ids": "polluted"}}}',
    );
    expect(problemsOfObject(hostile).join("\n")).toContain(
      'groups.__proto__: the key "__proto__" is not allowed',
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
