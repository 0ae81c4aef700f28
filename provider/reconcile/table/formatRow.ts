import { escaped } from "../../engine/escaped.js";
import { configText } from "../../fleet/config.js";
import { FIRST_GENERATION, type Rotation } from "../../fleet/rotation.js";
import { NRF_CLOUD_SECURITY_TAG } from "../../fleet/securityTag.js";
import { DEFAULT_WAIT_SECONDS, type Row, type RowCredential } from "./row.js";

/** Formats a row as one line: what differs from the defaults, always in the same order. */
export function formatRow(row: Row): string {
  const words: string[] = [];
  const write = (key: string, value: string | undefined) => {
    if (value !== undefined && value !== "") words.push(`${key}=${quoted(value)}`);
  };
  if (row.way !== "preconnect") write("via", row.way);
  if (row.way !== "attestation") write("subType", row.subType);
  write("tags", row.tags.join(","));
  if (row.way === "preconnect") write("firmware", row.firmwareTypes.join(","));
  if (row.way !== "attestation") write("name", row.name);
  if (row.way === "preconnect") writeCredential(row.credential, write);
  if (row.way === "jitp") {
    if (row.issued) write("credential", "issued");
    if (row.waitSeconds !== DEFAULT_WAIT_SECONDS) write("wait", String(row.waitSeconds));
    if (row.pending === "allow") write("pending", row.pending);
  }
  if (row.way === "attestation") {
    writeRotation(row.rotation, write);
    if (row.securityTag !== NRF_CLOUD_SECURITY_TAG) write("secTag", String(row.securityTag));
    if (row.unclaim) words.push("unclaim");
  }
  if (row.config !== undefined) write("config", configText(row.config));
  if (row.adopt !== "no") write("adopt", row.adopt);
  if (row.protect) words.push("protect");
  write("retired", row.retired?.text);
  return words.join(" ");
}

function writeCredential(credential: RowCredential, write: (key: string, value: string | undefined) => void) {
  switch (credential.kind) {
    case "issue":
      writeRotation(credential.rotation, write);
      return;
    case "csr":
      write("csr", credential.fingerprint);
      writeRotation(credential.rotation, write);
      return;
    case "certificate":
    case "publicKey":
      write(credential.kind, credential.fingerprint);
      return;
    case "existing":
      write("credential", "existing");
  }
}

function writeRotation(
  { generation, phase }: Rotation,
  write: (key: string, value: string | undefined) => void,
): void {
  if (generation !== FIRST_GENERATION.generation) write("generation", String(generation));
  if (phase !== FIRST_GENERATION.phase) write("phase", phase);
}

/** Without quotes where that is unambiguous. A value from the account is escaped, because previews show the line. */
function quoted(value: string): string {
  return /^[^\s"\\]+$/.test(value) && escaped(value) === value ? value : escaped(JSON.stringify(value));
}
