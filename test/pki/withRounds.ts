import {
  content,
  encodeDer,
  integer,
  octetString,
  parseDer,
  tagOf,
  tags,
  type Node,
} from "../../provider/pki/der.js";

/** A file that asks for so many rounds wherever OpenSSL asked for its 2,048. */
export function withRounds(file: Buffer, rounds: bigint): Buffer {
  const hex = rounds.toString(16);
  const patched = (node: Node): Node => {
    if (Array.isArray(node.value)) return { ...node, value: node.value.map(patched) };
    if (tagOf(node) === tags.integer && content(node, tags.integer).equals(Buffer.from("0800", "hex")))
      return integer(hex.padStart(hex.length + (hex.length % 2), "0"));
    if (tagOf(node) !== tags.octetString || !/^0[\x81\x82]/.test(node.value)) return node;
    return octetString(encodeDer(patched(parseDer(Buffer.from(node.value, "latin1")))));
  };
  return encodeDer(patched(parseDer(file)));
}
