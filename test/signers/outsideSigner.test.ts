import { generateKeyPairSync, sign, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock, type Clock } from "../../provider/engine/clock.js";
import { OutsideSigner, type SignerProcess } from "../../provider/signers/outsideSigner.js";
import { derOfRaw } from "../../provider/pki/signer.js";

const ours = generateKeyPairSync("ec", { namedCurve: "P-256" });
const theirs = generateKeyPairSync("ec", { namedCurve: "P-256" });
const publicKeyPem = ours.publicKey.export({ type: "spki", format: "pem" }).toString();
const keyOf = ({ privateKey }: typeof ours) => privateKey.export({ type: "pkcs8", format: "pem" }).toString();

/** Makes signatures of digests with openssl's arithmetic by hand: Node signs no digests. */
const SIGNS = `
  const { createPrivateKey, createECDH, createHash, randomBytes } = require("node:crypto");
  const { spawnSync } = require("node:child_process");
  const fs = require("node:fs"), os = require("node:os"), path = require("node:path");
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "signer-")), "key.pem");
  fs.writeFileSync(file, process.env.KEY, { mode: 0o600 });
  const signed = (digest) => spawnSync("openssl", ["pkeyutl", "-sign", "-inkey", file], { input: Buffer.from(digest, "base64") }).stdout.toString("base64");
  process.on("exit", () => fs.rmSync(path.dirname(file), { recursive: true }));
  const lines = require("node:readline").createInterface({ input: process.stdin });
`;

const open: OutsideSigner[] = [];
afterEach(() => {
  for (const signer of open.splice(0)) signer.close();
});

function signer(script: string, more: Partial<SignerProcess> = {}): OutsideSigner {
  const made = new OutsideSigner({
    title: 'The signer "test"',
    program: process.execPath,
    args: ["-e", `${SIGNS}${script}`],
    cwd: process.cwd(),
    env: { ...process.env, KEY: keyOf(ours) },
    opening: undefined,
    inFlight: 4,
    timeoutSeconds: 60,
    publicKeyPem,
    clock: systemClock,
    ...more,
  });
  open.push(made);
  return made;
}

const ANSWERS =
  'lines.on("line", (line) => { const [id, digest] = line.split(" "); console.log(id + " " + signed(digest)); });';

const texts = (count: number) => Array.from({ length: count }, (_, i) => Buffer.from(`certificate ${i}`));

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing failed",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe("a signer in another process", () => {
  it("signs everything by one process, and each signature is of what was asked", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "starts-"));
    const starts = path.join(folder, "starts");
    const one = signer(`fs.appendFileSync(${JSON.stringify(starts)}, "started"); ${ANSWERS}`);
    const all = texts(25);
    const signatures = await Promise.all(all.map((text) => one.sign(text)));
    for (const [i, signature] of signatures.entries())
      expect(verify("sha256", all[i] ?? Buffer.of(), ours.publicKey, signature)).toBe(true);
    expect(readFileSync(starts, "utf8")).toBe("started");
    rmSync(folder, { recursive: true });
  });

  it("has answers in any order, and no more requests in flight than it may", async () => {
    // Answers three at a time, the last one first, and dies of a fifth that is open.
    const one = signer(
      `let open = []; lines.on("line", (line) => {
        open.push(line); if (open.length > 3) process.exit(9);
        if (open.length === 3) { for (const each of open.reverse()) { const [id, digest] = each.split(" "); console.log(id + " " + signed(digest)); } open = []; }
      });`,
      { inFlight: 3 },
    );
    const all = texts(9);
    const signatures = await Promise.all(all.map((text) => one.sign(text)));
    expect(signatures.every((each, i) => verify("sha256", all[i] ?? Buffer.of(), ours.publicKey, each))).toBe(
      true,
    );
  });

  it("gets the key to open first, on a separate line", async () => {
    const one = signer(
      `let first = true; lines.on("line", (line) => { if (first) { first = false; if (line !== "open this") process.exit(5); return; } const [id, digest] = line.split(" "); console.log(id + " " + signed(digest)); });`,
      { opening: "open this" },
    );
    await expect(one.sign(Buffer.from("x"))).resolves.toBeInstanceOf(Buffer);
  });

  it("ends everything when it dies, with what it wrote, cut and escaped", async () => {
    const one = signer(
      `lines.once("line", () => { process.stderr.write("the token is \\u001b[31mlocked\\nask Ann"); process.exitCode = 3; process.stdin.destroy(); });`,
    );
    const failures = await Promise.all(texts(6).map((text) => failureOf(one.sign(text))));
    expect(new Set(failures).size).toBe(1);
    expect(failures[0]).toBe(
      'The signer "test" ended with exit code 3 before it had answered 6 requests. The provider registered nothing that was not signed. ' +
        "Run the signer by hand (docs/signer.md), then run again. It wrote: the token is \\u001b[31mlocked / ask Ann",
    );
    expect(await failureOf(one.sign(Buffer.from("later")))).toBe(failures[0]);
  });

  it.each([
    ["words", "hello", 'answered "hello", which is not an id and a base64 text'],
    ["another id", "77 AAAA", 'answered "77 AAAA", which answers no open request'],
    ["another key", undefined, "signed with another key than that of the CA certificate"],
    ["bytes that are no signature", "1 AAAA", 'answered "1 AAAA", which is not a signature in DER'],
    [
      "a raw signature",
      `1 ${Buffer.alloc(64, 1).toString("base64")}`,
      "answered a signature of 64 bytes without DER",
    ],
    ["a line without an end", "x".repeat(3000), 'answered "xxxx'],
  ])("ends when it answers %s", async (_, answer, words) => {
    const one =
      answer === undefined
        ? signer(ANSWERS, { env: { ...process.env, KEY: keyOf(theirs) } })
        : signer(
            `lines.on("line", () => process.stdout.write(${JSON.stringify(answer)} + (${answer.length} > 2000 ? "" : "\\n")));`,
          );
    const [first, second] = await Promise.all([
      failureOf(one.sign(Buffer.from("a"))),
      failureOf(one.sign(Buffer.from("b"))),
    ]);
    expect(first).toContain(`The signer "test" ${words}`);
    expect(second).toBe(first);
  });

  it("refuses an answer that is given twice", async () => {
    const one = signer(
      `lines.on("line", (line) => { const [id, digest] = line.split(" "); const answer = id + " " + signed(digest); console.log(answer); console.log(answer); });`,
    );
    await one.sign(Buffer.from("a"));
    expect(await failureOf(one.sign(Buffer.from("b")))).toContain("which answers no open request");
  });

  it("ends when it hangs, by the clock", async () => {
    let now = 0;
    const clock: Clock = {
      now: () => new Date(now),
      sleep: async (ms) => {
        now += ms;
        await systemClock.sleep(1);
      },
    };
    const one = signer('lines.on("line", () => undefined);', { clock, timeoutSeconds: 30 });
    expect(await failureOf(one.sign(Buffer.from("a")))).toBe(
      'The signer "test" did not answer a request within 30 seconds. Check what it waits for, or raise the `timeout` of the signer, then run again.',
    );
    expect(now).toBeGreaterThanOrEqual(30_000);
    expect(now).toBeLessThan(32_000);
  });

  it("fails when its program can't be started", async () => {
    const one = signer("", { program: "./no-such-program" });
    expect(await failureOf(one.sign(Buffer.from("a")))).toContain(
      'The signer "test" can\'t be started (ENOENT). Correct the signer, or install its program.',
    );
  });
});

it("numbers of 32 bytes become a signature in DER, whatever bits they begin with", () => {
  for (let i = 0; i < 300; i++) {
    const bytes = Buffer.from(`text ${i}`);
    const raw = sign("sha256", bytes, { key: ours.privateKey, dsaEncoding: "ieee-p1363" });
    expect(verify("sha256", bytes, ours.publicKey, derOfRaw(raw))).toBe(true);
  }
  const small = Buffer.concat([Buffer.alloc(31), Buffer.of(5), Buffer.alloc(30), Buffer.of(0x80, 1)]);
  expect(derOfRaw(small).toString("hex")).toBe("3008020105" + "0203008001");
});
