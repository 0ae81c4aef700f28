import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { Fleet, type FleetDefinition } from "../../provider/index.js";
import { publicKeyFingerprint } from "../../provider/pki/rowFingerprint.js";
import { attestationToken } from "../fleet/tokens.js";
import { credentialsFor } from "../support/credentials.js";
import { isProtected, Program, settled } from "./program.js";

const UUID = "6e4a9363-8f70-4b2e-9a55-0d5c1c1f7f10";
const token = attestationToken(UUID);
const {
  publicKey: [publicKey],
} = credentialsFor("own-1");
const folder = mkdtempSync(path.join(tmpdir(), "fleet-test-"));
const write = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};

afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await settled();
  vi.unstubAllEnvs();
  pulumi.runtime.setAllConfig({});
});

const TEXT = `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca: { subject: { commonName: Test CA } }
certificates: { validityDays: 365, earlyRenewalHours: 720 }
maxDeletes: 10
defaults: { tags: [all] }
groups:
  lab:
    subType: tracker
    firmwareTypes: [APP, MODEM]
    ids: "lab-{1..3}"
  own:
    name: "Own {id}"
    devices: [{ id: own-1, publicKey: { file: own.pem } }]
jitp:
  kits:
    codes: { file: codes.csv }
    certificates: true
    wait: 0
    pending: allow
    devices: [{ id: kit-1 }]
  kit:
    devices: [{ id: kit-2, name: Kit, code: { config: code } }]
claims:
  field:
    tags: [nrf-cloud-onboarding]
    unclaimOnDestroy: true
    devices: [{ token: { env: FIELD_TOKEN } }]
`;

/** A fleet of just-in-time devices alone. */
function withKits(settings = ""): string {
  const opening = TEXT.slice(0, TEXT.indexOf("ca:"));
  return `${opening}jitp:\n  kits: { ${settings}devices: [{ id: kit-1, code: { config: code } }] }\n`;
}

function declareFleet(program: Program, text = TEXT) {
  vi.stubEnv("FIELD_TOKEN", token);
  pulumi.runtime.setAllConfig({ "fleet:code": "271828" }, ["fleet:code"]);
  write("own.pem", publicKey);
  write("codes.csv", "id,code\nkit-1,314159\n");
  const fleet = new Fleet("fleet", { file: write("fleet.yaml", text) });
  return { fleet, set: program.bagOf("DeviceSet", fleet.devices) };
}

const KEYS = {
  CaCertificate: { certificate: "CERT", privateKey: pulumi.secret("KEY") },
  JournalKey: { key: pulumi.secret("SEAL") },
};

describe("a fleet", () => {
  it("is its CA, its journal's key and one set with all devices, whichever way they come", async () => {
    const program = new Program(KEYS);
    const { fleet, set } = declareFleet(program);
    const { bag, secrets, name } = await set;
    expect(program.registered.map(({ type }) => type).sort()).toEqual([
      "CaCertificate",
      "DeviceSet",
      "Fleet",
      "JournalKey",
    ]);
    expect(name).toBe("fleet");
    expect(bag).toMatchObject({
      name: "fleet",
      devices: {
        "lab-1": "subType=tracker tags=all firmware=APP,MODEM",
        "lab-2": "subType=tracker tags=all firmware=APP,MODEM",
        "lab-3": "subType=tracker tags=all firmware=APP,MODEM",
        "own-1": `tags=all name="Own own-1" publicKey=${publicKeyFingerprint(publicKey)}`,
        "kit-1": "via=jitp tags=all credential=issued wait=0 pending=allow",
        "kit-2": "via=jitp tags=all name=Kit",
        [UUID]: "via=attestation tags=nrf-cloud-onboarding unclaim",
      },
      caCertificate: "CERT",
      caPrivateKey: "KEY",
      journalKey: "SEAL",
      validityDays: 365,
      earlyRenewalHours: 720,
      maxDeletes: "10",
    });
    expect([...secrets].sort()).toEqual(["caPrivateKey", "journalKey", "materials"]);
    expect(JSON.parse(String(bag.materials))).toEqual({
      [UUID]: token,
      "kit-1": "314159",
      "kit-2": "271828",
      "own-1": publicKey,
    });
    expect(fleet.size).toBe(7);
    expect(isProtected(fleet.devices)).toBe(false);
  });

  it("has a next CA beside its CA, which is the same resource when it becomes the CA", async () => {
    const next = "{ name: acme-2027, subject: { commonName: Next CA } }";
    const both = new Program(KEYS);
    const { set, fleet } = declareFleet(both, TEXT.replace(/^ca: .*$/m, `$&\nnextCa: ${next}`));
    const { bag, secrets } = await set;
    expect(bag).toMatchObject({ nextCaCertificate: "CERT", nextCaPrivateKey: "KEY" });
    expect([...secrets]).toContain("nextCaPrivateKey");
    expect(fleet.nextCa).toBeDefined();
    const namesIn = ({ registered }: Program) =>
      registered.flatMap(({ type, name }) => (type === "CaCertificate" ? [name] : [])).sort();
    expect(namesIn(both)).toEqual(["fleet-ca", "fleet-ca-acme-2027"]);
    await settled();
    const moved = new Program(KEYS);
    await declareFleet(moved, TEXT.replace(/^ca: .*$/m, `ca: ${next}`)).set;
    expect(namesIn(moved)).toEqual(["fleet-ca-acme-2027"]);
  });

  it("has its lines in a first preview already, when neither CA nor journal are made", async () => {
    const program = new Program({}, { preview: true });
    const { bag } = await declareFleet(program).set;
    expect(bag.devices).toMatchObject({ "lab-1": "subType=tracker tags=all firmware=APP,MODEM" });
    expect([bag.caCertificate, bag.caPrivateKey, bag.journalKey]).toEqual(
      Array.from({ length: 3 }, () => pulumi.unknown),
    );
  });

  it.each([
    ["its limit", TEXT.replace("10", "2")],
    ["a protected group whose codes only the stack knows", withKits("protect: true, ")],
  ])("is guarded by %s", (_, text) => {
    expect(isProtected(declareFleet(new Program(), text).fleet.devices)).toBe(true);
  });

  it("without a CA has none", async () => {
    const { fleet, set } = declareFleet(new Program(), withKits());
    expect(fleet.ca).toBeUndefined();
    expect((await set).bag).not.toHaveProperty("caCertificate");
  });

  it("reports all mistakes of its file before anything is registered", () => {
    const program = new Program();
    const wrong = TEXT.replace("lab-{1..3}", "lab 1").replace("wait: 0", "wait: -1");
    expect(() => declareFleet(program, wrong)).toThrow(
      /The provider can't use the fleet:[^]*fleet\.yaml:\d+[^]*fleet\.yaml:\d+/,
    );
    expect(program.registered).toEqual([]);
  });

  it("reports the mistakes in all credentials at once, each with its place", () => {
    const program = new Program(KEYS);
    const [one, two] = [credentialsFor("other-1").before, credentialsFor("other-2").before];
    write("1.pem", one);
    write("2.pem", two);
    const own = `groups:
  g:
    devices:
      - { id: mis-1, certificate: { file: 1.pem } }
      - { id: mis-2, certificate: { file: 2.pem } }
`;
    const text = `${TEXT.slice(0, TEXT.indexOf("ca:"))}${own}`;
    for (const line of [
      'fleet.yaml:6:35 groups.g.devices[0].certificate: the certificate names "other-1", not mis-1',
      'fleet.yaml:7:35 groups.g.devices[1].certificate: the certificate names "other-2", not mis-2',
    ]) {
      expect(() => declareFleet(program, text)).toThrow(line);
    }
    expect(program.registered).toEqual([]);
  });

  it("needs a file or a definition", () => {
    new Program();
    const declare = (args: unknown) => () => new Fleet("fleet", args as { definition: FleetDefinition });
    expect(declare({})).toThrow("Fleet fleet has neither file nor definition");
    expect(declare(undefined)).toThrow(
      /Fleet fleet has neither file nor definition\. Give it one: \{ file: "fleet\.yaml" \}/,
    );
    expect(declare({ flie: "fleet.yaml" })).toThrow(
      "Fleet fleet has no argument flie. Use file, definition.",
    );
    expect(declare({ file: "fleet.yaml", definition: {} })).toThrow("both file and definition");
  });

  it("leaves the API key to the provider: an inline program does not have the settings of its process", async () => {
    const program = new Program();
    vi.stubEnv("NRF_CLOUD_API_KEY", "");
    await expect(declareFleet(program).set).resolves.toMatchObject({ type: "DeviceSet" });
  });
});
