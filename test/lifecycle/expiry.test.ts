import { expect, test } from "vitest";
import { createCa } from "../../provider/pki/ca.js";
import { createSigner } from "../support/deviceSigner.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld();

const DAY_MS = 24 * 60 * 60 * 1000;

/** A validity of which so many days are over. */
function validity(daysAgo: number, days: number) {
  return { notBefore: new Date(Date.now() - daysAgo * DAY_MS), days };
}

test("previews warn of certificates and CAs that end soon, once for all devices alike", async () => {
  const ca = createCa({ subject: { commonName: "Old CA" }, validity: validity(3570, 3650) });
  const signer = createSigner(ca);
  const certificate = (commonName: string, daysAgo: number) =>
    signer.sign({
      commonName,
      publicKeyPem: generateKeyPair().publicKeyPem,
      validity: validity(daysAgo, 300),
    }).certificatePem;
  const stack = await world.stack({
    files: {
      "ca.pem": ca.certificatePem,
      "ca.key": ca.privateKeyPem,
      "old-1.pem": certificate("old-1", 250),
      "old-2.pem": certificate("old-2", 290),
      "young-1.pem": certificate("young-1", 100),
      "fleet.yaml": `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca: { certificate: { file: ca.pem }, privateKey: { file: ca.key } }
groups:
  lab:
    devices:
${["old-1", "old-2", "young-1"].map((id) => `      - { id: ${id}, certificate: { file: ${id}.pem } }\n`).join("")}      - issued-1
`,
    },
  });
  succeeded(await stack.up());
  const { code, output } = await stack.preview("--expect-no-changes");
  expect(code).toBe(0);
  expect(output).toContain("CA Old CA: expires at");
  // No certificate lasts longer than its CA, which ends in 80 days: early for one of ten years, and not yet soon for one of 180 days.
  const [, told = ""] = /3 times: its certificate expires soon.*\((.*)\)/.exec(output) ?? [];
  expect(told.split(", ").sort()).toEqual(["issued-1", "old-1", "old-2"]);
});
