export { AttestationClaim } from "./resources/attestationClaim.js";
export type { AttestationClaimArgs } from "./resources/attestationClaim.js";
export { CaCertificate } from "./resources/caCertificate.js";
export type {
  CaCertificateArgs,
  ExistingCaArgs,
  NewCaArgs,
  SignerCaArgs,
} from "./resources/caCertificate.js";
export { Device } from "./resources/device.js";
export type { DeviceArgs, DeviceCredential, DeviceIssueArgs } from "./resources/device.js";
export { DeviceCertificate } from "./resources/deviceCertificate.js";
export type { DeviceCertificateArgs, IssueArgs } from "./resources/deviceCertificate.js";
export { DeviceSet } from "./resources/deviceSet.js";
export type { DeviceSetArgs } from "./resources/deviceSet.js";
export type { RolloutArgs } from "./resources/rolloutArgs.js";
export type {
  AttestedDevice,
  DeviceRow,
  JitpDevice,
  PreconnectDevice,
  RowCredentialArgs,
} from "./resources/deviceRow.js";
export type { KeyRotationArgs, RotationArgs } from "./resources/rotation.js";
export type { SetDevice } from "./resources/setOutputs.js";
export { Fleet } from "./resources/fleet.js";
export type { FleetArgs } from "./resources/fleet.js";
export { JitpCertificate } from "./resources/jitpCertificate.js";
export type { JitpCertificateArgs } from "./resources/jitpCertificate.js";
export { JournalKey } from "./resources/journalKey.js";
export { OwnershipClaim } from "./resources/ownershipClaim.js";
export type { OwnershipClaimArgs } from "./resources/ownershipClaim.js";
export { ProvisioningRule } from "./resources/provisioningRule.js";
export type { ProvisioningCommand, ProvisioningRuleArgs } from "./resources/provisioningRule.js";
export type { SecretReference, SignerArgs, SigningCa } from "./resources/signingCa.js";
export type { FleetDefinition } from "./fleet/definition.js";
export type { FirmwareType } from "./fleet/rules.js";
export type { KeyUsage } from "./pki/keyUsage.js";
export type { Subject } from "./pki/subject.js";
