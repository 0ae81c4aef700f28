import type { MadeCredential } from "../../../ways/preconnect/credential.js";
import type { RowRecord } from "../../table/record.js";
import type { RowRun } from "../rowRun.js";

export type RecordedCredential = Pick<RowRecord, "certificate" | "privateKey" | "validUntil" | "issuedWith">;

/** The credential that the device has after a run. */
export function credentialAfter({ made, record }: RowRun): RecordedCredential {
  return credentialIn(made ?? record);
}

export function credentialIn(source: MadeCredential | RowRecord | undefined): RecordedCredential {
  return {
    certificate: source?.certificate,
    privateKey: source?.privateKey,
    validUntil: source?.validUntil,
    issuedWith: source?.issuedWith,
  };
}
