/** IMEIs, and the device ids that Nordic's own products have because of them. */
import { checkDeviceId, checkNumberAsWritten, type Violation } from "./rules.js";

/** What the device ids of Nordic's own products begin with; nRF Cloud keeps it for them. */
const nordicPrefix = "nrf-";

/** The device id of a product of Nordic. */
export function nordicDeviceId(imei: string): string {
  return `${nordicPrefix}${imei}`;
}

/** What stands behind `nrf-` in a device id; undefined if it begins otherwise. */
export function imeiOf(deviceId: string): string | undefined {
  return deviceId.startsWith(nordicPrefix) ? deviceId.slice(nordicPrefix.length) : undefined;
}

/** Is this an id that a just-in-time device can have: a product of Nordic's has its IMEI in it, no other begins so. */
export function checkJitpDeviceId(value: string): Violation | undefined {
  const imei = imeiOf(value);
  const violation = imei === undefined ? undefined : checkImei(imei);
  return (
    checkDeviceId(value) ??
    (violation && {
      message: `only Nordic's own products have ids that begin with nrf-, followed by their IMEI, but ${violation.message}`,
      fix: `${violation.fix}; for a device that is not of Nordic's make, choose another id`,
    })
  );
}

const label = "compare it with the label";

/**
 * Is this an IMEI: fifteen digits, of which the last checks the others (Luhn, as 3GPP TS 23.003 has it)? The answer does
 * not repeat the value: in a factory's file, a slip of the columns puts the ownership code here.
 */
export function checkImei(value: string): Violation | undefined {
  const violation = checkImeiDigits(value);
  if (violation) return violation;
  if (luhnSum(value) % 10 !== 0) return { message: "the check digit of the IMEI is wrong", fix: label };
  return undefined;
}

/** As `checkImei`, without the check digit: of what a modem says itself, which no slip of the finger can have spoilt. */
export function checkImeiDigits(value: string): Violation | undefined {
  if (value === "") return { message: "the IMEI is empty", fix: "fill in the fifteen digits of the label" };
  const spoilt = checkNumberAsWritten(value, "IMEI");
  if (spoilt) return spoilt;
  if (/\D/.test(value))
    return {
      message: "the IMEI has characters other than digits",
      fix: "write the fifteen digits of the label and nothing else",
    };
  if (value.length !== 15) {
    const zero = value.length === 14 ? " (a first 0 is lost if the number does not stand in quotes)" : "";
    return {
      message: `the IMEI has ${value.length} ${value.length === 1 ? "digit" : "digits"}, not 15`,
      fix: `${label}${zero}`,
    };
  }
  return undefined;
}

/** Every second digit, counted from the one before the check digit, is doubled and its digits added up. */
function luhnSum(digits: string): number {
  const values = Array.from(digits, Number).reverse();
  return values.reduce((sum, digit, index) => {
    if (index % 2 === 0) return sum + digit;
    return sum + (digit < 5 ? digit * 2 : digit * 2 - 9);
  }, 0);
}
