/** A value in DER: a tag, a length and a content. */
function value(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export const sequence = (...items: readonly Buffer[]) => value(0x30, ...items);
export const set = (...items: readonly Buffer[]) => value(0x31, ...items);
/** An explicitly tagged value. */
export const tagged = (number: number, item: Buffer) => value(0xa0 | number, item);
/** The content of an implicitly tagged primitive value. */
export const primitive = (number: number, content: Uint8Array) => value(0x80 | number, content);
/** From the object identifier's content in hexadecimal. */
export const identifier = (hex: string) => value(0x06, Buffer.from(hex, "hex"));
export const utf8 = (text: string) => value(0x0c, Buffer.from(text));
export const bits = (content: Uint8Array, unused = 0) => value(0x03, Buffer.from([unused]), content);
export const octets = (content: Uint8Array) => value(0x04, content);
export const yes = value(0x01, Buffer.from([0xff]));
export const nothing = value(0x05);
/** From big-endian bytes, the first of which must be 1 to 127. */
export const integer = (content: Uint8Array) => value(0x02, content);

/** As certificates want it: with two digits for the year up to 2049. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, "").slice(0, 14);
  return date.getUTCFullYear() < 2050
    ? value(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : value(0x18, Buffer.from(`${digits}Z`));
}

/** DER in PEM, with a line break at the end. */
export function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
