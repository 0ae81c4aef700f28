import { afterEach, describe, expect, it } from "vitest";
import { fetchAccount } from "../../provider/cloud/account.js";
import { associateDevice } from "../../provider/cloud/association.js";
import { onboardDevices } from "../../provider/cloud/bulk.js";
import { claimDevice, tryClaim } from "../../provider/cloud/claimedDevices.js";
import { fetchDevice, findDevices } from "../../provider/cloud/devices.js";
import { createDeviceCertificate } from "../../provider/cloud/jitp.js";
import type { Transport } from "../../provider/cloud/transport.js";
import { requireTeam } from "../../provider/lifecycle/session/team.js";
import { claimTogether } from "../../provider/ways/attestation/claim.js";
import { pem } from "../fleet/io.js";
import { API_KEY, rejection, TestServer, useServer, type Asked } from "./server.js";

const use = useServer();

afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}).not.toHaveProperty("polluted");
});

it("what an answer says under a name of JavaScript's own counts for nothing", async () => {
  use.server.answer(() => ({
    status: 200,
    body: '{"id":"a","name":"n","__proto__":{"tags":["x"],"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  }));
  const device = await fetchDevice(use.transport, "a");
  expect(device).toMatchObject({ id: "a", name: "n" });
  expect(device?.tags).toBeUndefined();
});

it("what is missing in an answer is not found behind it", async () => {
  use.server.answer(() => ({
    status: 200,
    body: '{"__proto__":{"team":{"tenantId":"theirs"},"items":[],"id":"a"}}',
  }));
  expect((await rejection(fetchAccount(use.transport))).message).toContain(
    "does not have the documented form",
  );
  expect((await rejection(fetchDevice(use.transport, "a"))).message).toContain(
    "does not have the documented form",
  );
  expect((await rejection(findDevices(use.transport, ["a", "b", "c"]))).message).toContain(
    "does not have the documented form",
  );
});

it("devices whose ids are names of JavaScript's own are distinguished", async () => {
  const ids = ["__proto__", "constructor", "toString", "a"];
  use.server.answer(() => ({ status: 200, body: { items: [{ id: "constructor" }, { id: "__proto__" }] } }));
  expect([...(await findDevices(use.transport, ids)).keys()]).toEqual(["constructor", "__proto__"]);
});

it("a refusal is read without them, too", async () => {
  use.server.answer(() => ({ status: 422, body: '{"__proto__":{"code":40410},"message":"no code"}' }));
  expect((await rejection(fetchDevice(use.transport, "a"))).message).toContain(
    "nRF Cloud refused (HTTP 422)",
  );
});

const DEADLINES = { requestMs: 10_000, readbackMs: 300, bulkMs: 10_000 };
const JOB = "01F8MECHZX3TBDSZ7XRADM79XV";

/** What becomes of two devices whose job failed with this summary of errors. */
async function failedWith(summary: string) {
  const files = new TestServer(() => ({ status: 200, body: summary }));
  await files.start();
  const job = { bulkOpsRequestId: JOB, status: "FAILED", errorSummaryUrl: `${files.origin}/x` };
  use.server.answer(({ method }) =>
    method === "POST" ? { status: 202, body: { bulkOpsRequestId: JOB } } : { status: 200, body: job },
  );
  const device = { deviceId: "a", tags: [], firmwareTypes: [], credentialPem: pem("CERTIFICATE") };
  try {
    return await onboardDevices(use.transport, [device, { ...device, deviceId: "b" }], DEADLINES);
  } finally {
    await files.stop();
  }
}

it("a summary of errors that names reasons by them is read as any other", async () => {
  const map = JSON.stringify(JSON.stringify({ a: [1] }).replace('"a"', '"__proto__"'));
  const summary = `{"message":"1 error [reason -> rows (1-based)]: ${map.slice(1, -1)}."}`;
  expect(await failedWith(summary)).toEqual([
    { kind: "refused", reason: "__proto__", nothingDone: true },
    { kind: "done" },
  ]);
});

it("an answer that is nested without end is one that can't be used", async () => {
  use.server.answer(() => ({
    status: 200,
    body: `{"id":"a","tags":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
  }));
  expect((await rejection(fetchDevice(use.transport, "a"))).message).toContain(
    "does not have the documented form",
  );
});

describe("a refusal that repeats what it was sent", () => {
  const code = "PIN 424242/æ&";
  const token = `2dn3hQFQUFYGGVh${"Q".repeat(40)}.0oRDoQEmoQRBIVhA${"z".repeat(80)}`;
  const claim = { token, deviceUuid: "50565006-1958-4a1c-80a4-1c0d0c0e0f00", tags: [] };

  it.each<[string, string, (transport: Transport) => Promise<unknown>]>([
    ["AssociateDevice", code, (to) => associateDevice(to, { deviceId: "a", ownershipCode: code })],
    ["CreateDeviceCertificate", code, (to) => createDeviceCertificate(to, "a", code)],
    ["ClaimDeviceOwnership", token, (to) => claimDevice(to, claim)],
    ["ClaimDeviceOwnership of many", token, (to) => claimTogether(to, [claim, claim], DEADLINES)],
    ["ClaimDeviceOwnership, as a dry run", token, (to) => tryClaim(to, claim)],
  ])("does not show it: %s", async (_, secret, call) => {
    const echo = ({ method, url, headers, body }: Asked) =>
      [
        method,
        url.href,
        JSON.stringify(headers),
        body,
        JSON.stringify(body),
        encodeURIComponent(secret),
      ].join(" ");
    use.server.answer((asked) => ({ status: 400, body: { code: 40000, message: echo(asked) } }));
    const outcome = await call(use.transport).catch((error: unknown) => error);
    const said = outcome instanceof Error ? outcome.message : JSON.stringify(outcome);
    expect(said).toContain("[secret]");
    for (const hidden of [API_KEY, secret, encodeURIComponent(secret), secret.slice(0, 40)])
      expect(said).not.toContain(hidden);
  });

  it("does not show it for a row of many, and no part of it", async () => {
    use.server.answer(({ body }) => ({
      status: 200,
      body: {
        failed: [
          { row: 0, message: `${API_KEY} sent ${body}` },
          { row: 1, message: `no: ${token.slice(0, 60)}` },
        ],
      },
    }));
    const outcomes = await claimTogether(use.transport, [claim, { ...claim, deviceUuid: "b" }], DEADLINES);
    expect(outcomes.map((outcome) => (outcome.kind === "refused" ? outcome.reason : ""))).toEqual([
      expect.stringMatching(/^\[secret\] sent "\[secret\]" "\[secret\]"/),
      "no: [secret]",
    ]);
  });

  it("does not show the key in a summary of errors", async () => {
    const [first] = await failedWith(JSON.stringify({ errors: [`[0]: Bearer ${API_KEY} may not`] }));
    expect(first).toEqual({ kind: "refused", reason: "Bearer [secret] may not", nothingDone: true });
  });
});

/** Texts that a terminal, a reader or the log of a CI would take for something else than words. */
const hostile: [string, string, string][] = [
  ["colors", "\u001b[31mred", "\\u001b[31mred"],
  ["the title of a terminal", "\u001b]0;owned\u0007", "\\u001b]0;owned\\u0007"],
  ["control characters of eight bits", "\u009b31m", "\\u009b31m"],
  ["marks that turn the text", "a\u202eb\u2066c", "a\\u202eb\\u2066c"],
  ["marks that can't be seen", "a\u200bb\u{e0041}", "a\\u200bb\\udb40\\udc41"],
  ["half a character", "a\ud800", "a\\ud800"],
  ["further lines", "one\r\ntwo\u2028three\n\n four", "one two three four"],
  ["a command of GitHub", "x\n  ::error file=a::b", "x \\u003a:error file=a\\u003a:b"],
  ["an older command of GitHub", "x ##[error]b", "x \\u0023#[error]b"],
  ["a command that stops commands", "::stop-commands::x", "\\u003a:stop-commands\\u003a:x"],
  ["a command of Azure", "##vso[task.setvariable]x", "\\u0023#vso[task.setvariable]x"],
  ["a group of Buildkite", "\n--- x", "\\u002d-- x"],
  ["colors of Pulumi's engine", "<{%fg 1%}>", "\\u003c{%fg 1%}>"],
];

describe.each(hostile)("%s in an answer", (_, text, shown) => {
  it("are shown, and not obeyed: in a refusal", async () => {
    use.server.answer(() => ({ status: 422, body: { code: 42200, message: text } }));
    const error = await rejection(fetchDevice(use.transport, "a"));
    expect(error.message.split("\n")).toHaveLength(2);
    expect(error.message.split("\n")[0]).toBe(
      `FetchDevice for device a: nRF Cloud refused (HTTP 422, code 42200): ${shown}`,
    );
  });

  it("are shown, and not obeyed: in a summary of errors", async () => {
    const [first] = await failedWith(JSON.stringify({ errors: [`[0]: x${text}`] }));
    expect(first).toMatchObject({ kind: "refused", reason: expect.stringMatching(/^x[ -~]+$/) as string });
  });

  it("are shown, and not obeyed: in the name of a team", async () => {
    use.server.answer(() => ({ status: 200, body: { team: { tenantId: "mine", name: text } } }));
    const account = await fetchAccount(use.transport);
    expect(() => {
      requireTeam(account, "other", "Rule x");
    }).toThrow(`team mine (${shown})`);
  });
});

it("a refusal of 8 MB is cut off, and says so", async () => {
  const message = "Nothing but words. ".repeat(440_000);
  use.server.answer(() => ({ status: 422, body: { code: 42200, message } }));
  const error = await rejection(fetchDevice(use.transport, "a"));
  expect(error.message.length).toBeLessThan(2_500);
  expect(error.message).toContain(`(cut off: the text has ${message.length} characters)`);
});

it("no part of a key remains where a text is cut off", async () => {
  const message = `${API_KEY} `.repeat(400);
  for (const before of ["", "1234567", "1".repeat(20)]) {
    use.server.answer(() => ({ status: 422, body: { code: 42200, message: before + message } }));
    const [said = ""] = (await rejection(fetchDevice(use.transport, "a"))).message.split("\n");
    expect(said.replaceAll("[secret]", "")).not.toMatch(/[0-9a-f]{5}-|never/);
  }
});

it("the address of a file that is none is shown in the same way", async () => {
  const error = await rejection(
    use.transport.readFile({ operation: "X" }, `::error::${"\u001b".repeat(9_000)}`),
  );
  expect(error.message).toMatch(/^[\n -~…]+$/);
  expect(error.message).not.toContain("::");
  expect(error.message.length).toBeLessThan(2_500);
});
