import { escaped } from "../engine/escaped.js";
import type { CommandSigner, Pkcs11Signer } from "./description.js";

/** As messages call a signer. Arguments of a command are not shown: they are nobody's business. */
export function titleOf(description: CommandSigner | Pkcs11Signer): string {
  const name = description.kind === "command" ? (description.argv[0] ?? "") : description.uri;
  return `The signer ${escaped(JSON.stringify(name))}`;
}
