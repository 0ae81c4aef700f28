import { describe, expect, test } from "vitest";
import { htmlOf } from "../../../cli/report/html.js";
import { markdownOf } from "../../../cli/report/markdown.js";
import { createCa } from "../../../provider/pki/ca.js";
import { step } from "../../../tools/picture/preview.mjs";
import { reportOn } from "./reports.js";

const validity = { notBefore: new Date("2026-11-01T00:00:00Z"), days: 3650 };
const { certificatePem: certificate } = createCa({ subject: { commonName: "Acme Field CA" }, validity });
const command = { command: ["./sign.sh", "--pin=271828"] };
const token = { pkcs11: { uri: "pkcs11:token=fleet;object=ca", module: "p11.so", pin: { env: "HSM_PIN" } } };
const subject = { commonName: "Acme Lab CA" };
const held = { commonName: "Acme Lab CA", certificate, privateKey: "[secret]" };

/** The section as Markdown, and whether the page has the same. */
function section(...steps: Parameters<typeof reportOn>) {
  const report = reportOn(...steps);
  const [html = ""] = /<section aria-label="CA's key">.*?<\/section>/s.exec(htmlOf(report)) ?? [];
  const page = html.replaceAll("&quot;", '"').replaceAll("&#34;", '"');
  for (const { ca, before, after } of report.caKeys)
    for (const text of [ca, before, after]) expect(page).toContain(text ?? "");
  const markdown = markdownOf(report);
  for (const text of [markdown, htmlOf(report)]) expect(text).not.toContain("271828");
  return /### CA's key\n\n((?:- .*\n)+)/.exec(markdown)?.[1]?.trim();
}

describe("a report says where the key of a CA is:", () => {
  test("in the state", () => {
    expect(section(step("CaCertificate", "lab-ca", "create", { after: { subject } }))).toBe(
      "- `Acme Lab CA (lab-ca)`: `in the state (encrypted)`",
    );
    const takeOver = { after: { takeOver: "[secret]" } };
    expect(section(step("CaCertificate", "lab-ca", "create", takeOver))).toBe(
      "- `lab-ca`: `in the state (encrypted)`",
    );
  });

  test("with a signer, by the program alone", () => {
    expect(
      section(step("CaCertificate", "field-ca", "create", { after: { certificate, signer: command } })),
    ).toBe('- `Acme Field CA (field-ca)`: `with the signer: command "./sign.sh"`');
    expect(
      section(step("CaCertificate", "field-ca", "create", { after: { certificate, signer: token } })),
    ).toBe("- `Acme Field CA (field-ca)`: `with the signer: PKCS#11 token`");
  });

  test("where it moves", () => {
    const moves = step("CaCertificate", "field-ca", "update", {
      id: "ca",
      before: { takeOver: "[secret]" },
      after: { certificate, signer: command },
      outputs: held,
    });
    expect(section(moves)).toBe(
      '- `Acme Field CA (field-ca)`: `in the state (encrypted)` → `with the signer: command "./sign.sh"`',
    );
    const other = step("CaCertificate", "field-ca", "update", {
      id: "ca",
      before: { certificate, signer: command },
      after: { certificate, signer: { command: ["./sign.sh", "--pin=314159"] } },
      outputs: { certificate, signer: command },
    });
    const [change] = reportOn(other).changes;
    expect(change?.fields).toEqual([
      { field: "signer", before: "./sign.sh", after: "./sign.sh with other arguments" },
    ]);
  });

  test("of a CA that is of no resource of the stack, and of none that leaves", () => {
    const set = { name: "fleet", stack: "dev", devices: {}, caCertificate: certificate, caSigner: token };
    expect(section(step("DeviceSet", "fleet", "create", { after: set }))).toBe(
      "- `Acme Field CA`: `with the signer: PKCS#11 token`",
    );
    const own = step("CaCertificate", "ca", "same", {
      id: "ca",
      before: { certificate, signer: token },
      after: { certificate, signer: token },
      outputs: { certificate, signer: token },
    });
    expect(section(own, step("DeviceSet", "fleet", "create", { after: set }))).toBe(
      "- `Acme Field CA (ca)`: `with the signer: PKCS#11 token`",
    );
    const gone = step("CaCertificate", "lab-ca", "delete", { id: "ca", before: { subject }, outputs: held });
    expect(section(gone)).toBeUndefined();
  });
});
