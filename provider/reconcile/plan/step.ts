import type { Row } from "../table/row.js";

/** The source of a step's credential. */
export type CredentialSource =
  /** A new key and certificate, or a new certificate for a CSR. */
  | { readonly kind: "new" }
  /** A new certificate for the key that the state has. */
  | { readonly kind: "same key" }
  /** What the state has: nothing is made. */
  | { readonly kind: "recorded" }
  /** The next credential, which the state keeps. */
  | { readonly kind: "next" }
  /** The previous one, which the state keeps. */
  | { readonly kind: "previous" }
  /** What the redo log has: the interrupted step is done again with the same content. */
  | { readonly kind: "logged" }
  /** What the device brings. */
  | { readonly kind: "brought" };

/** One thing to do for one row. */
export type Step =
  | { readonly kind: "onboard"; readonly credential: CredentialSource }
  | { readonly kind: "register"; readonly credential: CredentialSource }
  /** The next credential is made, and kept. */
  | { readonly kind: "next"; readonly credential: CredentialSource }
  /** A claimed device is ordered to make a new key. */
  | { readonly kind: "renew" }
  /** nRF Cloud issues a just-in-time certificate. */
  | { readonly kind: "issue" }
  /** Claim by ownership code; waits for the first connect. */
  | { readonly kind: "associate" }
  /** Claim by attestation token. */
  | { readonly kind: "claim" }
  | { readonly kind: "rename" }
  | { readonly kind: "retag" }
  /** Set what is desired in the shadow. */
  | { readonly kind: "configure" }
  | { readonly kind: "delete" }
  | { readonly kind: "dissociate" }
  | { readonly kind: "unclaim" };

/** The step that deletes or releases a device of this way; `undefined` where its claim is kept. */
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
