/** IMEIs, and the device ids that Nordic's own products derive from them. */
import { checkDeviceId, checkNumberNotDamaged, type Violation } from "./rules.js";

/** nRF Cloud reserves this prefix for Nordic's own products. */
const nordicPrefix = "nrf-";

export function nordicDeviceId(imei: string): string {
  return `${nordicPrefix}${imei}`;
}

/** The part of a device id after `nrf-`; undefined without this prefix. */
export function imeiOf(deviceId: string): string | undefined {
  return deviceId.startsWith(nordicPrefix) ? deviceId.slice(nordicPrefix.length) : undefined;
}

/** Checks the id of a JITP device. Only Nordic's own products may use the prefix `nrf-`, followed by their IMEI. */
export function checkJitpDeviceId(value: string): Violation | undefined {
  const imei = imeiOf(value);
  const violation = imei === undefined ? undefined : checkImei(imei);
  return (
    checkDeviceId(value) ??
    (violation && {
      message: `only Nordic's own products have ids that begin with nrf-, followed by their IMEI, but ${violation.message}`,
      fix: `${violation.fix}; for a device of another manufacturer, choose another id`,
    })
  );
}

const compareWithLabel = "compare it with the label";

/**
 * Checks an IMEI: fifteen digits, of which the last is a check digit (Luhn, 3GPP TS 23.003). The message does not quote the
 * value, since in a CSV file with mixed-up columns it may be the ownership code.
 */
export function checkImei(value: string): Violation | undefined {
  const violation = checkImeiDigits(value);
  if (violation) return violation;
  if (luhnSum(value) % 10 !== 0)
    return { message: "the check digit of the IMEI is wrong", fix: compareWithLabel };
  return undefined;
}

/** As `checkImei` without the check digit, for IMEIs that a tool read from the modem and that nobody typed. */
export function checkImeiDigits(value: string): Violation | undefined {
  if (value === "") return { message: "the IMEI is empty", fix: "fill in the fifteen digits of the label" };
  const damaged = checkNumberNotDamaged(value, "IMEI");
  if (damaged) return damaged;
  if (/\D/.test(value))
    return {
      message: "the IMEI has characters other than digits",
      fix: "write the fifteen digits of the label and nothing else",
    };
  if (value.length !== 15) {
    const zero = value.length === 14 ? " (without quotes, a number loses its leading 0)" : "";
    return {
      message: `the IMEI has ${value.length} ${value.length === 1 ? "digit" : "digits"}, not 15`,
      fix: `${compareWithLabel}${zero}`,
    };
  }
  return undefined;
}

function luhnSum(digits: string): number {
  const values = Array.from(digits, Number).reverse();
  return values.reduce((sum, digit, index) => {
    if (index % 2 === 0) return sum + digit;
    return sum + (digit < 5 ? digit * 2 : digit * 2 - 9);
  }, 0);
}
