import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { bundlesIn, keptBundlesIn, type Bundle } from "../../cli/credentials/bundle.js";
import { filesOf, writeBundles } from "../../cli/credentials/files.js";
import type { Flashing } from "../../cli/credentials/flashing.js";
import { tryServerRoot } from "../../cli/credentials/handshake.js";
import { AMAZON_ROOT_CA_1, NRF_CLOUD_COAP_ROOT } from "../../cli/credentials/publicRoots.js";
import {
  nordicRoot,
  readServerRoot,
  requireServerRoot,
  serverRootFor,
  type ServerRoot,
} from "../../cli/credentials/serverRoot.js";
import { parseState } from "../../cli/state/export.js";
import type { Emulator } from "../../emulator/index.js";
import { createCa, takeOverCa } from "../../provider/pki/ca.js";
import { createSigner } from "../support/deviceSigner.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { field, ourClient, row } from "../emulator/support/client.js";
import { connectOnce, emulateBroker, issue } from "../emulator/support/mqtt.js";
import { openssl, opensslMakes } from "../support/openssl.js";
import { exported, resource } from "./states.js";

const TAG = 16842753;
const now = new Date();
const validity = { notBefore: new Date(now.getTime() - 3_600_000), days: 30 };
const ca = createCa({ subject: { commonName: "Acme CA" }, validity });
const signer = createSigner(ca);

function issuedBundle(deviceId: string, more: Partial<Bundle> = {}): Bundle {
  const { publicKeyPem, privateKeyPem } = generateKeyPair();
  const { certificatePem } = signer.sign({ commonName: deviceId, publicKeyPem, validity });
  return {
    deviceId,
    certificate: certificatePem,
    privateKey: privateKeyPem,
    issuingCa: ca.certificatePem,
    issuingChain: undefined,
    serverRoot: undefined,
    ...more,
  };
}

const flashing = (serverRoot: ServerRoot | undefined, more: Partial<Flashing> = {}): Flashing => ({
  securityTag: TAG,
  serverRoot,
  coap: false,
  server: { host: "mqtt.nrfcloud.com", port: 8883 },
  ...more,
});

/** What is written of a bundle, by the end of each file's name. */
function written(bundle: Bundle, how: Flashing): ReadonlyMap<string, string> {
  const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-flashing-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  writeBundles(folder, [bundle], how, { overwrite: false });
  const stem = bundle.deviceId.replaceAll(":", "%3A");
  return new Map(
    readdirSync(folder).map((name) => {
      expect(name.startsWith(`${stem}_`)).toBe(true);
      return [name.slice(stem.length + 1), readFileSync(path.join(folder, name), "utf8")];
    }),
  );
}

/** What a modem has after a script: it takes commands up to a line end outside of quotes, and lists digests of what it keeps. */
function modemAfter(script: string) {
  const kept = new Map<string, string>();
  const answers: string[] = [];
  let isOffline = false;
  const commands = [...script.matchAll(/((?:[^"\r\n]|"[^"]*")+)\r\n/g)];
  expect(commands.map(([whole]) => whole).join("")).toBe(script);
  for (const [, command = ""] of commands) {
    const write = /^AT%CMNG=0,(\d+),([012]),"([^"]+)"$/.exec(command);
    const list = /^AT%CMNG=1,(\d+)$/.exec(command);
    if (command === "AT+CFUN=4") isOffline = true;
    else if (write !== null && isOffline) kept.set(`${write[1]},${write[2]}`, write[3] ?? "");
    else if (list !== null)
      for (const [place, content] of kept)
        if (place.startsWith(`${list[1]},`)) answers.push(`%CMNG: ${place},"${digest(content)}"`);
    if (command !== "AT+CFUN=4" && write === null && list === null) throw new Error(`ERROR: ${command}`);
  }
  return { kept, answers };
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex").toUpperCase();

const brokerOf = ({ mqtt }: Emulator) => {
  if (mqtt === undefined) throw new Error("no broker");
  return mqtt;
};

describe("a device that has exactly what its files hold", () => {
  test("connects, and one that has its issuing CA as root does not", async () => {
    const emulator = await emulateBroker();
    const { host, port, caCert } = brokerOf(emulator);
    const bundle = issuedBundle("lab-1");
    expect(await ourClient(emulator).bulk([row("lab-1", bundle.certificate)])).toMatchObject({
      status: "SUCCEEDED",
    });
    const root = readServerRoot(caCert, "root.pem", now);
    const files = written(bundle, flashing(root, { server: { host, port } }));
    expect([...files.keys()].sort()).toEqual([
      "cmng.at",
      "crt.pem",
      "issuing-ca.pem",
      "manifest.json",
      "prv.pem",
      "server-root.pem",
    ]);

    const file = (name: string) => files.get(name) ?? "";
    const identity = { clientId: "lab-1", cert: file("crt.pem"), key: file("prv.pem") };
    expect(await connectOnce(emulator, identity, { ca: file("server-root.pem") })).toBeDefined();
    expect(await connectOnce(emulator, identity, { ca: file("issuing-ca.pem") })).toBeUndefined();

    const { kept } = modemAfter(file("cmng.at"));
    const inModem = (type: number) => kept.get(`${TAG},${type}`) ?? "";
    expect(
      await connectOnce(
        emulator,
        { clientId: "lab-1", cert: inModem(1), key: inModem(2) },
        { ca: inModem(0) },
      ),
    ).toBeDefined();
  });

  test("connects just in time, with its issuer's certificate after its own and the root that nRF Cloud sent with it", async () => {
    const emulator = await emulateBroker();
    const { cert, key } = await issue(ourClient(emulator), "kit:1");
    const outputs = { certificateBundle: cert, privateKey: key, serverCa: brokerOf(emulator).caCert };
    const kit = resource("JitpCertificate", "kit", { inputs: { deviceId: "kit:1" }, outputs });
    const bundles = bundlesIn(parseState(exported({ sets: [], others: [kit] }), "a test"));
    const bundle = bundles.get("kit:1");
    if (bundle === undefined) throw new Error("no bundle");
    const root = serverRootFor(bundles.values(), { given: undefined, coap: false, isNordics: false });
    const { kept } = modemAfter(written(bundle, flashing(root)).get("cmng.at") ?? "");
    const inModem = (type: number) => kept.get(`${TAG},${type}`) ?? "";
    expect(inModem(1).match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    const identity = { clientId: "kit:1", cert: inModem(1), key: inModem(2) };
    // The first connect only registers it.
    expect(await connectOnce(emulator, identity, { ca: inModem(0) })).toBeUndefined();
    expect(await connectOnce(emulator, identity, { ca: inModem(0) })).toBeDefined();
  });
});

describe("the files of a device", () => {
  test("are described by a manifest that has no secret, and whose digests are those of files and modem", () => {
    const bundle = issuedBundle("lab:1");
    const files = written(bundle, flashing(nordicRoot({ coap: false }), { securityTag: 42 }));
    const text = files.get("manifest.json") ?? "";
    expect(text).not.toContain("PRIVATE KEY");
    for (const line of bundle.privateKey?.split("\n") ?? [])
      if (line !== "") expect(text).not.toContain(line);

    const certificate = new X509Certificate(bundle.certificate);
    expect(JSON.parse(text)).toMatchObject({
      version: 1,
      deviceId: "lab:1",
      securityTag: 42,
      server: { host: "mqtt.nrfcloud.com", port: 8883 },
      serverRoot: [{ subject: { commonName: "Amazon Root CA 1" }, validUntil: "2038-01-17T00:00:00Z" }],
      certificate: {
        subject: { commonName: "lab:1" },
        serialNumber: certificate.serialNumber.toLowerCase(),
        validUntil: new Date(certificate.validTo).toISOString().replace(".000", ""),
        fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
      },
      privateKey: "file",
    });
    const entries = entriesOf(text);
    expect(entries.map(({ name }) => name)).toEqual(
      ["server-root.pem", "crt.pem", "prv.pem", "issuing-ca.pem", "cmng.at"].map((end) => `lab%3A1_${end}`),
    );
    for (const { name, sha256 } of entries)
      expect(sha256).toBe(digest(files.get(name.replace("lab%3A1_", "")) ?? "").toLowerCase());
    const { answers } = modemAfter(files.get("cmng.at") ?? "");
    expect(answers).toEqual(
      entries.flatMap(({ modem }) => (modem ? [`%CMNG: 42,${modem.type},"${modem.sha256}"`] : [])),
    );
    expect(answers).toHaveLength(3);
  });

  test("have no private key where the device made its own, and the script leaves that in the modem alone", () => {
    const bundle = issuedBundle("csr-1", { privateKey: undefined });
    const files = written(bundle, flashing(nordicRoot({ coap: false })));
    expect(files.has("prv.pem")).toBe(false);
    expect([...files.values()].join("")).not.toContain("PRIVATE KEY");
    const { kept } = modemAfter(files.get("cmng.at") ?? "");
    expect([...kept.keys()]).toEqual([`${TAG},0`, `${TAG},1`]);
    expect(JSON.parse(files.get("manifest.json") ?? "")).toMatchObject({
      privateKey: "device",
      commands: {
        device_credentials_installer: [
          `device_credentials_installer --sectag ${TAG} --local-cert-file csr-1_server-root.pem --cert-type 0`,
          `device_credentials_installer --sectag ${TAG} --local-cert-file csr-1_crt.pem --cert-type 1`,
        ],
        nrfcredstore: [
          `nrfcredstore auto write ${TAG} ROOT_CA_CERT csr-1_server-root.pem`,
          `nrfcredstore auto write ${TAG} CLIENT_CERT csr-1_crt.pem`,
        ],
      },
    });
  });

  test.each([
    [
      "nRF Cloud's root",
      nordicRoot({ coap: false }),
      false,
      [`--id-str lab-1 --sectag ${TAG} --delete --verify --csv ""`],
    ],
    [
      "its roots for CoAP too",
      nordicRoot({ coap: true }),
      true,
      [`--id-str lab-1 --sectag ${TAG} --delete --verify --csv "" --coap`],
    ],
    [
      "another root, which Nordic's installer does not have",
      readServerRoot(ca.certificatePem, "root.pem", now),
      false,
      ["server-root", "crt", "prv"].map(
        (end, type) => `--sectag ${TAG} --local-cert-file lab-1_${end}.pem --cert-type ${type}`,
      ),
    ],
  ])("come with the command of Nordic's installer for %s", (_, root, coap, commands) => {
    const files = filesOf(issuedBundle("lab-1"), flashing(root, { coap }));
    const manifest: unknown = JSON.parse(files.at(-1)?.content ?? "");
    expect(field(field(manifest, "commands"), "device_credentials_installer")).toEqual(
      commands.map((each) => `device_credentials_installer ${each}`),
    );
  });

  test("of no two devices have a name in common", () => {
    const ends = filesOf(issuedBundle("x"), flashing(nordicRoot({ coap: false }))).map(({ name }) =>
      name.slice(1),
    );
    for (const one of ends)
      for (const other of ends) if (one !== other) expect(one.endsWith(other)).toBe(false);
  });
});

describe("an intermediate CA", () => {
  const [root, upper, lower, lowerKey] = opensslMakes(
    [
      "req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj /CN=root -days 900 -out root.pem",
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout upper.key -subj /CN=upper -addext basicConstraints=critical,CA:TRUE -out upper.csr",
      "x509 -req -in upper.csr -CA root.pem -CAkey root.key -copy_extensions copyall -days 800 -out upper.pem",
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout lower.key -subj /CN=lower -addext basicConstraints=critical,CA:TRUE -out lower.csr",
      "x509 -req -in lower.csr -CA upper.pem -CAkey upper.key -copy_extensions copyall -days 700 -out lower.pem",
    ],
    ["root.pem", "upper.pem", "lower.pem", "lower.key"],
  ).map(String) as [string, string, string, string];
  const issuer = createSigner(takeOverCa({ certificatePem: lower, privateKeyPem: lowerKey }));
  const certificateOf = (commonName: string) =>
    issuer.sign({ commonName, publicKeyPem: generateKeyPair().publicKeyPem, validity }).certificatePem;

  /** The next certificate of lab-1 is of the intermediate CA; so are both of lab-2. */
  const next = {
    generation: 2,
    order: "issue",
    validUntil: undefined,
    issuedWith: undefined,
    privateKey: generateKeyPair().privateKeyPem,
  };
  const rotation = (id: string) => ({
    generation: 1,
    order: "issue",
    at: now.toISOString(),
    next: { ...next, certificate: certificateOf(id) },
  });
  const line = "generation=2 phase=issue";
  const state = (chain: string | undefined) =>
    parseState(
      exported({
        sets: [
          {
            rows: {
              "lab-1": { line, key: true, ...issuedBundle("lab-1"), rotation: rotation("lab-1") },
              "lab-2": { line, key: true, certificate: certificateOf("lab-2"), rotation: rotation("lab-2") },
            },
            // As the set has them beside the resources.
            inputs: { caCertificate: ca.certificatePem, nextCaCertificate: lower },
          },
        ],
        others: [
          resource("CaCertificate", "ca", { outputs: { certificate: ca.certificatePem } }),
          resource("CaCertificate", "next", { outputs: { certificate: lower, chain } }),
        ],
      }),
      "a test",
    );

  test("has its chain, in order, for the present and the next certificates", () => {
    const resources = state(`${upper}\n${root}`);
    const [present, kept] = [bundlesIn(resources), keptBundlesIn(resources, "next")];
    expect(present.get("lab-1")).toMatchObject({ issuingCa: ca.certificatePem, issuingChain: undefined });
    for (const bundle of [present.get("lab-2"), kept.get("lab-1"), kept.get("lab-2")])
      expect(bundle).toMatchObject({ issuingCa: lower, issuingChain: `${upper}${root}` });
    expect(bundlesIn(state(undefined)).get("lab-2")).toMatchObject({ issuingChain: undefined });
  });

  test("has the chain in a file, named by the manifest with its digest, and the modem gets none of it", () => {
    const bundle = keptBundlesIn(state(`${upper}${root}`), "next").get("lab-1");
    if (bundle === undefined) throw new Error("no bundle");
    const files = written(bundle, flashing(nordicRoot({ coap: false })));
    const chain = files.get("issuing-chain.pem") ?? "";
    expect(chain).toBe(`${upper}${root}`);
    expect(
      openssl(["verify", "-CAfile", "chain.pem", "-untrusted", "ca.pem", "device.pem"], {
        "chain.pem": chain,
        "ca.pem": files.get("issuing-ca.pem") ?? "",
        "device.pem": files.get("crt.pem") ?? "",
      }),
    ).toBe("device.pem: OK\n");
    const entry = entriesOf(files.get("manifest.json") ?? "").find(({ name }) => name.endsWith("chain.pem"));
    expect(entry).toEqual({
      name: "lab-1_issuing-chain.pem",
      meaning: "The certificates above the issuing CA, from its signer upwards. They are not for the device.",
      sha256: digest(chain).toLowerCase(),
    });
    const { kept } = modemAfter(files.get("cmng.at") ?? "");
    expect([...kept.keys()]).toEqual([0, 1, 2].map((type) => `${TAG},${type}`));
    expect(kept.get(`${TAG},1`)?.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    expect(files.get("manifest.json")).not.toContain("--cert-type 3");
  });

  test.each([
    ["of its chain", `${upper}${root}`],
    ["of its middle, where the chain ends below it", upper],
  ])("has a root %s that is no server root", (_, chain) => {
    const bundles = [...bundlesIn(state(chain)).values()];
    const other = createCa({ subject: { commonName: "Server root" }, validity }).certificatePem;
    const wish = (pem: string) => () => {
      requireServerRoot(readServerRoot(pem, "root.pem", now), bundles);
    };
    expect(wish(`${other}${root}`)).toThrow(
      "--server-root names a root above the CA that issued the certificates of lab-2. A device needs the root of the server",
    );
    expect(wish(other)).not.toThrow();
  });
});

describe("the server root", () => {
  test("of nRF Cloud is the one that Node trusts under its name", () => {
    const { fingerprint256 } = new X509Certificate(AMAZON_ROOT_CA_1);
    const known = rootCertificates.map((pem) => new X509Certificate(pem));
    expect(known.find(({ subject }) => subject.includes("CN=Amazon Root CA 1"))?.fingerprint256).toBe(
      fingerprint256,
    );
    const both = nordicRoot({ coap: true });
    // As Nordic's installer writes them, to the last byte: `--verify` and the manifest go by digests.
    expect(both.pem).toBe(`${AMAZON_ROOT_CA_1}\n${NRF_CLOUD_COAP_ROOT}`);
    expect(both.certificates.map(({ subject }) => subject.commonName)).toEqual([
      "Amazon Root CA 1",
      "nRF Cloud",
    ]);
  });

  test("is the given one, or the one that nRF Cloud sent, or nRF Cloud's own, or not known", () => {
    const sent = issuedBundle("kit-1", { serverRoot: ca.certificatePem });
    const given = nordicRoot({ coap: false });
    const pemFor = (bundles: readonly Bundle[], choice: Partial<Parameters<typeof serverRootFor>[1]>) =>
      serverRootFor(bundles, { given: undefined, coap: false, isNordics: false, ...choice })?.pem;
    const plain = issuedBundle("lab-1");
    expect(pemFor([plain, sent], { given })).toBe(given.pem);
    expect(pemFor([plain, sent], {})).toBe(ca.certificatePem);
    expect(pemFor([plain], { isNordics: true })).toBe(AMAZON_ROOT_CA_1);
    expect(pemFor([plain], { isNordics: true, coap: true })).toBe(nordicRoot({ coap: true }).pem);
    expect(pemFor([plain], {})).toBeUndefined();
    expect(() => pemFor([sent], { coap: true })).toThrow(/--coap adds the root of nRF Cloud's CoAP server/);
  });

  test("is refused where it is known to be wrong", () => {
    const refuse = (pem: string, bundle: Bundle) => () => {
      requireServerRoot(readServerRoot(pem, "root.pem", now), [bundle]);
    };
    const bundle = issuedBundle("lab-1");
    expect(refuse(AMAZON_ROOT_CA_1, bundle)).not.toThrow();
    expect(refuse(AMAZON_ROOT_CA_1 + ca.certificatePem, bundle)).toThrow(
      /names the CA that issued the certificates of lab-1\. A device needs the root of the server/,
    );
    expect(refuse(bundle.certificate, bundle)).toThrow(/lab-1 is not a root, because another CA signed it/);
    expect(refuse(`${AMAZON_ROOT_CA_1}${bundle.privateKey ?? ""}`, bundle)).toThrow(
      /root\.pem is not a server root: It holds a "PRIVATE KEY" block/,
    );
    expect(refuse("hello", bundle)).toThrow(/root\.pem is not a server root: .* is not PEM/);
    const old = { notBefore: new Date("2020-01-01T00:00:00Z"), days: 30 };
    const ended = createCa({ subject: { commonName: "Old root" }, validity: old }).certificatePem;
    expect(refuse(ended, bundle)).toThrow(/Old root ended on 2020-01-31/);
    const other = createCa({ subject: { commonName: "Other" }, validity }).certificatePem;
    expect(refuse(other, issuedBundle("kit-1", { serverRoot: AMAZON_ROOT_CA_1 }))).toThrow(
      /nRF Cloud sent another server root with the certificates of kit-1/,
    );
  });

  test("is tried by a handshake, where the server answers", async () => {
    const emulator = await emulateBroker();
    const { host, port, caCert } = brokerOf(emulator);
    const right = readServerRoot(caCert, "root.pem", now);
    expect(await tryServerRoot({ host, port }, right)).toBe("verifies");
    expect(await tryServerRoot({ host, port }, nordicRoot({ coap: false }))).toBe("does not verify");
    await emulator.close();
    expect(await tryServerRoot({ host, port }, right)).toBe("not known");
  });
});

test("a state has the credentials of its devices in a form that a command accepts unchanged", () => {
  const { certificate, privateKey = "" } = issuedBundle("lab-1");
  const spoilt = (pem: string) => `"\r\nAT+CFUN=1\r\n${pem.replaceAll("\n", "\r\n")}"`;
  const outputs = { certificate: spoilt(certificate), privateKey: spoilt(privateKey) };
  const own = resource("DeviceCertificate", "lab-1", { inputs: { deviceId: "lab-1" }, outputs });
  const authority = resource("CaCertificate", "ca", { outputs: { certificate: ca.certificatePem } });
  const bundles = bundlesIn(parseState(exported({ sets: [], others: [authority, own] }), "a test"));
  expect(bundles.get("lab-1")).toEqual({
    deviceId: "lab-1",
    certificate,
    privateKey,
    issuingCa: ca.certificatePem,
    issuingChain: undefined,
    serverRoot: undefined,
  });
  expect(createPrivateKey(privateKey).asymmetricKeyType).toBe("ec");
});

interface Entry {
  readonly name: string;
  readonly sha256: string;
  readonly modem?: { readonly type: number; readonly sha256: string };
}

function entriesOf(manifest: string): readonly Entry[] {
  const files = field(JSON.parse(manifest), "files");
  if (!Array.isArray(files)) throw new Error("no files");
  return files as readonly Entry[];
}
