/** Ten years, as Nordic's own tool makes it. */
export const DEFAULT_DEVICE_VALIDITY_DAYS = 3650;

/** A validity in whole days, 1 to 36,500. */
export function validityDaysRule(days: number): string | undefined {
  return Number.isInteger(days) && days >= 1 && days <= 36_500
    ? undefined
    : "must be a whole number of days, 1 to 36500";
}

/** A time before the end of a validity, in hours. */
export function hoursRule(hours: number): string | undefined {
  return hours >= 0 ? undefined : "must be 0 or more hours";
}
