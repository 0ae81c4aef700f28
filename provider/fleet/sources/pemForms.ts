/** Forms other than PEM in which Nordic's modems and tools write CSRs, keys and certificates. */
import type { PemKind } from "./pem.js";

/** PEM with line breaks escaped as `\n`, as `create_device_credentials --embed-save` and many secret stores write it. */
const spelledBreak = /-----BEGIN [A-Z0-9 ]{1,40}-----(?:\\r)?\\n/;

/** A modem's answer to `AT%KEYGEN`: base64url of the CSR or key, a dot, and a COSE signature. */
const keygen = /^\s*(?:%KEYGEN:\s*)?"?(M[\w-]{100,})\.0oRD[\w-]+"?(?:\s*OK)?\s*$/;

const keygenLabels: Readonly<Partial<Record<PemKind, string>>> = {
  csr: "CERTIFICATE REQUEST",
  publicKey: "PUBLIC KEY",
};

/** Detects a modem's answer to `AT%KEYGEN`, which is not secret, though its end resembles an attestation token. */
export function isKeygenAnswer(text: string): boolean {
  return keygen.test(text);
}

/** Distinguishes a credential from the path of its file. */
export function isCredentialText(text: string): boolean {
  return text.includes("-----BEGIN") || isKeygenAnswer(text);
}

/** Converts these forms to PEM. Any other text is returned unchanged. */
export function toPemForm(text: string, kind: PemKind): string {
  if (spelledBreak.test(text)) return text.replaceAll(/"|\\r/g, "").replaceAll(/\\n\n?/g, "\n");
  const label = keygenLabels[kind];
  const [, body] = keygen.exec(text) ?? [];
  if (label === undefined || body === undefined) return text;
  const lines =
    Buffer.from(body, "base64url")
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
