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
export const tagged = (number: number, item: Buffer) => value(0xa0 | number, item);
/** From the object identifier's content in hexadecimal. */
export const identifier = (hex: string) => value(0x06, Buffer.from(hex, "hex"));
export const utf8 = (text: string) => value(0x0c, Buffer.from(text));
export const bits = (content: Buffer) => value(0x03, Buffer.from([0]), content);
export const nothing = value(0x05);
/** From big-endian bytes, the first of which must be 1 to 127. */
export const integer = (content: Buffer) => value(0x02, content);
export const time = (date: Date) =>
  value(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, "").slice(0, 14)}Z`));
