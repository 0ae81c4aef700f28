import type { Fields } from "../../engine/fields.js";
import {
  certificateProfiles,
  DEFAULT_PROFILE,
  isCertificateProfile,
  type CertificateProfile,
} from "../../pki/profile.js";

/** Default validity of issued certificates: ten years, as Nordic's own tool makes them. */
export const DEFAULT_VALIDITY_DAYS = 3650;

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

/** Reads the profile of the certificates that are issued. */
export function readProfile(fields: Fields): CertificateProfile {
  const profile = fields.text("profile", (text) =>
    isCertificateProfile(text) ? undefined : `must be one of ${certificateProfiles.join(", ")}`,
  );
  return profile !== undefined && isCertificateProfile(profile) ? profile : DEFAULT_PROFILE;
}
