/** The operations that are served, by their names in Nordic's OpenAPI descriptions, or ours where these give none. */
export const operationIds = [
  "GetSystemStatus",
  "FetchOpenApi",
  "FetchAccountInfo",
  "ListTags",
  "OnboardDevices",
  "OnboardDevice",
  "RegisterCertificates",
  "RegisterPublicKeys",
  "ListDevices",
  "FetchDevice",
  "ListDeviceTags",
  "UpdateDeviceName",
  "UpdateDeviceTags",
  "UpdateDeviceState",
  "DeleteDevice",
  "CreateDeviceCertificate",
  "AssociateDevice",
  "DissociateDevice",
  "FetchBulkOpsRequest",
  "ListBulkOpsRequests",
  "DownloadBulkOpsFile",
  "ClaimDeviceOwnership",
  "ListClaimedDevices",
  "FetchClaimedDevice",
  "UpdateClaimedDeviceTags",
  "UnclaimDevice",
  "CreateDeviceProvisioningCommand",
  "ListDeviceProvisioningCommands",
  "FetchDeviceProvisioningCommand",
  "ListProvisioningRules",
  "CreateProvisioningRule",
  "FetchProvisioningRule",
  "DeleteProvisioningRule",
  "ListProvisioningTags",
  "CreateProvisioningTag",
  "DeleteProvisioningTag",
] as const;

export type OperationId = (typeof operationIds)[number];

export const isOperationId = (value: unknown): value is OperationId =>
  operationIds.some((id) => id === value);
