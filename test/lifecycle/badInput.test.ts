import { expect, test } from "vitest";
import { opensslMakes } from "../support/openssl.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

const STACK_TRACE = /^\s+at .*[:(]\d+/m;

test.each([
  { what: "missing", env: { NRF_CLOUD_API_KEY: "" }, says: "No nRF Cloud API key. Set NRF_CLOUD_API_KEY" },
  { what: "wrong", env: { NRF_CLOUD_API_KEY: "nonsense" }, says: "nRF Cloud refused (HTTP 401, code 40100)" },
  {
    what: "torn",
    env: { NRF_CLOUD_API_KEY: "two words" },
    says: "has a space, a line break or another character",
  },
  {
    what: "for an unreachable host",
    env: { NRF_CLOUD_ENDPOINT: "http://127.0.0.1:9/v1" },
    says: "127.0.0.1:9 gave no answer (ECONNREFUSED)",
  },
  {
    what: "for a host in clear text",
    env: { NRF_CLOUD_ENDPOINT: "http://nrf.example/v1" },
    says: "would send the API key without encryption",
  },
  { what: "for no host at all", env: { NRF_CLOUD_ENDPOINT: "nrf.example" }, says: "is not a web address" },
])("an API key that is $what is an error before anything is changed", async ({ env, says }) => {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'x-{0..9}' }") }, env });
  const { code, output } = await stack.up();
  expect(code).not.toBe(0);
  expect(output).toContain(says);
  expect(output).not.toMatch(STACK_TRACE);
  expect(await world.devices()).toEqual([]);
  expect(await stack.resourceNames()).not.toContain("x-0");
});

test.each([
  { variable: "NRF_CLOUD_REQUESTS_PER_SECOND", value: "0", key: "nrfcloud:requestsPerSecond" },
  { variable: "NRF_CLOUD_REQUEST_TIMEOUT", value: "1m", key: "nrfcloud:requestTimeout" },
  { variable: "NRF_CLOUD_READBACK_TIMEOUT", value: "-5", key: "nrfcloud:readbackTimeout" },
  { variable: "NRF_CLOUD_BULK_TIMEOUT", value: "1e9", key: "nrfcloud:bulkTimeout" },
])("$variable=$value is refused by name, before anything is changed", async ({ variable, value, key }) => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ devices: [x] }") },
    env: { [variable]: value },
  });
  const { code, output } = await stack.up();
  expect(code).not.toBe(0);
  expect(output).toContain(`"${value}" is not a number of`);
  expect(output).toContain(`Correct ${variable} or ${key}`);
  expect(output).not.toMatch(STACK_TRACE);
  expect(await world.devices()).toEqual([]);
});

test.each([
  { what: "is not there", text: undefined, says: "does not exist" },
  { what: "holds no certificate", text: "hello", says: "is not PEM" },
  {
    what: "holds a certificate that is none",
    text: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    says: "certificate",
  },
])("a CA file that $what is an error that names it, before anything is changed", async ({ text, says }) => {
  const stack = await world.stack({
    files: {
      "fleet.yaml": fleetFile("{ devices: [x] }"),
      ...(text === undefined ? {} : { "own.pem": text }),
    },
    env: { NRF_CLOUD_CA_FILE: "own.pem" },
  });
  const { code, output } = await stack.up();
  expect(code).not.toBe(0);
  expect(output).toContain('The CA file "own.pem" can\'t be used');
  expect(output).toContain(says);
  expect(output).toContain("nrfcloud:caFile");
  expect(output).not.toMatch(STACK_TRACE);
  expect(await world.devices()).toEqual([]);
});

test("a preview without an API key works, and says what it could not check", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ devices: [x] }") },
    env: { NRF_CLOUD_API_KEY: "" },
  });
  const { code, output } = await stack.preview();
  expect(code).toBe(0);
  expect(output).toContain("no API key");
});

test("everything that is wrong with a fleet file is said at once, with line and column, before anything is registered", async () => {
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
  expect(await stack.resourceNames()).toEqual([]);
});

test.each([
  {
    what: "with tabs",
    text: "apiVersion: nrfcloud.dev/v1\nkind: Fleet\ngroups:\n\tlab: { devices: [a] }\n",
    says: /fleet\.yaml:4:1.*tab/i,
  },
  {
    what: "that is an alias bomb",
    text: `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h"]
      .map(
        (name, i) =>
          `${name}: &${name} [${Array(9)
            .fill(`*${"abcdefg"[i] ?? ""}`)
            .join(",")}]`,
      )
      .join("\n")}\n`,
    says: /alias/i,
  },
  { what: "that is no YAML", text: "groups: [", says: /fleet\.yaml:1:\d+/ },
  { what: "that is huge", text: `# ${"x".repeat(11_000_000)}\n`, says: /too large|larger|at most|MB|bytes/i },
])("a fleet file $what is refused with a clear error", async ({ text, says }) => {
  const stack = await world.stack({ files: { "fleet.yaml": text } });
  const { code, output } = await stack.up();
  expect(code).not.toBe(0);
  expect(output).toMatch(says);
  expect(output).not.toMatch(STACK_TRACE);
  expect(output.length).toBeLessThan(20_000);
});

const device = (credential: string, deviceId = "d-1") => `
  const { readFileSync } = require("node:fs");
  const { CaCertificate, Device } = require("pulumi-nrfcloud");
  const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
  new Device("d", { deviceId: "${deviceId}", credential: ${credential} });
`;

test.each([
  {
    what: "malformed CSR",
    program: device(
      '{ ca, csr: "-----BEGIN CERTIFICATE REQUEST-----\\nAAAA\\n-----END CERTIFICATE REQUEST-----\\n" }',
    ),
    says: /credential\.csr/,
  },
  {
    what: "RSA key in a CSR",
    program: device('{ ca, csr: readFileSync("rsa.csr", "utf8") }'),
    says: /RSA|P-256/,
  },
  {
    what: "certificate of another device",
    program: device('{ certificate: readFileSync("other.pem", "utf8") }'),
    says: /names "other", not d-1/,
  },
  {
    what: "RSA certificate",
    program: device('{ certificate: readFileSync("rsa.pem", "utf8") }', "other"),
    says: /P-256/,
  },
  { what: "illegal device id", program: device("{ ca }", "d 1/x"), says: /is not a device id/ },
  { what: "missing credential", program: device("undefined"), says: /credential/ },
])("a $what is an error in the preview, named with its resource", async ({ program, says }) => {
  const [csr, rsa, other] = opensslMakes(
    [
      "req -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=d-1 -out rsa.csr",
      "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=other -out rsa.pem",
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=other -out other.pem",
    ],
    ["rsa.csr", "rsa.pem", "other.pem"],
  );
  const stack = await world.stack({
    program,
    files: { "rsa.csr": String(csr), "rsa.pem": String(rsa), "other.pem": String(other) },
  });
  const { code, output } = await stack.preview();
  expect(code).not.toBe(0);
  expect(output).toMatch(says);
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
    /another resource of this program declares the same device|The account has these devices already/,
  );
  expect(await world.devices()).toHaveLength(1);
});
