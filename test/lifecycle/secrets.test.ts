import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { unpackKeys } from "../../provider/pki/pack.js";
import { useDetour } from "../support/detour.js";
import { opensslMakes } from "../support/openssl.js";
import { PASSPHRASE } from "../support/newStack.js";
import { succeeded, type Stack } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();
const detour = useDetour(world);

/** All kinds of secrets at once, each in every place where it may be kept. */
const everySecret = (tags: string, more = "") => `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca: { pkcs12: { file: ca.p12 }, password: { config: caPassword } }
defaults: { tags: [${tags}] }
groups:
  lab: { devices: [lab-0, lab-1, lab-2]${more} }
jitp:
  bench: { certificates: true, wait: 0, pending: allow, devices: [{ id: kit-0, code: { env: KIT_CODE } }] }
  shelf: { certificates: true, wait: 0, pending: allow, devices: [{ id: kit-1, code: { config: kitCode } }] }
  listed: { certificates: true, wait: 0, pending: allow, codes: { file: codes.csv }, devices: [{ id: kit-2 }] }
  factory: { certificates: true, wait: 0, pending: allow, csv: factory.csv }
claims:
  trackers: { csv: tokens.csv }
  spare: { devices: [{ token: { env: TOKEN } }] }
`;

/** The fleet, and a CA whose key the provider makes. */
const PROGRAM = `
const { CaCertificate, Fleet } = require("pulumi-nrfcloud");
new Fleet("fleet", { file: "fleet.yaml" });
new CaCertificate("made", { subject: { commonName: "Made CA" } });
`;

/** The base64 body of a PEM, which would give it away wherever a part of it stands. */
function bodyOf(pem: unknown): string[] {
  return String(pem)
    .split("\n")
    .filter((line) => line.length > 20 && !line.startsWith("-----"));
}

/** What gives away the key of a device: the text that it is packed as, and the lines of its PEM but for those of its public part. */
async function packedKeys(stack: Stack): Promise<ReadonlyMap<string, readonly string[]>> {
  const keys = unpackKeys(String(await stack.output("fleet", "privateKeys")));
  return new Map(
    [...keys.ids()].map((id) => [id, [keys.raw(id) ?? "", ...bodyOf(keys.get(id)).slice(0, 1)]]),
  );
}

test("an API key from the configuration is used, and kept encrypted; one in clear is warned of in the preview, once", async () => {
  const stack = await world.stack({
    apiKey: "",
    files: { "fleet.yaml": fleetFile("{ devices: [x] }") },
  });
  const warning = /nrfcloud:apiKey is not encrypted: .*--secret nrfcloud:apiKey/g;
  await stack.pulumi("config", "set", "--plaintext", "nrfcloud:apiKey", world.emulator.apiKey);
  const warned = await stack.preview("--json");
  succeeded(warned);
  expect(warned.output.match(warning)).toHaveLength(1);
  // Pulumi's own doing, and why there is the warning.
  expect(warned.output).toContain(world.emulator.apiKey);

  await stack.pulumi("config", "set", "--secret", "nrfcloud:apiKey", world.emulator.apiKey);
  const up = await stack.up();
  succeeded(up);
  expect(up.output).not.toMatch(warning);
  expect(stack.leftOnDisk()).not.toContain(world.emulator.apiKey);
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});

test("inputs that are marked as secret are secret in the state", async () => {
  const stack = await world.stack({
    program: `
      const pulumi = require("@pulumi/pulumi");
      const { CaCertificate, Device } = require("pulumi-nrfcloud");
      const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
      new Device("d-1", { deviceId: "d-1", credential: { ca }, name: pulumi.secret("Hidden device name") });
    `,
  });
  succeeded(await stack.up());
  expect((await world.devices())[0]?.name).toBe("Hidden device name");
  succeeded(await stack.refresh());
  expect(stack.leftOnDisk()).not.toContain("Hidden device name");
  succeeded(await stack.preview("--expect-no-changes"));
});

test("no command prints or writes a secret, whatever fails", async () => {
  const [key, p12, otherP12] = opensslMakes(
    [
      "ecparam -name prime256v1 -genkey -noout -out key.pem",
      "req -x509 -new -key key.pem -subj /CN=Our-CA -days 400 -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem",
      "pkcs12 -export -inkey key.pem -in ca.pem -passout pass:hunter2-of-the-ca -out ca.p12",
      "pkcs12 -export -inkey key.pem -in ca.pem -passout pass:another-password -out other.p12",
    ],
    ["key.pem", "ca.p12", "other.p12"],
  );
  const minted = (await world.admin("POST", "/identity/tokens", { count: 3 })) as {
    items: { deviceId: string; imei: string; token: string }[];
  };
  const [one, two, three] = minted.items;
  if (!one || !two || !three || !p12 || !otherP12) throw new Error("something was not made");
  const codes = ["env", "config", "list", "factory"].map((where) => `code-by-${where}-of-a-kit`);
  const [envCode = "", configCode = "", listCode = "", csvCode = ""] = codes;
  const row = ({ imei, deviceId, token }: typeof one) => `${imei},${deviceId},${token},2026-11-02\n`;
  const stack = await world.stack({
    endpoint: detour.endpoint,
    program: PROGRAM,
    files: {
      "fleet.yaml": everySecret("a"),
      "codes.csv": `id,code\nkit-2,${listCode}\n`,
      "factory.csv": `id,code\nkit-3,${csvCode}\n`,
      "tokens.csv": row(one) + row(two),
    },
    env: {
      NODE_DEBUG: "",
      NRF_CLOUD_IDENTITY_ENDPOINT: world.emulator.identityUrl,
      KIT_CODE: envCode,
      TOKEN: three.token,
    },
  });
  writeFileSync(path.join(stack.folder, "ca.p12"), p12);
  await stack.pulumi("config", "set", "--secret", "caPassword", "hunter2-of-the-ca");
  await stack.pulumi("config", "set", "--secret", "kitCode", configCode);

  const outputs: string[] = [];
  const record = ({ output }: { output: string }) => void outputs.push(output);
  record(await stack.preview("--diff"));
  record(await stack.preview("--json"));
  // Refused rows, and answers that are lost.
  await world.admin("PUT", "/settings", { rejectRows: { "lab-1": "No.", [two.deviceId]: "No." } });
  detour.lose((method, path) => method === "POST" && path.endsWith("kit-0/certificates"));
  const failed = await stack.pulumi(
    ...["up", "--yes", "--logtostderr", "-v=1"],
    ...["--diff", "--show-config", "--show-replacement-steps", "--show-sames"],
  );
  expect(failed.code).not.toBe(0);
  record(failed);
  await world.admin("PUT", "/settings", { rejectRows: {} });
  detour.lose(() => false);
  const up = await stack.up("--diff");
  succeeded(up);
  record(up);

  stack.write("fleet.yaml", everySecret("a, b", ", subType: x"));
  record(await stack.preview("--diff"));
  record(await stack.preview("--json"));
  record(await stack.up("--show-full-output", "--verbose=1"));
  record(await stack.refresh("--diff"));
  record(await stack.pulumi("stack", "export"));
  record(await stack.pulumi("stack", "--show-ids", "--show-urns"));

  // Each thing wrong that a secret is compared with.
  stack.write("codes.csv", `id,code\nkit-9,${listCode}\n`);
  stack.write("tokens.csv", row(one).replace(/.,2026/, ",2026"));
  record(await stack.preview());
  stack.write("codes.csv", `id,code\nkit-2,${listCode}\n`);
  stack.write("tokens.csv", row(one) + row(two));
  writeFileSync(path.join(stack.folder, "ca.p12"), otherP12);
  record(await stack.preview());
  writeFileSync(path.join(stack.folder, "ca.p12"), p12);
  const wrongKey = "wrong-api-key-0123456789";
  stack.useApiKey(wrongKey);
  for (const command of ["preview", "up", "refresh", "destroy"] as const) {
    const refused = await stack[command]();
    expect(refused.code).not.toBe(0);
    record(refused);
  }
  stack.useApiKey(world.emulator.apiKey);

  const secrets = [
    PASSPHRASE,
    world.emulator.apiKey,
    wrongKey,
    "hunter2-of-the-ca",
    "another-password",
    ...codes,
  ];
  secrets.push(...[one, two, three].flatMap(({ token }) => token.split(".")));
  // Of the CA's key the first line: the others hold its public key, which is no secret.
  secrets.push(...bodyOf(key).slice(0, 1), ...(p12.toString("base64").match(/.{40}/g) ?? []));
  const madeKey = bodyOf(await stack.output("made", "privateKey"));
  expect(madeKey.length).toBeGreaterThan(1);
  secrets.push(...madeKey);
  const keys = await packedKeys(stack);
  expect([...keys.keys()].sort()).toEqual(["kit-0", "kit-1", "kit-2", "kit-3", "lab-0", "lab-1", "lab-2"]);
  secrets.push(...[...keys.values()].flat(), String(await stack.output("fleet-journal", "key")));
  record(await stack.destroy());
  const kept = stack.leftOnDisk();
  expect(kept).toContain("kit-3");
  expect(kept).not.toContain("PRIVATE KEY");
  for (const [i, secret] of secrets.entries()) {
    expect(secret.length, `secret ${i}`).toBeGreaterThan(9);
    expect(kept.includes(secret), `secret ${i} is on disk`).toBe(false);
    for (const [at, output] of outputs.entries())
      expect(output.includes(secret), `secret ${i} is in output ${at}`).toBe(false);
  }
});

describe("Pulumi's own debugging shows secrets from the level on that docs/security.md says", () => {
  const CODE = "sesame-of-a-canary";
  const security = readFileSync("docs/security.md", "utf8");
  const level = Number(/`-v=(\d)` and higher/.exec(security)?.[1]);
  const canary = (tag: string) =>
    fleetFile(
      `{ devices: [lab-0], tags: [${tag}] }`,
      "jitp: { kits: { certificates: true, wait: 0, pending: allow, devices: [{ id: kit-0, code: { env: CODE } }] } }\n",
    );

  test(
    "with --logtostderr in the output, without it in a file of the temporary folder that others can read and that stays",
    { timeout: 900_000 },
    async () => {
      const stack = await world.stack({ files: { "fleet.yaml": canary("a") }, env: { CODE } });
      /** Whether the canary shows, where, and the modes of the files that were left. */
      const look = async (command: "preview" | "up", verbosity: number, ...args: string[]) => {
        const temporary = mkdtempSync(path.join(tmpdir(), "nrfcloud-verbose-"));
        try {
          stack.setEnv("TMPDIR", temporary);
          const run = await stack[command](`-v=${verbosity}`, ...args);
          stack.setEnv("TMPDIR", undefined);
          succeeded(run);
          const logs = readdirSync(temporary).filter((name) => name.includes(".log."));
          const shows = logs.filter((name) =>
            readFileSync(path.join(temporary, name), "utf8").includes(CODE),
          );
          const modes = shows.map((name) => statSync(path.join(temporary, name)).mode & 0o777);
          return { output: run.output.includes(CODE), files: modes };
        } finally {
          rmSync(temporary, { recursive: true, force: true });
        }
      };
      const nowhere = { output: false, files: [] };
      const change = (tag: string) => {
        stack.write("fleet.yaml", canary(tag));
      };
      // The same is logged to either place: each command is run once below the level, and once from it on.
      change("a");
      expect(await look("preview", level - 1, "--logtostderr")).toEqual(nowhere);
      expect(await look("up", level - 1)).toEqual(nowhere);
      change("b");
      expect(await look("preview", level)).toEqual({ output: false, files: [0o644] });
      expect(await look("up", level, "--logtostderr")).toEqual({ output: true, files: [] });
    },
  );

  test("NODE_DEBUG=http shows the API key", async () => {
    expect(security).toContain("`NODE_DEBUG=http`");
    const stack = await world.stack({
      files: { "fleet.yaml": fleetFile("{ devices: [x] }") },
      env: { NODE_DEBUG: "http" },
    });
    expect((await stack.preview()).output).toContain(world.emulator.apiKey);
  });
});
