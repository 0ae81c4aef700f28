/** The security tag that Nordic's firmware and tools use for nRF Cloud by default. */
export const NRF_CLOUD_SECURITY_TAG = 16_842_753;

/** The modem reserves all security tags above. */
export const LARGEST_SECURITY_TAG = 2_147_483_647;

/** Whether a value is a security tag for credentials. */
export function isSecurityTag(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_SECURITY_TAG;
}
