import { asError } from "../../engine/errors.js";
import type { PreconnectRow } from "../../reconcile/table/row.js";
import { describeCertificate, requireP256Certificate } from "../../pki/certificate.js";
import { parseCsr } from "../../pki/csr.js";
import { parsePublicKey } from "../../pki/keys.js";

/** Why what a device brings can't be its credential; `undefined` where it can. */
export function materialProblem(
  id: string,
  { credential }: PreconnectRow,
  material: string | undefined,
  now: Date,
): string | undefined {
  if (credential.kind === "issue" || credential.kind === "existing") return undefined;
  if (material === undefined) return `${credential.kind} is missing`;
  try {
    switch (credential.kind) {
      case "csr":
        parseCsr(material);
        return undefined;
      case "publicKey":
        parsePublicKey(material);
        return undefined;
      case "certificate":
        return certificateProblem(id, material, now);
    }
  } catch (thrown) {
    return `${credential.kind}: ${asError(thrown).message}`;
  }
}

function certificateProblem(id: string, pem: string, now: Date): string | undefined {
  const certificate = describeCertificate(pem);
  requireP256Certificate(certificate);
  const { commonName } = certificate.subject;
  if (commonName !== id) {
    return (
      `certificate is made out to ${JSON.stringify(commonName ?? "nobody")} instead of ${id}: the common name must be the device id, ` +
      "or the device can't connect by MQTT"
    );
  }
  if (Date.parse(certificate.notAfter) >= now.getTime()) return undefined;
  return `certificate expired at ${certificate.notAfter}, so that the device could not connect: give the device another`;
}
