import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import {
  deviceIdPattern,
  deviceUuidPattern,
  firmwareTypes,
  maxDeviceIdLength,
  maxSubTypeLength,
  provisioningTagPattern,
  subTypePattern,
  tagPattern,
} from "../../provider/fleet/rules.js";
import { load, pem, problemsOf } from "./io.js";
import { attestationToken, withWholeTokens } from "./tokens.js";
import schema from "../../schema/fleet.schema.json";

const ajv = new Ajv({ allowUnionTypes: true, strict: true, strictRequired: false });
const validate = ajv.compile(schema);

/** Every part of the schema that has examples. */
function partsWithExamples(): [string, object, unknown[]][] {
  const parts: [string, object, unknown[]][] = [];
  const walk = (value: unknown, pointer: string): void => {
    if (typeof value !== "object" || value === null) return;
    if ("examples" in value && Array.isArray(value.examples)) parts.push([pointer, value, value.examples]);
    for (const [key, inner] of Object.entries(value)) {
      if (key !== "examples") walk(inner, `${pointer}/${key}`);
    }
  };
  walk(schema, "#");
  return parts;
}

describe("the JSON schema", () => {
  it("can be found by its public name", () => {
    expect(schema.$id).toBe("https://nrfcloud.dev/schema/fleet/v1.json");
  });

  it("agrees with the rules", () => {
    const { device, jitpDevice, claimedDevice, provisioningTags, subType, tags } = schema.definitions;
    const { firmwareTypes: firmware } = schema.definitions;
    expect(device.pattern).toBe(deviceIdPattern.source);
    expect(device.properties.id.pattern).toBe(deviceIdPattern.source);
    expect(device.maxLength).toBe(maxDeviceIdLength);
    expect(device.properties.id.maxLength).toBe(maxDeviceIdLength);
    expect(jitpDevice.properties.id.pattern).toBe(deviceIdPattern.source);
    expect(jitpDevice.properties.id.maxLength).toBe(maxDeviceIdLength);
    expect(claimedDevice.properties.uuid.pattern).toBe(deviceUuidPattern.source);
    expect(provisioningTags.items.pattern).toBe(provisioningTagPattern.source);
    expect(tags.items.pattern).toBe(tagPattern.source);
    // A slash has to be escaped in one notation and not in the other.
    expect(subType.pattern).toBe(subTypePattern.source.replaceAll("\\/", "/"));
    expect(subType.maxLength).toBe(maxSubTypeLength);
    expect(firmware.items.enum).toEqual(firmwareTypes);
  });

  it.each(partsWithExamples())("has examples at %s that it accepts", (pointer, _, examples) => {
    const path = pointer === "#" ? schema.$id : `${schema.$id}${pointer}`;
    for (const example of examples) {
      expect(ajv.validate({ $ref: path }, example), JSON.stringify([example, ajv.errors])).toBe(true);
    }
  });

  it("describes every property, for the editors that show it", () => {
    const bare: string[] = [];
    const walk = (value: unknown, pointer: string): void => {
      if (typeof value !== "object" || value === null) return;
      if ("properties" in value && !pointer.includes("/oneOf/")) {
        for (const [name, property] of Object.entries(value.properties ?? {})) {
          const known =
            typeof property === "object" &&
            property !== null &&
            ("description" in property || "$ref" in property);
          if (!known) bare.push(`${pointer}/${name}`);
        }
      }
      for (const [key, inner] of Object.entries(value)) walk(inner, `${pointer}/${key}`);
    };
    walk(schema, "#");
    expect(bare).toEqual([]);
    for (const definition of Object.values(schema.definitions)) expect(definition.description).toBeTruthy();
  });
});

describe("the reference of the fleet file", () => {
  const page = readFileSync("docs/fleet-file.md", "utf8");
  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? "");
  const csvExamples = [...page.matchAll(/```csv\n(.*?)```/gs)].map((match) => match[1] ?? "");
  const whole = examples.filter((example) => example.includes("kind: Fleet"));

  it("has whole examples, which load", () => {
    expect(whole.length).toBeGreaterThanOrEqual(6);
    const files = {
      "factory.csv": csvExamples[0] ?? "",
      "lot-9.csv": csvExamples[3] ?? "",
      "attestation_tokens.csv": withWholeTokens(csvExamples[4] ?? ""),
      "secrets/bench-2.token": attestationToken("00000000-0000-4000-8000-00000000000a"),
      "certs/bench-2.pem": pem("CERTIFICATE", "2"),
      "csr/bench-3.csr": pem("CERTIFICATE REQUEST", "3"),
      "pem/f-0002.csr": pem("CERTIFICATE REQUEST", "4"),
      "ca.pem": pem("CERTIFICATE", "5"),
      "ca.p12": "archive",
    };
    const env = {
      CA_PASSWORD: "geheim",
      BENCH7_CODE: "geheim",
      BENCH_TOKEN: attestationToken("00000000-0000-4000-8000-00000000000b"),
    };
    for (const example of whole) {
      expect(problemsOf(example, files, env), example).toEqual([]);
      expect(validate(parse(example)), example).toBe(true);
    }
  });

  it("shows CSV files that load", () => {
    expect(csvExamples).toHaveLength(6);
    for (const csv of csvExamples.slice(0, 3)) {
      const text = `apiVersion: nrfcloud.dev/v1\nkind: Fleet\nca: { subject: { commonName: x } }\ngroups: { f: { csv: f.csv } }\n`;
      const files = { "f.csv": csv, "pem/f-0002.csr": pem("CERTIFICATE REQUEST") };
      expect(load(text, files).devices.length).toBeGreaterThan(1);
    }
    const jitp = "apiVersion: nrfcloud.dev/v1\nkind: Fleet\njitp: { f: { csv: f.csv } }\n";
    expect(load(jitp, { "f.csv": csvExamples[3] ?? "" }).jitp.length).toBeGreaterThan(1);
    const claims = "apiVersion: nrfcloud.dev/v1\nkind: Fleet\nclaims: { f: { csv: f.csv } }\n";
    for (const csv of csvExamples.slice(4)) {
      expect(load(claims, { "f.csv": withWholeTokens(csv) }).claims.length).toBeGreaterThan(1);
    }
  });

  it("names every key of the format", () => {
    const keys = new Set<string>();
    const walk = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      if ("properties" in value) for (const key of Object.keys(value.properties ?? {})) keys.add(key);
      Object.values(value).forEach(walk);
    };
    walk(schema);
    for (const key of keys) expect(page, key).toContain(key);
  });
});
