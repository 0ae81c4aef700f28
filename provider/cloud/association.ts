import { RefusedError } from "./errors.js";
import { path, type Transport } from "./transport.js";

/** How nRF Cloud answers a claim of ownership. */
export type Association =
  | { readonly kind: "associated" }
  /** The device has never connected (40412). */
  | { readonly kind: "not connected" }
  /** It belongs to another team (40101). */
  | { readonly kind: "other team" }
  /** The ownership code is not this device's (40102). */
  | { readonly kind: "wrong code" }
  /** No JITP certificate was ever issued for this id (40001). */
  | { readonly kind: "no certificate" }
  /** Nordic knows no product with this id and code (40411). */
  | { readonly kind: "unknown product" };

const ANSWERS: ReadonlyMap<number | undefined, Association> = new Map([
  [40412, { kind: "not connected" }],
  [40101, { kind: "other team" }],
  [40102, { kind: "wrong code" }],
  [40001, { kind: "no certificate" }],
  [40411, { kind: "unknown product" }],
]);

/**
 * Claims a JITP device for the team by its ownership code (AssociateDevice). It is idempotent, except that another sub-type changes the
 * device's.
 *
 * @throws CloudError for every refusal other than the known answers
 */
export async function associateDevice(
  transport: Transport,
  claim: { readonly deviceId: string; readonly ownershipCode: string; readonly subType?: string | undefined },
): Promise<Association> {
  const { deviceId, ownershipCode, subType } = claim;
  try {
    await transport.execute({
      operation: "AssociateDevice",
      deviceId,
      method: "PUT",
      path: path("association", deviceId),
      ...(subType === undefined ? {} : { query: { subType } }),
      body: { type: "text/plain", text: ownershipCode },
      secrets: [ownershipCode],
    });
    return { kind: "associated" };
  } catch (error) {
    const answer = error instanceof RefusedError ? ANSWERS.get(error.code) : undefined;
    if (answer === undefined) throw error;
    return answer;
  }
}

/**
 * Releases a device from the team (DissociateDevice). nRF Cloud keeps the device and its certificate, and everybody who has the code can
 * claim it. It succeeds for a device that is not associated.
 */
export async function dissociateDevice(transport: Transport, deviceId: string): Promise<void> {
  try {
    await transport.remove({
      operation: "DissociateDevice",
      deviceId,
      method: "DELETE",
      path: path("association", deviceId),
    });
  } catch (error) {
    const notOurs = error instanceof RefusedError && error.code === 40103;
    if (!notOurs) throw error;
  }
}
