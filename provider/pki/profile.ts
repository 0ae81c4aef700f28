/**
 * What device certificates say besides their subject. `rfc5280` is the profile of a TLS client: basicConstraints CA:FALSE,
 * keyUsage digitalSignature, extKeyUsage clientAuth, and the key identifiers of subject and authority, which strict TLS
 * stacks ask for. `bare` has no extensions, as Nordic's own tool makes them.
 */
export const certificateProfiles = ["rfc5280", "bare"] as const;

export type CertificateProfile = (typeof certificateProfiles)[number];

/** The default profile of device certificates. */
export const DEFAULT_PROFILE: CertificateProfile = "rfc5280";

/** Whether a text names a profile. */
export function isCertificateProfile(text: string): text is CertificateProfile {
  return (certificateProfiles as readonly string[]).includes(text);
}
