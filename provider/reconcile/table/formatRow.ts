import { escaped } from "../../engine/escaped.js";
import { configText } from "../../fleet/config.js";
import { FIRST_GENERATION, type Rotation } from "../../fleet/rotation.js";
import { NRF_CLOUD_SECURITY_TAG } from "../../fleet/securityTag.js";
import { DEFAULT_WAIT_SECONDS, type Row, type RowCredential } from "./row.js";

/** The row as one line: what differs from the defaults, always in the same order. */
export function formatRow(row: Row): string {
  const words: string[] = [];
  const say = (key: string, value: string | undefined) => {
    if (value !== undefined && value !== "") words.push(`${key}=${quoted(value)}`);
  };
  if (row.way !== "preconnect") say("via", row.way);
  if (row.way !== "attestation") say("subType", row.subType);
  say("tags", row.tags.join(","));
  if (row.way === "preconnect") say("firmware", row.firmwareTypes.join(","));
  if (row.way !== "attestation") say("name", row.name);
  if (row.way === "preconnect") sayCredential(row.credential, say);
  if (row.way === "jitp") {
    if (row.issued) say("credential", "issued");
    if (row.waitSeconds !== DEFAULT_WAIT_SECONDS) say("wait", String(row.waitSeconds));
    if (row.pending === "allow") say("pending", row.pending);
  }
  if (row.way === "attestation") {
    sayRotation(row.rotation, say);
    if (row.securityTag !== NRF_CLOUD_SECURITY_TAG) say("secTag", String(row.securityTag));
    if (row.unclaim) words.push("unclaim");
  }
  if (row.config !== undefined) say("config", configText(row.config));
  if (row.adopt !== "no") say("adopt", row.adopt);
  if (row.protect) words.push("protect");
  say("retired", row.retired?.text);
  return words.join(" ");
}

function sayCredential(credential: RowCredential, say: (key: string, value: string | undefined) => void) {
  switch (credential.kind) {
    case "issue":
      sayRotation(credential.rotation, say);
      return;
    case "csr":
      say("csr", credential.fingerprint);
      sayRotation(credential.rotation, say);
      return;
    case "certificate":
    case "publicKey":
      say(credential.kind, credential.fingerprint);
      return;
    case "existing":
      say("credential", "existing");
  }
}

function sayRotation(
  { generation, phase }: Rotation,
  say: (key: string, value: string | undefined) => void,
): void {
  if (generation !== FIRST_GENERATION.generation) say("generation", String(generation));
  if (phase !== FIRST_GENERATION.phase) say("phase", phase);
}

/** Bare where that is unambiguous. The account may have anything, and a line stands in previews. */
function quoted(value: string): string {
  return /^[^\s"\\]+$/.test(value) && escaped(value) === value ? value : escaped(JSON.stringify(value));
}
