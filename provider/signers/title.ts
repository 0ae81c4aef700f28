import { escaped } from "../engine/escaped.js";
import type { CommandSigner, Pkcs11Signer } from "./description.js";

/** The name of a signer in messages. Arguments of a command are not shown, since they may be confidential. */
export function titleOf(description: CommandSigner | Pkcs11Signer): string {
  const name = description.kind === "command" ? (description.argv[0] ?? "") : description.uri;
  return `The signer ${escaped(JSON.stringify(name))}`;
}
