import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadFleetDefinition, loadFleetFile } from "../../provider/fleet/disk.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import { fleetContents } from "../../provider/resources/fleetContents.js";
import { opening, openingWithoutCa, pem } from "./io.js";
import { attestationToken } from "./tokens.js";

let folder: string;
const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fleet-"));
  mkdirSync(join(folder, "sub"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("a fleet file on disk", () => {
  it("loads with the files in its folder", () => {
    write("sub/factory.csv", "id,csr\nf-1,f-1.csr\n");
    write("sub/f-1.csr", pem("CERTIFICATE REQUEST"));
    const file = write("fleet.yaml", `${opening}groups:\n  f: { csv: sub/factory.csv }\n`);
    expect(loadFleetFile(file).devices).toMatchObject([
      {
        deviceId: "f-1",
        credential: { kind: "csr" },
        source: { at: { file: join(folder, "sub/factory.csv"), line: 2 } },
      },
    ]);
  });

  it("does not read a CA's archive, but resolves its path", () => {
    write("ca.p12", Buffer.from([0x30, 0x82, 0xff, 0xfe, 0x00]));
    const text = `${openingWithoutCa}ca: { pkcs12: { file: ca.p12 }, password: { config: pw } }\ngroups: { a: { ids: a } }\n`;
    expect(loadFleetFile(write("p12.yaml", text)).ca).toMatchObject({
      pkcs12: { kind: "file", path: join(folder, "ca.p12") },
    });
  });

  it("decodes its attestation tokens by the given decoder", () => {
    const uuid = "50363154-3931-44f0-8022-121b6401627d";
    write("tokens.csv", `token\n${attestationToken(uuid)}\n`);
    const file = write("claims.yaml", `${openingWithoutCa}claims: { t: { csv: tokens.csv } }\n`);
    expect(loadFleetFile(file, fleetContents(new Date())).claims).toMatchObject([{ uuid }]);
    const claims = { t: { csv: join(folder, "tokens.csv") } };
    const definition = { apiVersion: "nrfcloud.dev/v1", kind: "Fleet", claims } as const;
    expect(loadFleetDefinition(definition, fleetContents(new Date())).claims).toMatchObject([{ uuid }]);
    expect(() => loadFleetFile(file)).toThrow("attestation tokens can't be read here");
  });

  it("reads variables of the process for an object", () => {
    process.env.FLEET_TEST_PUBLIC_KEY = pem("PUBLIC KEY");
    const fleet = loadFleetDefinition({
      apiVersion: "nrfcloud.dev/v1",
      kind: "Fleet",
      groups: { a: { devices: [{ id: "x", publicKey: { env: "FLEET_TEST_PUBLIC_KEY" } }] } },
    });
    delete process.env.FLEET_TEST_PUBLIC_KEY;
    expect(fleet.devices).toMatchObject([
      { credential: { kind: "publicKey", publicKey: pem("PUBLIC KEY") } },
    ]);
  });

  it.each<[string, () => string, string | RegExp]>([
    [
      "does not exist",
      () => join(folder, "no.yaml"),
      "does not exist → fix: correct the path (those in a file start at that file's folder)",
    ],
    ["is a folder", () => join(folder, "sub"), "is a folder → fix: name a file"],
    [
      "is UTF-16",
      () => write("utf16.yaml", Buffer.from(`\uFEFF${opening}`, "utf16le")),
      /is UTF-16 text, not UTF-8 → fix: convert it with iconv -f UTF-16 -t UTF-8 ".*utf16\.yaml" > ".*utf16\.utf8\.yaml"$/,
    ],
    ["is a device", () => "/dev/zero", "is not a file → fix: name a file"],
    [
      "is too large",
      () => write("large.yaml", Buffer.alloc(10_000_001, "#")),
      "is larger than 10 MB → fix: check that it is the right file, or split it",
    ],
  ])("that %s is refused", (_, file, expected) => {
    const path = file();
    expect(() => loadFleetFile(path)).toThrow(FleetFileError);
    expect(() => loadFleetFile(path)).toThrow(expected);
  });

  it("whose secret is a folder says so", () => {
    const text = `${openingWithoutCa}ca: { pkcs12: { file: sub }, password: { config: pw } }\ngroups: { a: { ids: a } }\n`;
    const path = write("folder.yaml", text);
    expect(() => loadFleetFile(path)).toThrow(
      /folder\.yaml:3:15 ca\.pkcs12: .*sub" is a folder → fix: name a file/,
    );
  });
});
