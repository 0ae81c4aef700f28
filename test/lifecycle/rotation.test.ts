import { createPublicKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { opensslMakes } from "../support/openssl.js";
import { succeeded, type Stack } from "../support/stack.js";
import { useWorld } from "../support/world.js";

/*
 * The walk-throughs of docs/security.md, as they are written there.
 */

const world = useWorld({
  teams: [
    {
      tenantId: "11111111-1111-4111-8111-111111111111",
      name: "Ours",
      apiKeys: [
        { key: "api-key-of-last-year", role: "owner" },
        { key: "api-key-of-this-year", role: "owner" },
      ],
    },
  ],
});

const fleet = (ca: string, groups: string) => `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca:
  subject: { commonName: ${ca} }
groups:
${groups}`;
const group = (name: string, ids: string) => `  ${name}: { ids: "${ids}" }\n`;

/** What a preview would do to devices and CAs; fleets have other things, which nobody has in the field. */
async function stepsInTheField(stack: Stack): Promise<string[]> {
  return (await stack.plannedSteps()).filter((step) => / (lab-\d|.*-ca)$/.test(step));
}

async function issuers(stack: Stack, deviceIds: readonly string[]): Promise<string[]> {
  const certificates = await Promise.all(deviceIds.map((id) => stack.output(id, "certificate")));
  return certificates.map((certificate) => new X509Certificate(String(certificate)).issuer);
}

test("an API key in the configuration is exchanged for another, and refresh and destroy follow after one up", async () => {
  const stack = await world.stack({
    apiKey: "",
    files: { "fleet.yaml": fleet("Acme CA", group("lab", "lab-{0..1}")) },
  });
  await stack.pulumi("config", "set", "--secret", "nrfcloud:apiKey", "api-key-of-last-year");
  succeeded(await stack.up());
  await stack.pulumi("config", "set", "--secret", "nrfcloud:apiKey", "api-key-of-this-year");
  succeeded(await stack.preview("--expect-no-changes"));
  const up = await stack.up();
  succeeded(up);
  expect(up.output).not.toMatch(/api-key-of/);
  succeeded(await stack.refresh("--expect-no-changes"));
  expect(stack.leftOnDisk()).not.toMatch(/api-key-of/);
  succeeded(await stack.destroy());
});

test("a CA at once: the preview names the CA and every device, and all of them keep their keys and history", async () => {
  const groups = group("lab", "lab-{0..2}");
  const stack = await world.stack({ files: { "fleet.yaml": fleet("Acme CA 2026", groups) } });
  succeeded(await stack.up());
  const before = await world.devices();
  const keys = await Promise.all(before.map(({ id }) => stack.output(id, "privateKey")));

  stack.write("fleet.yaml", fleet("Acme CA 2031", groups));
  const preview = await stack.preview();
  expect(preview.output).toContain("CA Acme CA 2026: will be replaced by one with a new key.");
  expect(await stack.plannedSteps()).toEqual(
    expect.arrayContaining(["replace fleet-ca", "update lab-0", "update lab-2"]),
  );
  expect((await stack.plannedSteps()).filter((step) => /^(delete|replace|create).* lab-/.test(step))).toEqual(
    [],
  );
  succeeded(await stack.up());
  expect(await issuers(stack, ["lab-0", "lab-1", "lab-2"])).toEqual(Array(3).fill("CN=Acme CA 2031"));
  expect(await Promise.all(before.map(({ id }) => stack.output(id, "privateKey")))).toEqual(keys);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a CA in waves: two fleets in one program, and devices that move from the one to the other", async () => {
  const program = `
    const { Fleet } = require("pulumi-nrfcloud");
    new Fleet("fleet", { file: "fleet.yaml" });
    new Fleet("next", { file: "next.yaml" });
  `;
  const all = group("wave-1", "lab-{0..1}") + group("wave-2", "lab-{2..3}");
  const stack = await world.stack({ files: { "fleet.yaml": fleet("Acme CA 2026", all) } });
  succeeded(await stack.up());
  const before = await world.devices();
  const key = await stack.output("lab-0", "privateKey");

  stack.write("index.js", program);
  stack.write("fleet.yaml", fleet("Acme CA 2026", group("wave-2", "lab-{2..3}")));
  stack.write("next.yaml", fleet("Acme CA 2031", group("wave-1", "lab-{0..1}")));
  const preview = await stack.preview();
  expect(preview.output).toContain("2 times: gets a new certificate for the key it has");
  expect(await stepsInTheField(stack)).toEqual(["create next-ca", "update lab-0", "update lab-1"]);
  succeeded(await stack.up());
  expect(await issuers(stack, ["lab-0", "lab-1", "lab-2", "lab-3"])).toEqual([
    "CN=Acme CA 2031",
    "CN=Acme CA 2031",
    "CN=Acme CA 2026",
    "CN=Acme CA 2026",
  ]);
  expect(await stack.output("lab-0", "privateKey")).toBe(key);
  const during = await world.devices();
  expect(during.slice(2)).toEqual(before.slice(2));
  succeeded(await stack.preview("--expect-no-changes"));

  // The last wave: the first fleet goes, and nothing goes with it but its CA.
  stack.write("index.js", 'new (require("pulumi-nrfcloud").Fleet)("next", { file: "next.yaml" });');
  stack.write("next.yaml", fleet("Acme CA 2031", all));
  expect(await stepsInTheField(stack)).toEqual(["delete fleet-ca", "update lab-2", "update lab-3"]);
  succeeded(await stack.up());
  expect((await world.devices()).map(({ id }) => id)).toEqual(["lab-0", "lab-1", "lab-2", "lab-3"]);
  expect(await issuers(stack, ["lab-0", "lab-3"])).toEqual(["CN=Acme CA 2031", "CN=Acme CA 2031"]);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("the key of one device: it makes another itself, and its request takes the place of the key in the state", async () => {
  const [csr, publicPem] = opensslMakes(
    [
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=lab-1 -out lab-1.csr",
      "ec -in key.pem -pubout -out public.pem",
    ],
    ["lab-1.csr", "public.pem"],
  );
  const devices = (first: string) => `  lab:\n    devices:\n      - lab-0\n      - ${first}\n`;
  const stack = await world.stack({
    files: { "fleet.yaml": fleet("Acme CA", devices("lab-1")), "lab-1.csr": String(csr) },
  });
  succeeded(await stack.up());
  stack.write("fleet.yaml", fleet("Acme CA", devices("{ id: lab-1, csr: { file: lab-1.csr } }")));
  const preview = await stack.preview();
  expect(preview.output).toContain("lab-1: gets another certificate: the device must have it already");
  expect(await stack.plannedSteps()).toEqual(["update lab-1"]);
  succeeded(await stack.up());
  expect(await stack.output("lab-1", "privateKey")).toBeUndefined();
  const certificate = new X509Certificate(String(await stack.output("lab-1", "certificate")));
  expect(certificate.publicKey.equals(createPublicKey(String(publicPem)))).toBe(true);
  succeeded(await stack.preview("--expect-no-changes"));
});
