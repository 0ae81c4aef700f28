import { escaped } from "../../provider/engine/escaped.js";
import { elements, entry } from "../json.js";

/** Where the private key of a CA is. */
export type CaKeyPlace =
  /** Pulumi encrypts it there, as every secret. */
  | { readonly place: "state" }
  /** The program alone: its arguments are nobody's business. */
  | { readonly place: "signer"; readonly signer: "command"; readonly program: string }
  | { readonly place: "signer"; readonly signer: "pkcs11" }
  /** A preview does not know it yet, or it is a secret itself. */
  | { readonly place: "signer"; readonly signer: "unknown" };

/** Where the key is by what a resource declares as the signer of a CA. @param signer `undefined` where there is none */
export function caKeyPlace(signer: unknown): CaKeyPlace {
  if (signer === undefined || signer === null) return { place: "state" };
  const [program] = elements(entry(signer, "command"));
  if (typeof program === "string") return { place: "signer", signer: "command", program };
  return { place: "signer", signer: entry(signer, "pkcs11") === undefined ? "unknown" : "pkcs11" };
}

/** As people read it. */
export function caKeyText(key: CaKeyPlace): string {
  if (key.place === "state") return "in the state (encrypted)";
  switch (key.signer) {
    case "command":
      return `with the signer: command ${escaped(JSON.stringify(key.program))}`;
    case "pkcs11":
      return "with the signer: PKCS#11 token";
    case "unknown":
      return "with the signer";
  }
}
