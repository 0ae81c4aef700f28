import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AMAZON_ROOT_CA_1 } from "../../cli/credentials/publicRoots.js";
import { writeSecretFiles } from "../../cli/files/secretFiles.js";
import { writeOutput } from "../../cli/output.js";
import { MoveLog } from "../../cli/state/moveLog.js";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const mode = (file: string) => statSync(file).mode & 0o777;

describe("files that nobody else may read", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-keys-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const keys = () => path.join(folder, "keys");
  const file = { name: "lab-1.key.pem", content: "new" };

  test("are made with 0600 in a folder that is made with 0700, whatever the umask", () => {
    const before = process.umask(0);
    try {
      writeSecretFiles(keys(), [file], { overwrite: false });
    } finally {
      process.umask(before);
    }
    expect(mode(keys())).toBe(0o700);
    expect(mode(path.join(keys(), file.name))).toBe(0o600);
  });

  test("never take the place of others unasked, and then nothing at all is written", () => {
    mkdirSync(keys());
    const there = path.join(keys(), file.name);
    writeFileSync(there, "old");
    expect(() => {
      writeSecretFiles(keys(), [{ name: "first.pem", content: "x" }, file], { overwrite: false });
    }).toThrow(/has lab-1\.key\.pem already.*--overwrite/);
    expect(readFileSync(there, "utf8")).toBe("old");
    expect(readdirSync(keys())).toEqual([file.name]);
  });

  test("replace others with --overwrite as files of their own, with 0600", () => {
    mkdirSync(keys());
    const there = path.join(keys(), file.name);
    writeFileSync(there, "old");
    chmodSync(there, 0o644);
    const inode = statSync(there).ino;
    writeSecretFiles(keys(), [file], { overwrite: true });
    expect(readFileSync(there, "utf8")).toBe("new");
    expect(mode(there)).toBe(0o600);
    expect(statSync(there).ino).not.toBe(inode);
    expect(readdirSync(keys())).toEqual([file.name]);
  });

  test.each([true, false])("are never written through a planted link (overwrite: %s)", (overwrite) => {
    mkdirSync(keys());
    const victim = path.join(folder, "victim");
    for (const target of [victim, path.join(folder, "not-there-yet")]) {
      if (target === victim) writeFileSync(victim, "precious");
      const link = path.join(keys(), file.name);
      symlinkSync(target, link);
      expect(() => {
        writeSecretFiles(keys(), [file], { overwrite });
      }).toThrow(/links or folders with the names/);
      expect(lstatSync(link).isSymbolicLink()).toBe(true);
      rmSync(link);
    }
    expect(readFileSync(victim, "utf8")).toBe("precious");
    expect(existsSync(path.join(folder, "not-there-yet"))).toBe(false);
  });

  test("are not written into a folder that is a link, or a file", () => {
    mkdirSync(keys());
    symlinkSync(keys(), path.join(folder, "link"));
    expect(() => {
      writeSecretFiles(path.join(folder, "link"), [file], { overwrite: false });
    }).toThrow(/is a link/);
    writeFileSync(path.join(folder, "plain"), "");
    expect(() => {
      writeSecretFiles(path.join(folder, "plain"), [file], { overwrite: false });
    }).toThrow(/is not a folder/);
    expect(readdirSync(keys())).toEqual([]);
  });

  test.each(["link/", "link/sub", "link/sub/", "real/link", "real/link/below"])(
    "are not written to %s, which leads through a link",
    (out) => {
      mkdirSync(path.join(folder, "elsewhere/sub"), { recursive: true });
      mkdirSync(path.join(folder, "real"));
      symlinkSync(path.join(folder, "elsewhere"), path.join(folder, "link"));
      symlinkSync(path.join(folder, "elsewhere"), path.join(folder, "real/link"));
      expect(() => {
        writeSecretFiles(`${folder}/${out}`, [file], { overwrite: true });
      }).toThrow(/link is a link, and the command does not write through links/);
      expect(readdirSync(path.join(folder, "elsewhere"), { recursive: true })).toEqual(["sub"]);
    },
  );

  test.skipIf(process.platform === "win32").each([0o777, 0o1777, 0o702])(
    "are not written into a folder that others can write (%o)",
    (open) => {
      mkdirSync(keys());
      chmodSync(keys(), open);
      expect(() => {
        writeSecretFiles(keys(), [file], { overwrite: false });
      }).toThrow(/Other users can write into .*chmod go-w/);
      expect(readdirSync(keys())).toEqual([]);
      chmodSync(keys(), 0o755);
      writeSecretFiles(keys(), [file], { overwrite: false });
    },
  );

  test.skipIf(process.platform === "win32")(
    "are put into a new folder of one like /tmp, but of no other that is open",
    () => {
      chmodSync(folder, 0o777);
      expect(() => {
        writeSecretFiles(keys(), [file], { overwrite: false });
      }).toThrow(/Other users can write into/);
      expect(existsSync(keys())).toBe(false);
      chmodSync(folder, 0o1777);
      writeSecretFiles(keys(), [file], { overwrite: false });
      expect(mode(keys())).toBe(0o700);
    },
  );

  test.each([true, false])(
    "take the place of no file whose name differs in case only (overwrite: %s)",
    (overwrite) => {
      writeSecretFiles(keys(), [file], { overwrite: false });
      const twin = { name: "LAB-1.key.pem", content: "other" };
      expect(() => {
        writeSecretFiles(keys(), [twin], { overwrite });
      }).toThrow(/has lab-1\.key\.pem, whose name differs in upper and lower case only/);
      expect(() => {
        writeSecretFiles(path.join(folder, "both"), [file, twin], { overwrite });
      }).toThrow(/would be one file on disks that ignore upper and lower case/);
      expect(readdirSync(keys())).toEqual([file.name]);
      expect(readFileSync(path.join(keys(), file.name), "utf8")).toBe("new");
      expect(existsSync(path.join(folder, "both"))).toBe(false);
    },
  );
});

describe("results that are written to a file", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-output-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const inFolder = (name: string) => path.join(folder, name);

  test.each(["report.html", "out/report.html"])("never go through a link: %s", (name) => {
    mkdirSync(inFolder("elsewhere"));
    writeFileSync(inFolder("elsewhere/report.html"), "precious");
    symlinkSync(inFolder("elsewhere"), inFolder("out"));
    symlinkSync(inFolder("elsewhere/report.html"), inFolder("report.html"));
    expect(() => {
      writeOutput(inFolder(name), "report", "--html");
    }).toThrow(/^--html: .* is a link, and the command does not write through links/);
    expect(readFileSync(inFolder("elsewhere/report.html"), "utf8")).toBe("precious");
  });

  test("replace what was there, with its mode, and go to devices and pipes", () => {
    writeFileSync(inFolder("report.html"), "yesterday");
    chmodSync(inFolder("report.html"), 0o640);
    writeOutput(inFolder("report.html"), "today", "--html");
    expect(readFileSync(inFolder("report.html"), "utf8")).toBe("today");
    expect(mode(inFolder("report.html"))).toBe(0o640);
    expect(readdirSync(folder)).toEqual(["report.html"]);
    if (process.platform !== "win32") writeOutput("/dev/null", "today", "--html");
  });

  test("a move of devices is not noted down through a link", () => {
    mkdirSync(inFolder("elsewhere"));
    symlinkSync(inFolder("elsewhere"), inFolder(".nrfcloud"));
    expect(() => {
      new MoveLog(folder).start({ from: "a", to: "b", ids: ["lab-1"] });
    }).toThrow(/is a link/);
    expect(readdirSync(inFolder("elsewhere"))).toEqual([]);
  });
});

const world = useWorld({ mqttPort: 0 });

test("credentials are written from the state, for pre-connect and just-in-time devices, and are in no output", async () => {
  const stack = await world.stack({
    files: {
      "fleet.yaml": fleetFile(
        "{ devices: ['lab:1', lab-2] }",
        "jitp: { bench: { certificates: true, wait: 0, pending: allow, devices: [{ id: late-1, code: { env: CODE } }] } }\n",
      ),
    },
    env: { CODE: "sesame-271828" },
  });
  succeeded(await stack.up());

  const some = await stack.fleet("credentials", "lab:1", "late-1", "--out", "keys");
  succeeded(some);
  const folder = path.join(stack.folder, "keys");
  const endsOf = (id: string) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(`${id}_`))
      .map((name) => name.slice(id.length + 1))
      .sort();
  const flashed = ["cmng.at", "crt.pem", "manifest.json", "prv.pem", "server-root.pem"];
  expect(endsOf("lab%3A1")).toEqual([...flashed, "issuing-ca.pem"].sort());
  expect(endsOf("late-1")).toEqual(flashed);
  expect(mode(folder)).toBe(0o700);
  for (const name of readdirSync(folder)) expect(mode(path.join(folder, name))).toBe(0o600);

  const read = (name: string) => readFileSync(path.join(folder, name), "utf8");
  for (const id of ["lab%3A1", "late-1"]) {
    const certificate = new X509Certificate(read(`${id}_crt.pem`));
    expect(certificate.checkPrivateKey(createPrivateKey(read(`${id}_prv.pem`)))).toBe(true);
    // What nRF Cloud sent with one certificate is the root of all devices.
    expect(read(`${id}_server-root.pem`)).toBe(world.emulator.mqtt?.caCert);
    expect(JSON.parse(read(`${id}_manifest.json`))).toMatchObject({
      server: { port: world.emulator.mqtt?.port },
    });
  }
  const ca = new X509Certificate(read("lab%3A1_issuing-ca.pem"));
  expect(new X509Certificate(read("lab%3A1_crt.pem")).verify(ca.publicKey)).toBe(true);
  // The certificate that is handed out is the one that the account has.
  const registered = (await world.devices()).find(({ id }) => id === "lab:1")?.certificate?.fingerprint;
  const handedOut = new X509Certificate(read("lab%3A1_crt.pem")).fingerprint256;
  expect(handedOut.replaceAll(":", "").toLowerCase()).toBe(registered);

  const again = await stack.fleet("credentials", "--all", "--out", "keys");
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("Nothing was written");
  const all = await stack.fleet("credentials", "--all", "--out", "keys", "--overwrite");
  succeeded(all);
  expect(readdirSync(folder)).toHaveLength(6 + 6 + 5);

  const by = await stack.fleet("credentials", "lab*", "--out", "labs");
  expect(by.stdout).toContain("Wrote the credentials of 2 devices (lab-2, lab:1) to labs");

  const unknown = await stack.fleet("credentials", "lab-2", "nobody", "--out", "others");
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('The state holds no certificate of "nobody"');
  expect(existsSync(path.join(stack.folder, "others"))).toBe(false);

  stack.write("root.pem", AMAZON_ROOT_CA_1);
  const wrong = await stack.fleet("credentials", "lab-2", "--out", "others", "--server-root", "root.pem");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("Amazon Root CA 1 does not verify the server at ");
  expect(existsSync(path.join(stack.folder, "others"))).toBe(false);

  for (const { output } of [some, again, all, unknown, wrong]) {
    expect(output).not.toContain("PRIVATE KEY");
    expect(output).not.toContain("BEGIN CERTIFICATE");
  }
});
