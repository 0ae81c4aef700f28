import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { caCertificate } from "../../../provider/lifecycle/caCertificate.js";
import { deviceCertificate } from "../../../provider/lifecycle/deviceCertificate.js";
import { createCa } from "../../../provider/pki/ca.js";
import { createSigner } from "../../support/deviceSigner.js";
import { generateKeyPair } from "../../../provider/pki/keys.js";
import { useAccount } from "../../support/account.js";
import { asTakeOver } from "../../support/credentials.js";
import { connectDevice, fleetCa, StackOfSet, type Rows } from "../../support/deviceSet.js";
import { openssl, opensslMakes } from "../../support/openssl.js";
import { Resource } from "../../support/resource.js";

const account = useAccount({ mqttPort: 0 });
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account);
});

/** This machine's clock is off in one test. */
function clockAhead(ms: number): void {
  account.later(ms);
  onTestFinished(() => {
    account.later(-ms);
  });
}

/** The device connects with what the state has, or is refused. */
async function connects(id: string): Promise<void> {
  const device = connectDevice(account, stack, id);
  await device.reached("connected");
  await device.close();
}

const strictly = (certificate: string) =>
  openssl(["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca.pem", "device.pem"], {
    "ca.pem": stack.ca.certificatePem,
    "device.pem": certificate,
  });
const hasExtensions = (certificate: string) =>
  openssl(["x509", "-in", "device.pem", "-noout", "-text"], { "device.pem": certificate }).includes(
    "X509v3 extensions",
  );

describe("the profile of device certificates", () => {
  it("passes openssl's strict checks and the broker", async () => {
    await stack.up({ "lab-1": {} });
    expect(strictly(stack.certificates.get("lab-1") ?? "")).toContain("OK");
    await connects("lab-1");
  });

  it("is bare where that is declared, for new certificates", async () => {
    await stack.up({ "lab-1": {} });
    const before = stack.certificates.get("lab-1") ?? "";
    const rows: Rows = { "lab-1": {}, "lab-2": {} };
    const { told } = await stack.preview(rows, { profile: "bare" });
    expect(told).toContain("The present ones are not changed");
    await stack.up(rows, { profile: "bare" });
    expect(stack.certificates.get("lab-1")).toBe(before);
    expect(hasExtensions(before)).toBe(true);
    expect(hasExtensions(stack.certificates.get("lab-2") ?? "")).toBe(false);
    await connects("lab-2");
    expect((await stack.preview(rows, { profile: "bare" })).step).toBe("same");
    await expect(stack.preview(rows, { profile: "fancy" })).rejects.toThrow("must be one of rfc5280, bare");
  });
});

describe("this machine's clock", () => {
  it("may be a little off without a word: certificates begin an hour ago", async () => {
    clockAhead(5 * 60_000);
    expect((await stack.preview({ "lab-1": {} })).told).not.toContain("clock");
    await stack.up({ "lab-1": {} });
    const { validFrom } = new X509Certificate(stack.certificates.get("lab-1") ?? "");
    expect(Date.parse(validFrom)).toBeLessThan(Date.now() - 50 * 60_000);
    await connects("lab-1");
  });

  it("is reported if it is a day ahead, and the devices can connect nevertheless", async () => {
    clockAhead(DAY_MS);
    const { told } = await stack.preview({ "lab-1": {} });
    expect(told).toMatch(/1 device \(lab-1\): This machine's clock says .*, nRF Cloud's .*Correct the clock/);
    await stack.up({ "lab-1": {} });
    await connects("lab-1");
    const generated = new Resource(caCertificate, account.hosted);
    await generated.up({ subject: { commonName: "CA" } });
    expect(Date.parse(String(generated.outputs.validFrom))).toBeLessThan(Date.now());
    const single = new Resource(deviceCertificate, account.hosted);
    const { certificate, privateKey } = generated.outputs;
    await single.up({ deviceId: "d-1", caCertificate: certificate, caPrivateKey: privateKey });
    expect(Date.parse(String(single.outputs.validFrom))).toBeLessThan(Date.now());
  });

  it("is refused where certificates would have expired before they are sent", async () => {
    clockAhead(-40 * DAY_MS);
    stack.ca = createCa({
      subject: { commonName: "CA" },
      validity: { notBefore: new Date(Date.now() - 100 * DAY_MS), days: 4000 },
    });
    const short = { validityDays: 30 };
    await expect(stack.preview({ "lab-1": {} }, short)).rejects.toThrow("would have expired already");
    await expect(stack.up({ "lab-1": {} }, short)).rejects.toThrow("would have expired already");
    expect((await account.devices()).size).toBe(0);
  });
});

describe("what is brought", () => {
  const from = (days: number) => new Date(Date.now() + days * DAY_MS);
  const ca = (begins: number, days: number) =>
    createCa({ subject: { commonName: "Brought CA" }, validity: { notBefore: from(begins), days } });

  it.each([
    ["has ended", -20, 10, /the CA expired at/],
    ["has not started", 2, 10, /the CA begins at .* only/],
  ])("as a CA that %s is refused before it is used", async (_, begins, days, reason) => {
    const brought = ca(begins, days);
    account.newRun();
    await expect(new Resource(caCertificate, account.hosted).plan(asTakeOver(brought))).rejects.toThrow(
      reason,
    );
    stack.ca = brought;
    await expect(stack.preview({ "lab-1": {} })).rejects.toThrow(/1 device \(lab-1\): The CA /);
    await expect(stack.up({ "lab-1": {} })).rejects.toThrow("can't sign certificates for these devices now");
    await expect(
      new Resource(deviceCertificate, account.hosted).plan({
        deviceId: "d-1",
        caCertificate: brought.certificatePem,
        caPrivateKey: brought.privateKeyPem,
      }),
    ).rejects.toThrow(reason);
    expect((await account.devices()).size).toBe(0);
  });

  it("as a CA may end while it is in use: other changes go on", async () => {
    const brought = ca(-1, 10);
    account.newRun();
    const resource = new Resource(caCertificate, account.hosted);
    await resource.up(asTakeOver(brought));
    stack.ca = brought;
    await stack.up({ "lab-1": {} });
    clockAhead(20 * DAY_MS);
    account.newRun();
    resource.newRun();
    expect((await resource.plan(asTakeOver(brought))).step).toBe("same");
    expect((await stack.preview({ "lab-1": { tags: ["more"] } })).step).toBe("update");
  });

  it("as a device's certificate that has not begun is refused", async () => {
    const certificate = createSigner(fleetCa()).sign({
      commonName: "lab-1",
      publicKeyPem: generateKeyPair().publicKeyPem,
      validity: { notBefore: from(1), days: 30 },
    }).certificatePem;
    await expect(stack.preview({ "lab-1": { credential: { certificate } } })).rejects.toThrow(
      /devices.lab-1: certificate: The certificate begins at .* only, so the device can.t connect/,
    );
  });

  it("as a device's certificate is warned of by its own term", async () => {
    const certificate = createSigner(fleetCa()).sign({
      commonName: "lab-1",
      publicKeyPem: generateKeyPair().publicKeyPem,
      validity: { notBefore: from(-1), days: 60 },
    }).certificatePem;
    const rows: Rows = { "lab-1": { credential: { certificate } } };
    await stack.up(rows);
    expect((await stack.preview(rows)).told).toBe("");
    clockAhead(45 * DAY_MS);
    expect((await stack.preview(rows)).told).toContain("lab-1: its certificate expires soon");
  });
});

describe("the common name of a CSR", () => {
  const csrFor = (subject: string) =>
    String(
      opensslMakes(
        [
          `req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj ${subject} -out device.csr`,
        ],
        ["device.csr"],
      )[0],
    );
  const withCsr = (csr: string): Rows[string] => ({ credential: { csr } });

  it("is an error where it is another device of the fleet, or differs in case", async () => {
    const rows = {
      "lab-1": withCsr(csrFor("/CN=lab-2")),
      "lab-2": withCsr(csrFor("/CN=LAB-2")),
      "lab-3": withCsr(csrFor("/CN=lab-3")),
    };
    const preview = stack.preview(rows);
    await expect(preview).rejects.toThrow('devices.lab-1: csr names "lab-2", another device of the fleet');
    await expect(preview).rejects.toThrow(
      'devices.lab-2: csr names "LAB-2", which differs from lab-2 in case',
    );
    await expect(preview).rejects.not.toThrow("lab-3");
    await expect(stack.up(rows)).rejects.toThrow("another device of the fleet");
    expect((await account.devices()).size).toBe(0);
  });

  it("is said where it is any other, and nothing is said where it is the id or none", async () => {
    const rows = {
      "lab-1": withCsr(csrFor("/CN=modem")),
      "lab-2": withCsr(csrFor("/CN=lab-2")),
      "lab-3": withCsr(csrFor("/O=none")),
    };
    const { told } = await stack.preview(rows);
    expect(told).toContain('lab-1: its CSR names "modem",');
    expect(told).not.toMatch(/lab-[23]: its CSR/);
    await stack.up(rows);
    expect((await stack.preview(rows)).told).toBe("");
  });

  it("and the key are what a CSR asks for: signed again, it is no change", async () => {
    const [one = "", other = ""] = opensslMakes(
      [
        "ecparam -name prime256v1 -genkey -noout -out key.pem",
        "req -new -key key.pem -subj /CN=lab-1 -out one.csr",
        "req -new -key key.pem -subj /CN=lab-1 -out other.csr",
      ],
      ["one.csr", "other.csr"],
    ).map(String);
    expect(one).not.toBe(other);
    await stack.up({ "lab-1": withCsr(one) });
    const before = stack.certificates.get("lab-1");
    expect((await stack.preview({ "lab-1": withCsr(other) })).told).toBe("");
    await stack.up({ "lab-1": withCsr(other) });
    expect(stack.certificates.get("lab-1")).toBe(before);

    const ca = fleetCa();
    const inputs = { deviceId: "lab-1", caCertificate: ca.certificatePem, caPrivateKey: ca.privateKeyPem };
    const single = new Resource(deviceCertificate, account.hosted);
    await single.up({ ...inputs, csr: one });
    const { fingerprint } = single.outputs;
    expect(await single.plan({ ...inputs, csr: other })).toEqual({ step: "same", because: [] });
    expect(single.outputs.fingerprint).toBe(fingerprint);
    await expect(single.plan({ ...inputs, csr: csrFor("/CN=LAB-1") })).rejects.toThrow(
      "differs from lab-1 in case",
    );
  });
});
