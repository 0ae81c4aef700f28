import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, it } from "vitest";
import { caCertificate } from "../../provider/lifecycle/caCertificate.js";
import { deviceCertificate } from "../../provider/lifecycle/deviceCertificate.js";
import { createCa } from "../../provider/pki/ca.js";
import { asTakeOver, csrs } from "../support/credentials.js";
import { offline } from "../support/offline.js";
import { Resource } from "../support/resource.js";

const { hosted } = offline();

/** Values that are the same thing in other words share a meaning. */
interface Worded {
  readonly value: unknown;
  readonly meaning: unknown;
}
const worded = (...all: readonly [value: unknown, meaning: unknown][]) =>
  fc.constantFrom(...all.map(([value, meaning]): Worded => ({ value, meaning })));

const newCa = fc.record({
  subject: worded(
    [{ commonName: "One" }, "One"],
    [{ commonName: "One", organization: "Acme" }, "One of Acme"],
    [{ organization: "Acme", commonName: "One" }, "One of Acme"],
  ),
  validityDays: worded([undefined, 3650], [3650, 3650], [20, 20]),
  serialNumber: worded(
    [undefined, undefined],
    ["0A", 10],
    ["0x0a", 10],
    ["a", 10],
    ["00:0a", 10],
    ["0b", 11],
  ),
  pathLength: worded([undefined, 0], [1, 1], [2, 2]),
  keyUsage: worded(
    [undefined, "sign"],
    [["keyCertSign", "cRLSign"], "sign"],
    [["cRLSign", "keyCertSign", "cRLSign"], "sign"],
    [["keyCertSign"], "certificates only"],
  ),
});
const early = fc.constantFrom(undefined, 1, 720);

const inputsOf = (worded: Readonly<Record<string, Worded>>, more: object = {}) => ({
  ...Object.fromEntries(Object.entries(worded).map(([key, { value }]) => [key, value])),
  ...more,
  stack: "dev",
});
/** What only another one can follow. */
const differing = (one: Readonly<Record<string, Worded>>, other: Readonly<Record<string, Worded>>) =>
  Object.keys(one).filter((key) => !isDeepStrictEqual(one[key]?.meaning, other[key]?.meaning));

it("a CA is replaced for what its certificate says, in whatever words, and for nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(newCa, newCa, early, early, async (one, other, earlyBefore, earlyNow) => {
      const ca = new Resource(caCertificate, hosted);
      const before = inputsOf(one, { earlyRenewalHours: earlyBefore });
      const now = inputsOf(other, { earlyRenewalHours: earlyNow });
      await ca.up(before);
      expect(await ca.plan(before)).toEqual({ step: "same", because: [] });
      const { id, outputs } = ca;

      const because = differing(one, other);
      expect(await ca.plan(now)).toMatchObject({ because });
      const step = await ca.up(now);
      expect(step === "replace").toBe(because.length > 0);
      if (isDeepStrictEqual(before, now)) expect(step).toBe("same");
      if (step !== "replace") {
        expect(ca.id).toBe(id);
        expect(ca.outputs.privateKey).toBe(outputs.privateKey);
      }
      expect(ca.outputs.renewAfter).toBe(
        new Date(Date.parse(String(ca.outputs.validUntil)) - (earlyNow ?? 720) * 3_600_000).toISOString(),
      );
      expect(await ca.plan(now)).toEqual({ step: "same", because: [] });
      await ca.refresh();
      expect(await ca.plan(now)).toEqual({ step: "same", because: [] });
    }),
    { numRuns: 80 },
  );
});

it("a CA that is taken over is kept as long as it is the same certificate, and its key is never an input again", async () => {
  const make = (commonName: string) =>
    createCa({ subject: { commonName }, validity: { notBefore: new Date(), days: 30 } });
  const [one, other] = [make("One"), make("Other")];
  const ca = new Resource(caCertificate, hosted);
  await ca.up(asTakeOver(one));
  const crlf = {
    takeOver: { certificate: one.certificatePem.replaceAll("\n", "\r\n"), privateKey: one.privateKeyPem },
  };
  expect(await ca.plan(crlf)).toEqual({ step: "same", because: [] });
  expect(await ca.plan(asTakeOver(other))).toEqual({ step: "replace", because: ["takeOver"] });
  expect(await ca.plan({ subject: { commonName: "One" } })).toMatchObject({ step: "replace" });
  expect(Object.keys(ca.outputs)).not.toContain("takeOver");

  // A generated CA that was written down and is declared by its own certificate stays the one it is.
  const generated = new Resource(caCertificate, hosted);
  await generated.up({ subject: { commonName: "Generated" } });
  const { certificate, privateKey } = generated.outputs;
  const { id } = generated;
  expect(await generated.up({ takeOver: { certificate, privateKey } })).toBe("update");
  expect(generated.id).toBe(id);
});

it.each([
  [{ keyUsage: ["cRLSign"] }, "keyUsage: lacks keyCertSign"],
  [{ pathLength: 256 }, "pathLength: must be a whole number, 0 to 255"],
])("a CA that could not be made is refused in the preview: %j", async (inputs, reason) => {
  await expect(
    new Resource(caCertificate, hosted).plan({ subject: { commonName: "x" }, ...inputs }),
  ).rejects.toThrow(reason);
});

it("a device certificate is replaced for its device, CA, request or generation, and issued again for its validity", async () => {
  const cas = [new Resource(caCertificate, hosted), new Resource(caCertificate, hosted)];
  for (const ca of cas) await ca.up({ subject: { commonName: "CA" } });
  const requests = csrs();
  const two = fc.constantFrom(0, 1);
  const inputs = fc.record({
    deviceId: two.map((i) => ({ value: `d-${i}`, meaning: i })),
    caCertificate: two.map((i) => ({ value: cas[i]?.outputs.certificate, meaning: i })),
    csr: fc
      .constantFrom(undefined, 0, 1)
      .map((i) => ({ value: i === undefined ? undefined : requests[i], meaning: i })),
    generation: worded([undefined, undefined], [2, 2], [3, 3]),
  });
  const term = fc.record({
    validityDays: fc.constantFrom(undefined, 3650, 3),
    earlyRenewalHours: fc.constantFrom(undefined, 0, 1),
  });
  await fc.assert(
    fc.asyncProperty(inputs, inputs, term, term, async (one, other, termBefore, termNow) => {
      const certificate = new Resource(deviceCertificate, hosted);
      const keyOf = ({ caCertificate }: typeof one) => ({
        caPrivateKey: cas[caCertificate.meaning]?.outputs.privateKey,
      });
      const before = inputsOf(one, { ...termBefore, ...keyOf(one) });
      const now = inputsOf(other, { ...termNow, ...keyOf(other) });
      await certificate.up(before);
      expect(await certificate.plan(before)).toEqual({ step: "same", because: [] });
      const { privateKey, fingerprint } = certificate.outputs;
      const because = differing(one, other);
      expect(await certificate.plan(now)).toMatchObject({ because });
      const step = await certificate.up(now);
      expect(step === "replace").toBe(because.length > 0);
      if (step !== "replace") {
        expect(certificate.outputs.privateKey).toBe(privateKey);
        const sameTerm = (termBefore.validityDays ?? 3650) === (termNow.validityDays ?? 3650);
        expect(certificate.outputs.fingerprint === fingerprint).toBe(sameTerm);
      }
      expect(await certificate.plan(now)).toEqual({ step: "same", because: [] });
    }),
    { numRuns: 80 },
  );
});
