/** The security tag that Nordic's firmware and tools use for nRF Cloud, unless they are configured otherwise. */
export const NRF_CLOUD_SECURITY_TAG = 16_842_753;

/** Tags above are the modem's own. */
export const LARGEST_SECURITY_TAG = 2_147_483_647;

/** Whether a modem keeps credentials under this tag. */
export function isSecurityTag(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_SECURITY_TAG;
}
