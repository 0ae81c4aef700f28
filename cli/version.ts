import { readFileSync } from "node:fs";
import path from "node:path";

/** The version of this package, from its manifest. */
export function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(path.join(__dirname, "..", "..", "package.json"), "utf8"),
  );
  return typeof manifest === "object" &&
    manifest !== null &&
    "version" in manifest &&
    typeof manifest.version === "string"
    ? manifest.version
    : "unknown";
}
