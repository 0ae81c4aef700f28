/** The first line for the program that signs with a PKCS#11 library, as JSON. */
export interface Opening {
  /** The path of pkcs11js. */
  readonly library: string;
  /** The PKCS#11 library of the token. */
  readonly module: string;
  readonly uri: string;
  /** Secret. */
  readonly pin: string | undefined;
}

/** @throws Error, whose message never quotes the text */
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
