/** Columns of the CSV files that Nordic's newer tools write for the organisation API. */
import type { Violation } from "./rules.js";

/** What can't be used with the team API, whatever the group. */
const organisationOnly: readonly [string, Violation][] = [
  [
    "onboardingtoken",
    {
      message: "the file has onboarding tokens (nRF93M1), which only nRF Cloud's organization API takes",
      fix: "onboard these devices with memfault-cli nrfcloud device create",
    },
  ],
  [
    "selfsignedcertificateattestation",
    {
      message:
        "the file has attestations of self-signed certificates (AT%KEYGEN type 14,2), which only nRF Cloud's organization API takes",
      fix: "claim the devices with attestation tokens under claims, or give each a csr and a ca that signs it",
    },
  ],
];

/** Of devices that are claimed. */
export const foreignToClaims: ReadonlyMap<string, Violation> = new Map(organisationOnly);

/** Of devices that are not claimed by attestation tokens. */
export const foreignToOthers: ReadonlyMap<string, Violation> = new Map([
  ...organisationOnly,
  [
    "attestationtoken",
    { message: "the file has attestation tokens", fix: "name it in a group under claims" },
  ],
]);
