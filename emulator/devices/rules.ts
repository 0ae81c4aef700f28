/** A documented rule for a value. Returns the message for a value that breaks the rule. */

export type Rule = (value: string) => string | undefined;

const shown = (value: string) => JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);

const matches =
  (pattern: RegExp): Rule =>
  (value) =>
    pattern.test(value) ? undefined : `${shown(value)} does not match ${String(pattern)}`;

export const deviceIdRule = matches(/^[a-z0-9:_-]{1,128}$/i);

// The published pattern has no anchors, so it refuses nothing. It is applied as it is meant.
export const subTypeRule = matches(/^[a-zA-Z0-9_.,@/:#-]{0,799}$/);

export const tagRule = matches(/^[a-zA-Z0-9_.@:#-]+$/);

const bulkFirmwareTypes = ["APP", "MODEM", "BOOT", "SOFTDEVICE", "BOOTLOADER", "MDM_FULL"];

/** The firmware types for the onboarding of a single device and for list filters. */
export const firmwareTypes = [...bulkFirmwareTypes, "SMP", "CUSTOM"];

const oneOf =
  (words: readonly string[]): Rule =>
  (value) =>
    words.includes(value) ? undefined : `${shown(value)} is not one of ${words.join(", ")}`;

export const bulkFirmwareTypeRule = oneOf(bulkFirmwareTypes);
export const firmwareTypeRule = oneOf(firmwareTypes);

const certificatePem =
  /^-{5}BEGIN CERTIFICATE-{5}(\r\n|\r|\n)([^-]+)(\r\n|\r|\n)-{5}END CERTIFICATE-{5}(\r\n|\r|\n)$/;
const publicKeyPem =
  /^-{5}BEGIN PUBLIC KEY-{5}(\r\n|\r|\n)([^-]+)(\r\n|\r|\n)-{5}END PUBLIC KEY-{5}(\r\n|\r|\n)$/;

// The values are too long for a message.
const pem =
  (patterns: readonly RegExp[], what: string): Rule =>
  (value) =>
    patterns.some((pattern) => pattern.test(value))
      ? undefined
      : `is not ${what} in PEM format that ends with a line break`;

export const certificateRule = pem([certificatePem], "exactly one certificate");
export const publicKeyRule = pem([publicKeyPem], "exactly one public key");
export const credentialRule = pem([certificatePem, publicKeyPem], "exactly one certificate or public key");

export function nameRule(name: string): string | undefined {
  return name.length >= 1 && name.length <= 128 ? undefined : "the name must have 1 to 128 characters";
}
