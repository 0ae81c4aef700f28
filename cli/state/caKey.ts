import { escaped } from "../../provider/engine/escaped.js";
import { elements, entry } from "../json.js";

/** Where the private key of a CA is. */
export type CaKeyPlace =
  /** Pulumi encrypts it there, like every secret. */
  | { readonly place: "state" }
  /** The program of the command, without its arguments, which may be confidential. */
  | { readonly place: "signer"; readonly signer: "command"; readonly program: string }
  | { readonly place: "signer"; readonly signer: "pkcs11" }
  /** The signer is not known yet in a preview, or is a secret itself. */
  | { readonly place: "signer"; readonly signer: "unknown" };

/** Where the key of a CA is, by its declared signer. @param signer `undefined` without one */
export function caKeyPlace(signer: unknown): CaKeyPlace {
  if (signer === undefined || signer === null) return { place: "state" };
  const [program] = elements(entry(signer, "command"));
  if (typeof program === "string") return { place: "signer", signer: "command", program };
  return { place: "signer", signer: entry(signer, "pkcs11") === undefined ? "unknown" : "pkcs11" };
}

/** The place of a key as text for people. */
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
