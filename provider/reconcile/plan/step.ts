import type { Row } from "../table/row.js";

/** The source of a step's credential. */
export type CredentialSource =
  /** A new key and certificate, or a new certificate for a CSR. */
  | { readonly kind: "new" }
  /** A new certificate for the key that the state has. */
  | { readonly kind: "same key" }
  /** The credential that the state has. */
  | { readonly kind: "recorded" }
  /** The next credential, which the state keeps. */
  | { readonly kind: "next" }
  /** The previous one, which the state keeps. */
  | { readonly kind: "previous" }
  /** The credential of the journal, so that the interrupted step is repeated with the same content. */
  | { readonly kind: "logged" }
  /** The credential that the device brings. */
  | { readonly kind: "brought" };

/** One step of the plan of a row. */
export type Step =
  | { readonly kind: "onboard"; readonly credential: CredentialSource }
  | { readonly kind: "register"; readonly credential: CredentialSource }
  /** The next credential is issued, and kept in the state. */
  | { readonly kind: "next"; readonly credential: CredentialSource }
  /** A claimed device is ordered to generate a new key. */
  | { readonly kind: "renew" }
  /** nRF Cloud issues a just-in-time certificate. */
  | { readonly kind: "issue" }
  /** Claims by ownership code, after the first connect. */
  | { readonly kind: "associate" }
  /** Claims by attestation token. */
  | { readonly kind: "claim" }
  | { readonly kind: "rename" }
  | { readonly kind: "retag" }
  /** Sets the desired section of the shadow. */
  | { readonly kind: "configure" }
  | { readonly kind: "delete" }
  | { readonly kind: "dissociate" }
  | { readonly kind: "unclaim" };

/** The step that deletes or releases a device. `undefined`: the claim is kept. */
export function removalOf(row: Row): Step | undefined {
  switch (row.way) {
    case "preconnect":
      return { kind: "delete" };
    case "jitp":
      return { kind: "dissociate" };
    case "attestation":
      return row.unclaim ? { kind: "unclaim" } : undefined;
  }
}
