/** The token and key of a PKCS#11 URI (RFC 7512). An absent attribute matches any. */
export interface KeyUri {
  readonly token?: string;
  readonly serial?: string;
  readonly slotId?: number;
  /** Label of the key. */
  readonly object?: string;
  /** CKA_ID of the key. */
  readonly id?: Buffer;
}

/** Why a string is not the URI of a private key; `undefined` if it is one. */
export function uriProblem(text: string): string | undefined {
  const read = readUri(text);
  return "problem" in read ? read.problem : undefined;
}

/** @throws Error with the result of `uriProblem` */
export function parseUri(text: string): KeyUri {
  const read = readUri(text);
  if ("problem" in read) throw new Error(`The PKCS#11 URI ${read.problem}.`);
  return read.uri;
}

const EXAMPLE = "such as pkcs11:token=fleet;object=ca";

function readUri(text: string): { readonly uri: KeyUri } | { readonly problem: string } {
  const [, attributes, query] = /^pkcs11:([^?]*)(?:\?(.*))?$/.exec(text) ?? [];
  if (attributes === undefined) return { problem: `must be a PKCS#11 URI, ${EXAMPLE}` };
  if (query !== undefined) return { problem: queryProblem(query) };
  const given = new Map<string, Buffer>();
  for (const attribute of attributes.split(";").filter((each) => each !== "")) {
    const [, name, value] = /^([a-z-]+)=(.*)$/.exec(attribute) ?? [];
    if (name === undefined || value === undefined)
      return { problem: `must have name=value pairs, ${EXAMPLE}` };
    if (!KNOWN.includes(name))
      return { problem: `can't have the attribute ${name}: give ${KNOWN.join(", ")}` };
    if (given.has(name)) return { problem: `has the attribute ${name} twice` };
    const bytes = decoded(value);
    if (bytes === undefined) return { problem: `has a % that two hexadecimal digits do not follow` };
    given.set(name, bytes);
  }
  const word = (name: string) => given.get(name)?.toString();
  if (word("type") !== undefined && word("type") !== "private")
    return { problem: "must be that of a private key: write type=private, or leave type out" };
  const [token, serial, slot, object, id] = [
    word("token"),
    word("serial"),
    word("slot-id"),
    word("object"),
    given.get("id"),
  ];
  if (token === undefined && serial === undefined && slot === undefined)
    return { problem: `must name the token by token, serial or slot-id, ${EXAMPLE}` };
  if (object === undefined && id === undefined)
    return { problem: `must name the key by object or id, ${EXAMPLE}` };
  if (slot !== undefined && !/^\d{1,9}$/.test(slot)) return { problem: "must have a number as slot-id" };
  return {
    uri: {
      ...(token === undefined ? {} : { token }),
      ...(serial === undefined ? {} : { serial }),
      ...(slot === undefined ? {} : { slotId: Number(slot) }),
      ...(object === undefined ? {} : { object }),
      ...(id === undefined ? {} : { id }),
    },
  };
}

const KNOWN = ["token", "serial", "slot-id", "object", "id", "type"];

/** The message never quotes the URI, which may contain a PIN. */
function queryProblem(query: string): string {
  if (/(^|&)pin-(value|source)=/.test(query))
    return "must not hold a PIN: give `pin`, which says where the PIN is";
  return "must end before its ?: give the library as `module`";
}

function decoded(value: string): Buffer | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(value)) return undefined;
  const pieces = value.split(/(%[0-9a-fA-F]{2})/).filter((piece) => piece !== "");
  return Buffer.concat(
    pieces.map((piece) =>
      piece.startsWith("%") ? Buffer.from(piece.slice(1), "hex") : Buffer.from(piece, "utf8"),
    ),
  );
}
