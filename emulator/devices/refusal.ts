import type { Certificate, CredentialRegister } from "../store/credentialRegister.js";

/** Why a device or credential was refused: a row's error in a bulk job, or an error reply to a single call. */
export interface Refusal {
  readonly kind: "invalid" | "conflict" | "limit";
  readonly message: string;
}

/** The id is taken: by another team, or by our own device with other attributes or another credential. */
export const existsDifferently = (deviceId: string): Refusal => ({
  kind: "conflict",
  message: `Thing ${deviceId} already exists in account with different attributes`,
});

export const certificateTaken: Refusal = {
  kind: "conflict",
  message: "The device certificate is already registered and attached to a different device.",
};

export const limitExceeded = (limit: number): Refusal => ({
  kind: "limit",
  message: `The plan's limit of ${limit} devices is exceeded.`,
});

export function isAnotherDevices(
  credentials: CredentialRegister,
  certificate: Certificate | undefined,
  deviceId: string,
): boolean {
  const holder = certificate === undefined ? undefined : credentials.holder(certificate);
  return holder !== undefined && holder !== deviceId;
}
