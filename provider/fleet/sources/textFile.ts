/** Decodes text files. */
import { quote } from "../rules.js";
import { UnreadableFile } from "./unreadableFile.js";

/** Decodes UTF-8 without its byte order mark. Throws an UnreadableFile with the command that converts other encodings. */
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
 * Decodes a password in UTF-8 or UTF-16 (which Windows PowerShell writes), without byte order mark and the line break that editors
 * add at the end.
 */
export function decodePassword(bytes: Buffer): string {
  const isBigEndian = bytes.length % 2 === 0 && bytes[0] === 0xfe && bytes[1] === 0xff;
  const text = isBigEndian
    ? Buffer.from(bytes).swap16().toString("utf16le")
    : bytes.toString(utf16Of(bytes) === "UTF-16" ? "utf16le" : "utf8");
  return text.replace(/^\uFEFF/, "").replace(/\r?\n$/, "");
}

/** iconv's name of the encoding. Without a byte order mark, the zero bytes of ASCII letters reveal it. */
function utf16Of(bytes: Buffer): string | undefined {
  const [first, second, third, fourth] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return "UTF-16";
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "UTF-16LE";
  if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return "UTF-16BE";
  return undefined;
}
