import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "./pages.js";

/** Messages of Pulumi, npm and gRPC. */
const OF_OTHERS =
  /^(?:npm |Cannot find module|PULUMI_|passphrase must|the stack is currently locked|transport: |warning: Attempting|error reading from server|failed to load checkpoint)/;

test("each message that troubleshooting.md quotes is one of the code", () => {
  const page = readFileSync(path.join(root, "docs", "troubleshooting.md"), "utf8");
  const quoted = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, message = ""]) => message);
  expect(quoted.length).toBeGreaterThan(30);
  const code = ["provider", "cli"].map(textOf).join("\n");
  const unknown = quoted.filter(
    (message) => !OF_OTHERS.test(message) && !piecesOf(message).every((piece) => code.includes(piece)),
  );
  expect(unknown).toEqual([]);
});

/** What stands between the parts that differ. */
function piecesOf(message: string): string[] {
  return message
    .split(/…|\(HTTP \d+, code|\(HTTP \d+|\(E[A-Z]+\)|FetchAccount:/)
    .map((piece) => piece.replaceAll(/^[\s).:,]+|[\s(]+$/g, ""))
    .filter((piece) => piece.length > 2);
}

/** The texts of a room, with those joined that stand on several lines. */
function textOf(room: string): string {
  return readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(path.join(root, room, file), "utf8"))
    .join("\n")
    .replaceAll(/["`] \+\s+["`]/g, "");
}
