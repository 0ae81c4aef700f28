/** The security tag that Nordic's firmware and tools use for nRF Cloud, unless they are configured otherwise. */
export const NRF_CLOUD_SECURITY_TAG = 16842753;

/** Tags above are the modem's own. */
export const LARGEST_SECURITY_TAG = 2147483647;

/** Where a modem keeps a credential under a tag: `<type>` of `AT%CMNG`. */
export const credentialTypes = { serverRoot: 0, certificate: 1, privateKey: 2 } as const;

export type CredentialType = (typeof credentialTypes)[keyof typeof credentialTypes];
