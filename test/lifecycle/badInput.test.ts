import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, test } from "vitest";
import { device } from "../../provider/lifecycle/device.js";
import { useAccount } from "../support/account.js";
import { fleetCa, StackOfSet } from "../support/deviceSet.js";
import { opensslMakes } from "../support/openssl.js";
import { Resource } from "../support/resource.js";
import { fleetFile, useWorld } from "../support/world.js";

const STACK_TRACE = /^\s+at .*[:(]\d+/m;

describe("without the engine", () => {
  const account = useAccount();

  it.each([
    { env: { NRF_CLOUD_API_KEY: "" }, says: "No nRF Cloud API key. Set NRF_CLOUD_API_KEY" },
    { env: { NRF_CLOUD_API_KEY: "nonsense" }, says: "nRF Cloud refused (HTTP 401, code 40100)" },
    { env: { NRF_CLOUD_API_KEY: "two words" }, says: "has a space, a line break or another character" },
    {
      env: { NRF_CLOUD_ENDPOINT: "http://127.0.0.1:9/v1" },
      says: "127.0.0.1:9 gave no answer (ECONNREFUSED)",
    },
    {
      env: { NRF_CLOUD_ENDPOINT: "http://nrf.example/v1" },
      says: "would send the API key without encryption",
    },
    { env: { NRF_CLOUD_ENDPOINT: "nrf.example" }, says: "is not a web address" },
    ...[
      ["NRF_CLOUD_REQUESTS_PER_SECOND", "0", "nrfcloud:requestsPerSecond"],
      ["NRF_CLOUD_REQUEST_TIMEOUT", "1m", "nrfcloud:requestTimeout"],
      ["NRF_CLOUD_READBACK_TIMEOUT", "-5", "nrfcloud:readbackTimeout"],
      ["NRF_CLOUD_BULK_TIMEOUT", "1e9", "nrfcloud:bulkTimeout"],
    ].map(([variable = "", value = "", key = ""]) => ({
      env: { [variable]: value },
      says: `"${value}" is not a number of`,
      remedy: `Correct ${variable} or ${key}`,
    })),
  ])("$env is refused before anything is changed", async ({ env, says, ...more }) => {
    const stack = new StackOfSet(account, { env });
    const refused = expect(stack.up({ "x-1": {} })).rejects;
    await refused.toThrow(says);
    if ("remedy" in more) await expect(stack.up({ "x-1": {} })).rejects.toThrow(more.remedy);
    expect(stack.exists).toBe(false);
    expect((await account.devices()).size).toBe(0);
  });

  it.each([
    { what: "is not there", text: undefined, says: "does not exist" },
    { what: "holds no certificate", text: "hello", says: "is not PEM" },
    {
      what: "has a certificate that can't be read",
      text: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      says: "certificate",
    },
  ])("a CA file that $what is refused by name, before anything is changed", async ({ text, says }) => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "nrfcloud-ca-")), "own.pem");
    if (text !== undefined) writeFileSync(file, text);
    const up = new StackOfSet(account, { env: { NRF_CLOUD_CA_FILE: file } }).up({ "x-1": {} });
    await expect(up).rejects.toThrow(
      expect.toSatisfy(
        ({ message }: Error) =>
          message.includes(`The CA file "${file}" can't be used`) &&
          message.includes(says) &&
          message.includes("nrfcloud:caFile"),
      ),
    );
    expect((await account.devices()).size).toBe(0);
  });

  it("what a device can't have is refused in the preview", async () => {
    const [csr, rsa, other] = opensslMakes(
      [
        "req -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=d-1 -out rsa.csr",
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=other -out rsa.pem",
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=other -out other.pem",
      ],
      ["rsa.csr", "rsa.pem", "other.pem"],
    ).map(String);
    const { certificatePem: caCertificate, privateKeyPem: caPrivateKey } = fleetCa();
    const refused = (inputs: object) =>
      expect(
        new Resource(device, account.hosted).plan({
          deviceId: "d-1",
          caCertificate,
          caPrivateKey,
          ...inputs,
        }),
      ).rejects;
    await refused({ credential: { csr } }).toThrow(/RSA|P-256/);
    await refused({ credential: { certificate: other } }).toThrow(/names "other", not d-1/);
    await refused({ deviceId: "other", credential: { certificate: rsa } }).toThrow(/P-256/);
    await refused({ deviceId: "d 1/x", credential: {} }).toThrow(/is not a device id/);
    await refused({ credential: undefined }).toThrow(/credential/);
  });
});

describe("with the engine", () => {
  const world = useWorld();

  test("a key that is refused is one error without a stack trace, before anything is changed", async () => {
    const stack = await world.stack({
      files: { "fleet.yaml": fleetFile("{ ids: 'x-{0..9}' }") },
      env: { NRF_CLOUD_API_KEY: "nonsense" },
    });
    const { code, output } = await stack.up();
    expect(code).not.toBe(0);
    expect(output).toContain("nRF Cloud refused (HTTP 401, code 40100)");
    expect(output).not.toMatch(STACK_TRACE);
    expect(await world.devices()).toEqual([]);

    stack.setEnv("NRF_CLOUD_API_KEY", "");
    const preview = await stack.preview();
    expect(preview.code).toBe(0);
    expect(preview.output).toContain("no API key");
  });

  test("all problems of a fleet file are reported at once, with line and column, before any resource is registered", async () => {
    const stack = await world.stack({
      files: {
        "fleet.yaml": `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca:
  subject: { commonName: Test CA }
groups:
  lab:
    devices: [good, "bad id", good]
    tags: ["a b"]
  more:
    idz: x-{0..3}
`,
      },
    });
    const { code, output } = await stack.up();
    expect(code).not.toBe(0);
    expect(output).toMatch(/fleet\.yaml:7:\d+ .*"bad id" is not a device id/);
    expect(output).toMatch(/fleet\.yaml:7:\d+ .*good/);
    expect(output).toMatch(/fleet\.yaml:8:\d+ .*"a b" is not a tag/);
    expect(output).toMatch(/fleet\.yaml:10:\d+ .*idz/);
    expect(output).not.toMatch(STACK_TRACE);
    expect(stack.resourceNames()).toEqual([]);
  });

  test("what is wrong inside a device is an error in the preview, named with its resource", async () => {
    const stack = await world.stack({
      program: `
        const { CaCertificate, Device } = require("pulumi-nrfcloud");
        const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
        const csr = "-----BEGIN CERTIFICATE REQUEST-----\\nAAAA\\n-----END CERTIFICATE REQUEST-----\\n";
        new Device("d", { deviceId: "d-1", credential: { ca, csr } });
      `,
    });
    const { code, output } = await stack.preview();
    expect(code).not.toBe(0);
    expect(output).toMatch(/credential\.csr/);
    expect(output).toContain("Device resource 'd' has a problem");
    expect(output).not.toMatch(STACK_TRACE);
  });

  test("two resources that declare the same device: one fails, and says why", async () => {
    const stack = await world.stack({
      program: `
      const { CaCertificate, Device } = require("pulumi-nrfcloud");
      const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
      for (const name of ["one", "two"]) new Device(name, { deviceId: "same", credential: { ca } });
    `,
    });
    const { code, output } = await stack.up();
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /Two resources of this program declare them|The account has these devices already/,
    );
    expect(await world.devices()).toHaveLength(1);
  });
});
