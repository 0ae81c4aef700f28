/** What the program that signs with a PKCS#11 library is told first, as one line of JSON. */
export interface Opening {
  /** Where pkcs11js is. */
  readonly library: string;
  /** The PKCS#11 library of the token. */
  readonly module: string;
  readonly uri: string;
  /** Secret. */
  readonly pin: string | undefined;
}

/** @throws Error; never with anything of the text in it */
export function parseOpening(line: string): Opening {
  const value = parsed(line);
  if (typeof value !== "object" || value === null) throw new Error(WRONG);
  const { library, module, uri, pin } = value as Partial<Record<keyof Opening, unknown>>;
  if (typeof library !== "string" || typeof module !== "string" || typeof uri !== "string")
    throw new Error(WRONG);
  return { library, module, uri, pin: typeof pin === "string" ? pin : undefined };
}

const WRONG = "The first line must be the JSON object with which the provider opens a token.";

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
