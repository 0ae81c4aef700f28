import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import schema from "../../../schema/cli/preview.schema.json";
import { readPreview, type Digest } from "../../../cli/report/digest.js";
import { device, deviceSet, preview, step } from "../../../tools/picture/preview.mjs";
import { markdownFrom } from "./reports.js";

const printed = preview([device("lab-1", "create", { after: { tags: ["a"] } })]);

function digestOf(text: string): Digest {
  const read = readPreview(text);
  if (read.kind === "text") throw new Error(`no preview: ${read.text}`);
  return read.digest;
}

it("is read by a schema that keeps to the rules of schemas", () => {
  expect(new Ajv({ strict: true, allowUnionTypes: true }).compile(schema)).toBeTypeOf("function");
});

describe("what a preview prints", () => {
  it.each([
    ["alone", printed],
    ["after warnings", `warning: A new version of Pulumi is available.\n{ not this }\n${printed}`],
    ["before errors", `${printed}error: preview failed\n  }\n`],
    ["with Windows line ends", printed.replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\uFEFF${printed}`],
    [
      "on one line between others",
      `warning: {\n${JSON.stringify(JSON.parse(printed))}\nerror: preview failed\n`,
    ],
    ["with fields that are not known", printed.replace('"duration"', '"novelty": { "a": [1] }, "duration"')],
  ])("is read %s", (_, text) => {
    expect(digestOf(text).steps.map(({ op }) => op)).toEqual(["same", "create"]);
  });

  it("may be no JSON, which is then why the preview failed", () => {
    expect(readPreview("error: no stack named 'nope' found\n")).toEqual({
      kind: "text",
      text: "error: no stack named 'nope' found",
    });
    expect(markdownFrom("")).toContain("The preview printed nothing.");
  });

  it("may break off; nothing of the torso is shown, because it may hold secrets", () => {
    const torso = `warning: old CLI\n${printed.slice(0, -300)}`;
    expect(readPreview(torso)).toEqual({
      kind: "text",
      text: "warning: old CLI\nThe JSON of the preview breaks off. Was the preview stopped?",
    });
  });

  it.each([
    [
      "a stream of events",
      '{"sequence":0,"timestamp":1795456071,"preludeEvent":{}}\n{"sequence":1,"timestamp":2}\n',
      "PULUMI_ENABLE_STREAMING_JSON_PREVIEW",
    ],
    ["another JSON", '{"version":3,"deployment":{}}', "changeSummary"],
    ["steps without an operation", '{"steps":[{"urn":"x"}],"changeSummary":{}}', "/steps/0"],
  ])("is refused as %s", (_, text, words) => {
    expect(() => readPreview(text)).toThrow(words);
    expect(() => readPreview(text)).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  });
});

describe("secrets in a preview", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49\n-----END PRIVATE KEY-----\n";
  const token = `2dn3hQFQlkHmQ0sVS2C8My6XGxTM9QZQDg9O.0oRDoQEmoQRBIfZYQCoQ`;
  const everything = preview(
    [
      step("Device", "lab-1", "update", {
        before: { deviceId: "lab-1", tags: ["a"], note: key },
        after: { deviceId: "lab-1", tags: ["b"] },
        outputs: { privateKey: key },
        differ: ["tags"],
      }),
      step("OwnershipClaim", "nrf-1", "create", {
        after: { deviceId: "nrf-1", ownershipCode: "sesame-271828" },
      }),
      step("CaCertificate", "ca", "create", {
        after: { takeOver: { pkcs12: "MIIKcAIB", password: "hunter2-hunter2" } },
      }),
      step("AttestationClaim", "u-1", "create", { after: { deviceUuid: "u-1", tags: [token], token } }),
      step("random:index/randomPassword:RandomPassword", "pw", "create", {
        after: {
          result: {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            plaintext: '"tr0ub4dor"',
          },
          pepper: "pepper-mill",
        },
        state: { additionalSecretOutputs: ["pepper"] },
      }),
    ],
    {
      diagnostics: [
        {
          severity: "error",
          message: `error: sesame-271828 with tr0ub4dor and ${token} is refused:\n${key}`,
        },
      ],
    },
  );

  it("are shown nowhere, even if they were printed in clear", () => {
    const markdown = markdownFrom(everything);
    expect(markdown).toContain("`ownership code` `[secret]`");
    expect(markdown).toContain("[secret] with [secret] and [secret] is refused");
    for (const secret of [
      "sesame",
      "hunter2",
      "MIIKcAIB",
      "MIGHAgEA",
      "2dn3hQFQ",
      "0oRDoQEm",
      "tr0ub4dor",
      "pepper-mill",
    ]) {
      expect(markdown).not.toContain(secret);
      expect(JSON.stringify(readPreview(everything))).not.toContain(secret);
    }
  });

  it("of a set are neither shown nor taken for ids, which may read like the name of one", () => {
    const materials = JSON.stringify({
      "kit-1": "sesame-271828",
      "csr-1": "-----BEGIN CERTIFICATE REQUEST-----",
    });
    const given = preview(
      [
        deviceSet(
          {
            "token-1": { before: "tags=a", after: "tags=b" },
            "kit-1": { before: "via=jitp" },
          },
          {
            before: { materials, journalKey: "am91cm5hbC1rZXk=", caPrivateKey: key },
            after: { materials: "{}", journalKey: "am91cm5hbC1rZXk=", caPrivateKey: key },
            outputs: { privateKeys: '{"token-1":"c2NhbGFyLW9mLXRoZS1rZXk"}' },
          },
        ),
        step("JournalKey", "fleet-journal", "delete", { before: {}, outputs: { key: "am91cm5hbC1rZXk=" } }),
      ],
      { diagnostics: [{ severity: "error", message: "code sesame-271828, key c2NhbGFyLW9mLXRoZS1rZXk" }] },
    );
    const markdown = markdownFrom(given);
    expect(markdown).toContain("`token-1` · `tags added` `b`, `tags removed` `a`");
    expect(markdown).toContain("code [secret], key [secret]");
    const all = `${markdown} ${JSON.stringify(readPreview(given))}`;
    for (const secret of ["sesame", "am91cm5hbC1rZXk", "MIGHAgEA", "c2NhbGFy"])
      expect(all).not.toContain(secret);
  });

  it("are shown nowhere when all that was printed is text", () => {
    expect(readPreview(`error: ${token} is refused\n${key}`)).toEqual({
      kind: "text",
      text: "error: [secret] is refused\n[secret]",
    });
  });
});
