import type { OperationId } from "../http/operationIds.js";

/** The fault of an answer that shows stored data. */
export type ListFault =
  /** It shows what a reader would have seen so many milliseconds ago. */
  | { readonly kind: "listLags"; readonly ms: number }
  /** One item is on this page and the next, and another one on neither, as if the collection had changed in between. */
  | { readonly kind: "listChanges" };

/** The operations that show one thing or several, by page or all at once. */
export const laggingOperations: readonly OperationId[] = [
  "ListTags",
  "ListDevices",
  "FetchDevice",
  "ListDeviceTags",
  "FetchBulkOpsRequest",
  "ListBulkOpsRequests",
  "ListClaimedDevices",
  "FetchClaimedDevice",
  "ListDeviceProvisioningCommands",
  "FetchDeviceProvisioningCommand",
  "ListProvisioningRules",
  "FetchProvisioningRule",
  "ListProvisioningTags",
];

/** The operations whose lists come in pages. */
export const pagedOperations: readonly OperationId[] = [
  "ListDevices",
  "ListDeviceTags",
  "ListBulkOpsRequests",
  "ListClaimedDevices",
  "ListDeviceProvisioningCommands",
  "ListProvisioningRules",
  "ListProvisioningTags",
];
