import { createDeviceCertificate } from "../../cloud/jitp.js";
import type { JitpCredentials } from "../../cloud/answers.js";
import type { Deadlines } from "../../cloud/deadlines.js";
import { mayHaveTakenEffect } from "../../cloud/errors.js";
import { sendReliably, type Outcome } from "../../cloud/reliably.js";
import type { Transport } from "../../cloud/transport.js";

/** The result of an order for a just-in-time certificate. */
export type Issued =
  | { readonly kind: "issued"; readonly credentials: JitpCredentials }
  | { readonly kind: "failed"; readonly reason: string; readonly nothingDone: boolean };

/**
 * Lets nRF Cloud issue a JITP certificate (CreateDeviceCertificate). Only this answer has the key. If it is lost, nobody can use the
 * certificate, and another one is issued.
 */
export async function issueCertificate(
  transport: Transport,
  deviceId: string,
  ownershipCode: string,
  deadlines: Deadlines,
): Promise<Issued> {
  const answers: JitpCredentials[] = [];
  const send = async (): Promise<readonly Outcome[]> => {
    answers.push(await createDeviceCertificate(transport, deviceId, ownershipCode));
    return [{ kind: "done" }];
  };
  const [outcome] = await sendReliably([deviceId], { send }, deadlines, transport.clock);
  const credentials = answers.at(-1);
  if (credentials !== undefined) return { kind: "issued", credentials };
  if (outcome?.kind === "failed") {
    const { error } = outcome;
    return { kind: "failed", reason: error.message, nothingDone: !mayHaveTakenEffect(error) };
  }
  const reason = outcome?.kind === "refused" ? outcome.reason : "nRF Cloud issued no certificate.";
  return { kind: "failed", reason, nothingDone: true };
}
