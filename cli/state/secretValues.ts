import { isObject, textEntry } from "../json.js";

/** By this the engine tells a secret from an object (`SigKey` and `SecretSig` of the SDK). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** What of a set is secret, wherever it stands. */
const SECRETS: ReadonlySet<string> = new Set([
  "materials",
  "privateKeys",
  "keptKeys",
  "caPrivateKey",
  "nextCaPrivateKey",
  "journalKey",
]);

/**
 * Property values as a state has them, secrets in their envelopes with the text in clear, which the CLI encrypts as it reads them.
 * @param before the same bag as it was: what was secret stays so
 */
export function enclosed(
  properties: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => {
      const isSecret = SECRETS.has(key) || isEnvelope(before[key]);
      if (!isSecret || isEnvelope(value)) return [key, value];
      return [key, secretValue(value)];
    }),
  );
}

/** A secret in its envelope, in clear. */
export function secretValue(value: unknown): unknown {
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, plaintext: JSON.stringify(value) };
}

function isEnvelope(value: unknown): boolean {
  return isObject(value) && textEntry(value, SIGNATURE_KEY) === SECRET_SIGNATURE;
}
