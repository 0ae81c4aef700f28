import { asError } from "../../engine/errors.js";
import type { Finding } from "../../reconcile/plan/finding.js";
import type { PreconnectRow } from "../../reconcile/table/row.js";
import { describeCertificate, requireP256Certificate } from "../../pki/certificate.js";
import { parseCsr } from "../../pki/csr.js";
import { parsePublicKey } from "../../pki/keys.js";
import { outsideOf } from "../../pki/validity.js";
import { csrNameFinding } from "./csrName.js";

/** What is around a device that brings something. */
export interface MaterialContext {
  readonly now: Date;
  /** Whether another device of the fleet has this id. */
  readonly isOther: (id: string) => boolean;
}

/** What is to be said against what a device brings as its credential; `undefined` where there is nothing. */
export function materialFinding(
  id: string,
  { credential }: PreconnectRow,
  material: string | undefined,
  { now, isOther }: MaterialContext,
): Finding | undefined {
  if (credential.kind === "issue" || credential.kind === "existing") return undefined;
  if (material === undefined) return refuse(`${credential.kind} is missing`);
  try {
    switch (credential.kind) {
      case "csr":
        return csrNameFinding(id, parseCsr(material).subject.commonName, isOther);
      case "publicKey":
        parsePublicKey(material);
        return undefined;
      case "certificate":
        return certificateFinding(id, material, now);
    }
  } catch (thrown) {
    return refuse(`${credential.kind}: ${asError(thrown).message}`);
  }
}

function certificateFinding(id: string, pem: string, now: Date): Finding | undefined {
  const certificate = describeCertificate(pem);
  requireP256Certificate(certificate);
  const { commonName } = certificate.subject;
  if (commonName !== id) {
    return refuse(
      `certificate is made out to ${JSON.stringify(commonName ?? "nobody")} instead of ${id}: the common name must be the device id, ` +
        "or the device can't connect by MQTT",
    );
  }
  const outside = outsideOf(certificate, now);
  if (outside === undefined) return undefined;
  return refuse(`certificate ${outside}, so that the device could not connect: give the device another`);
}

function refuse(text: string): Finding {
  return { kind: "refuse", text };
}
