import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { chmodSync, copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { casIn, summaryOf } from "../../cli/state/cas.js";
import { StackState } from "../../cli/state/stackState.js";
import { caLines } from "../../cli/status/stack.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld();
const EXAMPLE = path.resolve("examples/signer");
const page = readFileSync("docs/signer.md", "utf8");

/** The command of the page that makes a CA, as it is written there. */
const COMMAND = /```sh\n(openssl req -x509 [\s\S]*?)\n```/.exec(page)?.[1] ?? "the page makes no CA";

/** A secret as it may stand in a file or an output. */
function formsOf(key: string): string[] {
  const { d = "no key" } = createPrivateKey(key).export({ format: "jwk" });
  const bytes = Buffer.from(d, "base64url");
  return [d, bytes.toString("base64").slice(0, 42), bytes.toString("hex"), ...key.split("\n").slice(1, 3)];
}

test("the example of the page on signers is onboarded, and nothing but the signer has the key of the CA", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": readFileSync(path.join(EXAMPLE, "fleet.yaml"), "utf8") },
  });
  const script = path.join(stack.folder, "openssl.sh");
  copyFileSync(path.join(EXAMPLE, "openssl.sh"), script);
  chmodSync(script, 0o700);
  execFileSync("sh", ["-c", COMMAND], { cwd: stack.folder, stdio: "ignore" });
  const key = readFileSync(path.join(stack.folder, "ca.key"), "utf8");

  // A signer that has another key ends the run before anything is onboarded.
  execFileSync(
    "sh",
    ["-c", "mv ca.key right.key; openssl ecparam -name prime256v1 -genkey -noout -out ca.key"],
    {
      cwd: stack.folder,
    },
  );
  const preview = await stack.preview();
  succeeded(preview);
  expect(preview.output).toContain(
    'CA Acme Field CA: its private key is kept outside of the state. The signer "./openssl.sh" signs with it.',
  );
  const wrong = await stack.up();
  expect(wrong.code).not.toBe(0);
  expect(wrong.output).toContain("signed with another key than that of the CA certificate");
  expect(await world.devices()).toEqual([]);

  execFileSync("mv", ["right.key", "ca.key"], { cwd: stack.folder });
  const up = await stack.up();
  succeeded(up);
  expect((await world.devices()).map(({ id }) => id)).toEqual([0, 1, 2, 3, 4].map((n) => `field-00${n}`));
  const exported = await stack.pulumi("stack", "export", "--show-secrets");
  expect(exported.output).toContain("./openssl.sh");
  const { resources } = StackState.read({ cwd: stack.folder, stack: undefined }, exported.output);
  const [line = "status tells of no CA"] = caLines(casIn(resources).map(summaryOf));
  const timeless = (text: string) => text.replaceAll(/until \d{4}-\d\d-\d\d/g, "until …");
  expect(timeless(page)).toContain(timeless(line.trim()));
  for (const text of [preview.output, wrong.output, up.output, exported.output, stack.leftOnDisk()])
    for (const form of formsOf(key)) expect(text).not.toContain(form);
});
