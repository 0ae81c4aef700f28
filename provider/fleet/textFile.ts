/** Bytes of files, read as text. */
import { quote } from "./rules.js";
import { UnreadableFile } from "./unreadableFile.js";

/** The text of a UTF-8 file, without its byte order mark. Throws an UnreadableFile that says how to convert another. */
export function decodeText(bytes: Buffer, path: string): string {
  const utf16 = utf16Of(bytes);
  if (utf16 !== undefined) {
    const to = path.replace(/(\.\w{1,5})?$/, ".utf8$1");
    throw new UnreadableFile(
      `the file ${quote(path)} is UTF-16 text, not UTF-8`,
      `convert it with iconv -f ${utf16} -t UTF-8 ${JSON.stringify(path)} > ${JSON.stringify(to)}`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableFile(`the file ${quote(path)} is not UTF-8 text`, "save it with the encoding UTF-8");
  }
}

/**
 * A password as it was meant: in the encoding that a byte order mark names, and without the line break that an editor or
 * a command puts at its end. (Windows' shell writes UTF-16 into files.)
 */
export function decodePassword(bytes: Buffer): string {
  const big = bytes.length % 2 === 0 && bytes[0] === 0xfe && bytes[1] === 0xff;
  const text = big
    ? Buffer.from(bytes).swap16().toString("utf16le")
    : bytes.toString(utf16Of(bytes) === "UTF-16" ? "utf16le" : "utf8");
  return text.replace(/^\uFEFF/, "").replace(/\r?\n$/, "");
}

/** The name by which iconv knows the encoding. Without a mark it shows in the zero bytes of plain letters. */
function utf16Of(bytes: Buffer): string | undefined {
  const [first, second, third, fourth] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return "UTF-16";
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "UTF-16LE";
  if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return "UTF-16BE";
  return undefined;
}
