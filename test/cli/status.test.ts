import { describe, expect, test } from "vitest";
import { showCommand } from "../../cli/commands/show.js";
import { statusCommand } from "../../cli/commands/status.js";
import { accountLines } from "../../cli/status/account.js";
import { devicesIn } from "../../cli/status/devices.js";
import { stackLines } from "../../cli/status/stack.js";
import { columns } from "../../cli/status/words.js";
import { createCa, type CertificateAuthority } from "../../provider/pki/ca.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { createSigner } from "../support/deviceSigner.js";
import { PulumiStandIn } from "../support/pulumiStandIn.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";
import { certificate, exported, resource, stackState } from "./states.js";

const { resources } = stackState({
  sets: [
    {
      rows: {
        "lab-10": { line: "tags=a", certificate: certificate("lab-10"), key: true },
        "lab-9": "tags=b",
        old: { line: "adopt=keep", outcome: { kind: "adopted" } },
        kit: { line: "via=jitp", outcome: { kind: "waiting" } },
        bad: {
          line: "tags=c",
          outcome: { kind: "failed", reason: "nRF Cloud refused it:\nno such sub-type." },
        },
        worse: { line: "", outcome: { kind: "failed", reason: "nRF Cloud refused it:\nno such sub-type." } },
        far: { line: "", outcome: { kind: "hidden" } },
        theirs: { line: "", outcome: { kind: "replaced", createdAt: "2026-11-27T00:00:00Z" } },
      },
    },
  ],
});

describe("the devices of a state", () => {
  test("are listed in natural order, each with its condition", () => {
    expect(devicesIn(resources).map(({ id, condition }) => [id, condition])).toEqual([
      ["bad", "failed"],
      ["far", "hidden"],
      ["kit", "waiting"],
      ["lab-9", "present"],
      ["lab-10", "present"],
      ["old", "adopted"],
      ["theirs", "foreign"],
      ["worse", "failed"],
    ]);
  });

  test("are summed up, what is not as it should be by its ids, and each reason once", () => {
    expect(stackLines(devicesIn(resources))).toEqual([
      "Stack: 8 devices declared by the last `up`, 3 in the account, 1 of them adopted.",
      "  2 devices (bad, worse): failed; the next apply retries them.",
      "  1 device (kit): wait for their first connect.",
      "  1 device (theirs): were created again by somebody else; an apply does not change them.",
      "  1 device (far): are hidden from this API key.",
      "  bad, worse: nRF Cloud refused it:\n    no such sub-type.",
    ]);
  });
});

test("retired devices are listed, and apart from them those that are deleted", () => {
  const { resources: some } = stackState({
    sets: [
      {
        rows: {
          "lab-1": { line: "tags=retired retired=30d", retiredAt: "2026-11-01T00:00:00Z" },
          "lab-2": {
            line: "tags=retired retired=30d",
            retiredAt: "2026-10-01T00:00:00Z",
            deletedAt: "2026-11-02T00:00:00Z",
          },
        },
      },
    ],
  });
  const devices = devicesIn(some);
  expect(devices.map(({ id, condition, deletedAt }) => [id, condition, deletedAt])).toEqual([
    ["lab-1", "retired", undefined],
    ["lab-2", "deleted", "2026-11-02T00:00:00Z"],
  ]);
  expect(stackLines(devices)).toEqual([
    "Stack: 2 devices declared by the last `up`, 1 in the account.",
    "  1 device (lab-1): are retired, and are deleted or released when their time is over.",
    "  1 device (lab-2): were retired, and are deleted or released.",
  ]);
});

test("what a stopped roll-out did not change is reported, whether the state has it already or not", () => {
  const { resources: left } = stackState({
    sets: [
      {
        rows: {
          "lab-1": "tags=a",
          "lab-2": "tags=b",
          "lab-3": { line: "", outcome: { kind: "failed", reason: "no" } },
        },
        notAttempted: ["lab-2", "lab-3", "lab-4"],
      },
    ],
  });
  const devices = devicesIn(left);
  expect(devices.map(({ id, condition }) => [id, condition])).toEqual([
    ["lab-1", "present"],
    ["lab-2", "not attempted"],
    ["lab-3", "failed"],
    ["lab-4", "not attempted"],
  ]);
  expect(stackLines(devices)).toContain(
    "  2 devices (lab-2, lab-4): were not attempted, because a roll-out stopped; the next apply changes them.",
  );
});

test("an account is shown with the limits of the key and the team", () => {
  const account = {
    endpoint: "https://api.nrfcloud.com/v1",
    team: "Acme",
    tenantId: "t-1",
    role: "editor",
    groups: ["lab"],
    devices: 1200,
    deviceLimit: 5000,
  };
  expect(accountLines(account)).toEqual([
    "Account: team Acme (t-1) at https://api.nrfcloud.com/v1",
    "  The API key has the role editor. It sees only devices of the groups lab, and those without a group.",
    "  1,200 devices in the account, as far as the key sees them; the plan allows 5,000.",
  ]);
  expect(accountLines({ ...account, groups: undefined, deviceLimit: undefined }).join("\n")).toMatch(
    /role editor\.\n {2}1,200 devices in the account\.$/,
  );
});

describe("where the key of a CA is", () => {
  const [lab, field, other] = ["Acme Lab CA", "Acme Field CA", "Acme Other CA"].map((commonName) =>
    createCa({
      subject: { commonName },
      validity: { notBefore: new Date("2026-11-20T00:00:00Z"), days: 10 },
    }),
  ) as [CertificateAuthority, CertificateAuthority, CertificateAuthority];
  const encrypted = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    ciphertext: "x",
  };
  const signer = { command: ["./sign.sh", "--pin=271828"] };
  const token = { pkcs11: { uri: "pkcs11:token=fleet", module: "p11.so", pin: { env: "HSM_PIN" } } };
  const issuedBy = (ca: CertificateAuthority) =>
    createSigner(ca).sign({
      commonName: "a device",
      publicKeyPem: generateKeyPair().publicKeyPem,
      validity: { notBefore: new Date("2026-11-21T00:00:00Z"), days: 5 },
    }).certificatePem;
  const state = exported({
    sets: [
      {
        rows: {
          "lab-1": { line: "", certificate: issuedBy(lab) },
          "field-1": { line: "", certificate: issuedBy(field) },
          "other-1": { line: "", certificate: issuedBy(other) },
          "own-1": "",
        },
        inputs: {
          caCertificate: lab.certificatePem,
          nextCaCertificate: other.certificatePem,
          nextCaSigner: token,
        },
      },
    ],
    others: [
      resource("CaCertificate", "lab", {
        outputs: { certificate: lab.certificatePem, privateKey: encrypted },
      }),
      resource("CaCertificate", "field", { outputs: { certificate: field.certificatePem, signer } }),
    ],
  });

  test("is shown for each CA that signs, by the name of the program alone", async () => {
    const pulumi = new PulumiStandIn(state);
    const status = await pulumi.run(statusCommand());
    expect(status).toContain(
      [
        "  CA Acme Lab CA (until 2026-11-30). CA's key: in the state (encrypted).",
        '  CA Acme Field CA (until 2026-11-30). CA\'s key: with the signer: command "./sign.sh".',
        "  CA Acme Other CA (until 2026-11-30). CA's key: with the signer: PKCS#11 token.",
      ].join("\n"),
    );
    const json = await pulumi.run(statusCommand(), "--json");
    expect(JSON.parse(json.slice(0, json.lastIndexOf("}") + 1))).toMatchObject({
      stack: {
        cas: [
          { name: "Acme Lab CA", validUntil: "2026-11-30T00:00:00Z", key: { place: "state" } },
          { name: "Acme Field CA", key: { place: "signer", signer: "command", program: "./sign.sh" } },
          { name: "Acme Other CA", key: { place: "signer", signer: "pkcs11" } },
        ],
      },
    });
    for (const text of [status, json]) expect(text).not.toMatch(/271828|HSM_PIN|ciphertext/);
  });

  test.each([
    ["lab-1", "Acme Lab CA", "in the state (encrypted)"],
    ["field-1", "Acme Field CA", 'with the signer: command "./sign.sh"'],
    ["other-1", "Acme Other CA", "with the signer: PKCS#11 token"],
  ])("is told of the CA that issued the certificate of %s", async (id, ca, key) => {
    const pulumi = new PulumiStandIn(state);
    const shown = (await pulumi.run(showCommand(), id)).replaceAll(/ {2,}/g, "  ");
    expect(shown).toContain(`\n  CA  ${ca}\n  CA's key  ${key}\n`);
    expect(JSON.parse(await pulumi.run(showCommand(), id, "--json"))).toMatchObject({ ca: { name: ca } });
  });

  test("is not shown for a device without a certificate", async () => {
    expect(await new PulumiStandIn(state).run(showCommand(), "own-1")).not.toContain("CA");
  });
});

test("columns are as wide as what stands in them", () => {
  expect(
    columns([
      ["A", "B"],
      ["long", ""],
      ["x", "y"],
    ]),
  ).toBe("A     B\nlong\nx     y");
});

const world = useWorld();

test("status, list and show describe the account, a stack and one device", async () => {
  const stack = await world.stack({
    files: {
      "fleet.yaml": `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca: { subject: { commonName: Test CA } }
groups:
  lab: { ids: "lab-{0..2}", tags: [bench], config: { interval: 60 } }
`,
    },
  });
  const empty = await stack.fleet("status");
  succeeded(empty);
  expect(empty.stdout).toContain("0 devices in the account");
  succeeded(await stack.up());

  const status = await stack.fleet("status", "--exit-code");
  succeeded(status);
  expect(status.stdout).toMatch(/^Account: team .* at http:.*\n.*role owner\.\n {2}3 devices in the account/);
  expect(status.stdout).toContain("Stack: 3 devices declared by the last `up`, 3 in the account.");
  expect(status.stdout).toMatch(
    /Configuration: of 3 devices 0 report what is desired\.\n {2}3 devices \(lab-\{0\.\.2\}\) not yet:\n {4}interval: 60 desired, nothing reported/,
  );
  const json = JSON.parse((await stack.fleet("status", "--json")).stdout) as { stack: object };
  expect(json.stack).toMatchObject({
    devices: 3,
    ids: { present: ["lab-0", "lab-1", "lab-2"] },
    failures: {},
    cas: [{ name: "Test CA", key: { place: "state" } }],
  });

  const report = await stack.fleet("plan", "--markdown", "-");
  expect(report.stdout).toContain("Of 3 devices with a configuration, 0 report what is desired.");
  expect(report.stdout).toContain("| `interval` | `60` | nothing |");

  const list = await stack.fleet("list", "lab-{1..2}");
  expect(list.stdout).toMatch(
    /^ID +STATUS.*\nlab-1 +in the account +pre-connect +20\d\d-\d\d-\d\d +bench\nlab-2 .*\n$/,
  );
  expect((await stack.fleet("list", "nobody")).code).toBe(1);

  await world.admin("PATCH", "/devices/lab-1", { tags: ["elsewhere"] });
  const show = await stack.fleet("show", "lab-1");
  succeeded(show);
  expect(show.stdout).toMatch(
    /^Device +lab-1\nStatus +in the account\n[^]*Tags +bench\n[^]*Account +has this device\n[^]*tags +elsewhere/,
  );
  expect(show.stdout).toMatch(
    /Configuration +\{"interval":60\}\n[^]*shadow +interval: 60 desired, nothing reported/,
  );
  expect(show.output).not.toContain("PRIVATE");
  const unknown = await stack.fleet("show", "nobody");
  expect(unknown.stderr).toContain('The stack has no device "nobody"');
});
