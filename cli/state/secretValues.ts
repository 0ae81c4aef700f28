import { isObject, textEntry } from "../json.js";

/** The engine marks a secret by this key (`SigKey` and `SecretSig` of the SDK). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** The secret properties of a set, at any depth. */
const SECRETS: ReadonlySet<string> = new Set([
  "materials",
  "privateKeys",
  "keptKeys",
  "caPrivateKey",
  "nextCaPrivateKey",
  "journalKey",
]);

/**
 * Property values in the form of a state: secrets are wrapped, in clear text, and the CLI encrypts them when it reads them.
 * @param before the same properties before: what was secret remains secret
 */
export function wrapSecrets(
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

/** Wraps a secret, in clear text. */
export function secretValue(value: unknown): unknown {
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, plaintext: JSON.stringify(value) };
}

function isEnvelope(value: unknown): boolean {
  return isObject(value) && textEntry(value, SIGNATURE_KEY) === SECRET_SIGNATURE;
}
