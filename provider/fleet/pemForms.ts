/** The forms other than PEM in which Nordic's modems and tools give requests, keys and certificates. */
import type { PemKind } from "./sources.js";

/** Line breaks written as `\n`, as `create_device_credentials --embed-save` and many secret stores have them. */
const spelledBreak = /-----BEGIN [A-Z0-9 ]{1,40}-----(?:\\r)?\\n/;

/** A modem's answer to `AT%KEYGEN`: base64url of the request or key, a dot, and a COSE signature. */
const keygen = /^\s*(?:%KEYGEN:\s*)?"?(M[\w-]{100,})\.0oRD[\w-]+"?(?:\s*OK)?\s*$/;

const keygenLabels: Readonly<Partial<Record<PemKind, string>>> = {
  csr: "CERTIFICATE REQUEST",
  publicKey: "PUBLIC KEY",
};

/** Is this a modem's answer to `AT%KEYGEN`, which is no secret, though it ends as an attestation token does? */
export function isKeygenAnswer(text: string): boolean {
  return keygen.test(text);
}

/** Is this the text of a credential, and not the path of its file? */
export function isCredentialText(text: string): boolean {
  return text.includes("-----BEGIN") || isKeygenAnswer(text);
}

/** The PEM of a text in one of these forms; any other text as it is. */
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
