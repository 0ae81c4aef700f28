/** CSV columns of Nordic's tools that a kind of group can't use. */
import type { Violation } from "../rules.js";

/** Columns that only the organization API can use. */
const organizationOnly: readonly [string, Violation][] = [
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

/** Columns that groups under `claims` can't use. */
export const unsupportedInClaims: ReadonlyMap<string, Violation> = new Map(organizationOnly);

/** Columns that groups under `groups` and `jitp` can't use. */
export const unsupportedOutsideClaims: ReadonlyMap<string, Violation> = new Map([
  ...organizationOnly,
  [
    "attestationtoken",
    { message: "the file has attestation tokens", fix: "name it in a group under claims" },
  ],
]);
