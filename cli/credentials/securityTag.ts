/** Where a modem keeps a credential under a tag: `<type>` of `AT%CMNG`. */
export const credentialTypes = { serverRoot: 0, certificate: 1, privateKey: 2 } as const;

export type CredentialType = (typeof credentialTypes)[keyof typeof credentialTypes];
