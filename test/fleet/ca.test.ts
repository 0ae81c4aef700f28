import { describe, expect, it } from "vitest";
import { load, openingWithoutCa, pem, problemsOf } from "./io.js";

const lab = "groups:\n  lab:\n    ids: a\n";
const fleet = (ca: string) => `${openingWithoutCa}ca: ${ca}\n${lab}`;
const caFile = { "ca.pem": pem("CERTIFICATE"), "ca.key": pem("PRIVATE KEY"), "ca.p12": "binary" };
const choice =
  "give subject (generates a CA), certificate and privateKey, pkcs12 with its password (both for an existing CA), or certificate and signer";

describe("the ca of a fleet", () => {
  it("is generated from a subject, for ten years, with a warning one month before its end", () => {
    expect(load(fleet("{ subject: { commonName: Acme CA, organization: Acme, country: NO } }")).ca).toEqual({
      kind: "generate",
      subject: { commonName: "Acme CA", organization: "Acme", country: "NO" },
      validityDays: 3650,
      earlyRenewalHours: 720,
      source: { path: "ca", at: { file: "fleet.yaml", line: 3, column: 1 } },
    });
  });

  it("keeps every attribute of its subject", () => {
    const subject = {
      commonName: "c",
      organization: "o",
      organizationalUnit: "u",
      country: "NO",
      state: "s",
      locality: "l",
      emailAddress: "e@example.com",
    };
    expect(
      load(fleet(JSON.stringify({ subject, validityDays: 30, earlyRenewalHours: 24 }))).ca,
    ).toMatchObject({
      subject,
      validityDays: 30,
      earlyRenewalHours: 24,
    });
  });

  it("with a validity shorter than the default warning is not due from the start", () => {
    expect(load(fleet("{ subject: { commonName: x }, validityDays: 3 }")).ca).toMatchObject({
      earlyRenewalHours: 24,
    });
  });

  it("is an existing one from PEM: the certificate is read, the key is not", () => {
    expect(
      load(fleet("{ certificate: { file: ca.pem }, privateKey: { file: ca.key } }"), caFile).ca,
    ).toMatchObject({
      kind: "pem",
      certificate: { kind: "text", text: caFile["ca.pem"] },
      privateKey: { kind: "file", path: "ca.key" },
      earlyRenewalHours: 720,
    });
    expect(
      load(
        fleet("{ certificate: { env: CRT }, privateKey: { env: KEY } }"),
        {},
        { CRT: caFile["ca.pem"], KEY: "k" },
      ).ca,
    ).toMatchObject({
      certificate: { kind: "text", text: caFile["ca.pem"] },
      privateKey: { kind: "env", name: "KEY" },
    });
    expect(
      load(fleet("{ certificate: { config: crt }, privateKey: { config: acme:key } }")).ca,
    ).toMatchObject({
      certificate: { kind: "config", key: "crt" },
      privateKey: { kind: "config", key: "acme:key" },
    });
  });

  it("has a signer instead of a key: a command, or a token whose PIN is not read", () => {
    expect(
      load(fleet("{ certificate: { file: ca.pem }, signer: { command: [./sign.sh, ca] } }"), caFile).ca,
    ).toEqual({
      kind: "signer",
      certificate: { kind: "text", text: caFile["ca.pem"] },
      signer: { kind: "command", command: ["./sign.sh", "ca"] },
      earlyRenewalHours: 720,
      source: { path: "ca", at: { file: "fleet.yaml", line: 3, column: 1 } },
    });
    const token = "uri: 'pkcs11:token=t;object=ca', module: hsm.so, pin: { env: NOT_SET_HERE }";
    expect(
      load(
        fleet(`{ certificate: { config: crt }, signer: { pkcs11: { ${token} }, inFlight: 4, timeout: 9 } }`),
      ).ca,
    ).toMatchObject({
      kind: "signer",
      signer: {
        kind: "pkcs11",
        uri: "pkcs11:token=t;object=ca",
        module: "hsm.so",
        pin: { kind: "env", name: "NOT_SET_HERE" },
        inFlight: 4,
        timeout: 9,
      },
    });
  });

  it.each([
    "certificate: { file: ca.pem }, privateKey: { file: ca.key }",
    "pkcs12: { file: ca.p12 }",
    "certificate: { file: ca.pem }, signer: { command: [a] }",
  ])("keeps the chain above it: %s", (ca) => {
    const files = { ...caFile, "chain.pem": pem("CERTIFICATE", "1") + pem("CERTIFICATE", "2") };
    expect(load(fleet(`{ ${ca}, chain: { file: chain.pem } }`), files).ca).toMatchObject({
      chain: files["chain.pem"],
    });
  });

  it("is an existing one from PKCS#12", () => {
    const text = fleet("{ pkcs12: { file: ca.p12 }, password: { env: PW }, earlyRenewalHours: 10 }");
    expect(load(text, caFile, { PW: "geheim" }).ca).toEqual({
      kind: "pkcs12",
      pkcs12: { kind: "file", path: "ca.p12" },
      password: { kind: "env", name: "PW" },
      earlyRenewalHours: 10,
      source: { path: "ca", at: { file: "fleet.yaml", line: 3, column: 1 } },
    });
  });

  it.each<[string, string, string[]]>([
    [
      "nothing in it",
      "{}",
      [`fleet.yaml:3:5 ca: the section neither generates a CA nor names an existing one → fix: ${choice}`],
    ],
    [
      "half a PEM",
      "{ certificate: { file: ca.pem } }",
      [
        'fleet.yaml:3:5 ca: "privateKey" is missing: an existing CA needs certificate and privateKey → fix: add privateKey: …, or a signer that has the key',
      ],
    ],
    [
      "a signer without the certificate of its CA",
      "{ signer: { command: [a] } }",
      [
        'fleet.yaml:3:5 ca: "certificate" is missing: a signer needs the certificate of its CA → fix: add certificate: …',
      ],
    ],
    [
      "a signer and a key",
      "{ certificate: { file: ca.pem }, privateKey: { file: ca.key }, signer: { command: [a] } }",
      [
        `fleet.yaml:3:5 ca: certificate, privateKey and signer can't be combined → fix: ${choice.replace("give", "give only")}`,
      ],
    ],
    [
      "nobody who signs",
      "{ certificate: { file: ca.pem }, signer: { inFlight: 3 } }",
      [
        "fleet.yaml:3:46 ca.signer: the signer has neither command nor pkcs11 → fix: add command: [./sign.sh], or pkcs11: …",
      ],
    ],
    [
      "two who sign",
      "{ certificate: { file: ca.pem }, signer: { command: [a], pkcs11: { uri: 'pkcs11:token=t;object=o', module: m } } }",
      ["fleet.yaml:3:46 ca.signer: a signer is a command or a pkcs11, not both → fix: keep one of them"],
    ],
    [
      "a PIN in a PKCS#11 URI",
      "{ certificate: { file: ca.pem }, signer: { pkcs11: { uri: 'pkcs11:token=t?pin-value=1234', module: m } } }",
      [
        "fleet.yaml:3:63 ca.signer.pkcs11.uri: it is not the PKCS#11 URI of a key → fix: write one such as pkcs11:token=fleet;object=ca, without ? and what follows",
      ],
    ],
    [
      "a private key in its chain",
      "{ certificate: { file: ca.pem }, signer: { command: [a] }, chain: { file: ca.key } }",
      ["fleet.yaml:3:71 ca.chain: a private key is among the certificates → fix: remove the private key"],
    ],
    [
      "a password alone",
      "{ password: { config: k } }",
      [`fleet.yaml:3:5 ca: the section neither generates a CA nor names an existing one → fix: ${choice}`],
    ],
    [
      "two ways mixed",
      "{ subject: { commonName: x }, privateKey: { config: k } }",
      [`fleet.yaml:3:5 ca: subject and privateKey can't be combined → fix: give only ${choice.slice(5)}`],
    ],
    [
      "a validity for a CA that has one",
      "{ pkcs12: { file: ca.p12 }, password: { config: k }, validityDays: 3 }",
      [
        `fleet.yaml:3:5 ca: pkcs12, password and validityDays can't be combined → fix: give only ${choice.slice(5)}`,
      ],
    ],
    [
      "a subject out of bounds",
      `{ subject: { comonName: ${"x".repeat(65)}, country: no, organization: 3 }, validityDays: 0, earlyRenewalHours: 1.5 }`,
      [
        'fleet.yaml:3:16 ca.subject: "commonName" is missing → fix: add commonName: …',
        'fleet.yaml:3:18 ca.subject.comonName: unknown key "comonName" → fix: did you mean "commonName"?',
        "fleet.yaml:3:105 ca.subject.country: it is not a country → fix: write two capital letters, such as NO",
        "fleet.yaml:3:123 ca.subject.organization: it must be a string, not 3 → fix: put the value in quotes",
        "fleet.yaml:3:142 ca.validityDays: 0 is too small → fix: write 1 or more",
        "fleet.yaml:3:164 ca.earlyRenewalHours: it must be a whole number, not 1.5 → fix: write a whole number",
      ],
    ],
    [
      "a common name beyond X.509",
      `{ subject: { commonName: ${"x".repeat(65)} } }`,
      ["fleet.yaml:3:30 ca.subject.commonName: it is longer than 64 characters → fix: shorten it"],
    ],
    [
      "a renewal window as long as the validity",
      "{ subject: { commonName: x }, validityDays: 1, earlyRenewalHours: 24 }",
      [
        "fleet.yaml:3:71 ca.earlyRenewalHours: 24 hours are at least the whole validity (24 hours), so the certificate would always be due for renewal → fix: write less than 24",
      ],
    ],
    [
      "sources that are not there",
      "{ certificate: { file: no.pem }, privateKey: { env: NO } }",
      [
        'fleet.yaml:3:20 ca.certificate: the file "no.pem" does not exist → fix: correct the path (those in a file start at that file\'s folder)',
        "fleet.yaml:3:50 ca.privateKey: the environment variable NO is not set → fix: set it, or correct the name",
      ],
    ],
    [
      "a key where the certificate belongs",
      "{ certificate: { file: ca.key }, privateKey: { file: ca.key } }",
      [
        "fleet.yaml:3:20 ca.certificate: a private key is given instead of a certificate → fix: remove the private key and give only the certificate",
      ],
    ],
  ])("is refused with %s", (_, ca, expected) => {
    expect(problemsOf(fleet(ca), caFile)).toEqual(expected);
  });
});

describe("a secret written into the fleet file", () => {
  const secret = "hunter2-MHcCAQEEI";
  it.each([
    [
      "a private key as block text",
      `{ certificate: { config: c }, privateKey: "-----BEGIN PRIVATE KEY-----\\n${secret}" }`,
    ],
    [
      "a private key as certificate",
      `{ certificate: "-----BEGIN EC PRIVATE KEY-----\\n${secret}", privateKey: { config: k } }`,
    ],
    ["a password as text", `{ pkcs12: { config: c }, password: ${secret} }`],
    ["a password where its variable belongs", `{ pkcs12: { config: c }, password: { env: "${secret}" } }`],
    ["a password where its key belongs", `{ pkcs12: { config: c }, password: { config: "${secret} !" } }`],
  ])("is refused and not repeated: %s", (_, ca) => {
    const problems = problemsOf(fleet(ca));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^fleet\.yaml:3:\d+ ca\.(privateKey|certificate|password)/);
    expect(problems.join("\n")).not.toContain(secret);
  });

  it("is not quoted if it is a number", () => {
    const problems = problemsOf(fleet("{ pkcs12: { config: c }, password: 90125 }"));
    expect(problems).toEqual([
      "fleet.yaml:3:40 ca.password: the fleet itself contains a secret → fix: remove it, set it with `pulumi config set --secret <key>` and write { config: <key> }, or use { env: … } or { file: … }",
    ]);
  });

  it("is refused wherever the file has a private key", () => {
    const text = `${fleet("{ subject: { commonName: x } }")}    tags:\n      - |\n        -----BEGIN PRIVATE KEY-----\n        ${secret}\n`;
    const problems = problemsOf(text);
    expect(problems).toEqual([
      "fleet.yaml:8:9 groups.lab.tags[0]: the fleet itself contains a private key → fix: remove it now, and treat it as leaked if the file was shared; set only a CA's key, with `pulumi config set --secret`",
    ]);
  });

  it("is never part of a resolved fleet", () => {
    const io = { "ca.p12": secret };
    const fleetText = fleet("{ pkcs12: { file: ca.p12 }, password: { env: PW } }");
    expect(JSON.stringify(load(fleetText, io, { PW: secret }))).not.toContain(secret);
  });
});

describe("the next ca of a fleet", () => {
  const both = (ca: string, nextCa: string) => `${openingWithoutCa}ca: ${ca}\nnextCa: ${nextCa}\n${lab}`;
  const present = "{ subject: { commonName: Acme CA } }";

  it("is read like the present one, and has a name", () => {
    const { nextCa } = load(both(present, "{ name: acme-2027, subject: { commonName: Acme CA 2027 } }"));
    expect(nextCa).toMatchObject({ kind: "generate", name: "acme-2027", validityDays: 3650 });
    const taken =
      "{ name: acme-2027, certificate: { file: ca.pem }, privateKey: { file: ca.key }, earlyRenewalHours: 9 }";
    expect(load(both(present, taken), caFile).nextCa).toMatchObject({ kind: "pem", name: "acme-2027" });
    expect(load(fleet("{ name: acme-2027, subject: { commonName: Acme CA 2027 } }")).ca).toMatchObject({
      name: "acme-2027",
    });
  });

  it.each([
    ["without a name", both(present, present), "line 4 nextCa: the next CA has no name"],
    [
      "with the name of the present one",
      both("{ name: a, subject: { commonName: A } }", "{ name: a, subject: { commonName: B } }"),
      'ca and nextCa are both named "a"',
    ],
    [
      "without a present one",
      `${openingWithoutCa}nextCa: { name: a, subject: { commonName: A } }\ngroups:\n  lab: { ids: a, adopt: true }\n`,
      "a nextCa but no ca",
    ],
    [
      "with a name that is none",
      both(present, "{ name: acme 2027, subject: { commonName: B } }"),
      "it is not a name for a CA",
    ],
    ["without a key", both(present, "{ name: b, certificate: { file: ca.pem } }"), '"privateKey" is missing'],
  ])("is refused %s", (_, text, says) => {
    expect(
      problemsOf(text, caFile)
        .join("\n")
        .replace(/fleet\.yaml:(\d+):\d+/g, "line $1"),
    ).toContain(says);
  });
});
