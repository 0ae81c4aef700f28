import type * as pulumi from "@pulumi/pulumi";
import type { CaCertificate } from "./caCertificate.js";

/** What a resource that signs certificates needs of a CA, as its inputs: so that it can be updated alone (`--target`). */
export function caInputs(ca: CaCertificate | undefined): pulumi.Inputs {
  return ca === undefined ? {} : { caCertificate: ca.certificate, caPrivateKey: ca.privateKey };
}
