import { invalid } from "../errors.js";

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A string with at least one character. */
export const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

export const isTextArray = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

/** Parses a raw request body as JSON, whatever its content type says; 42200 if it is none. */
export function jsonBody(body: unknown): unknown {
  try {
    return JSON.parse(textBody(body));
  } catch {
    throw invalid(["the body is not valid JSON"]);
  }
}

/** The same, if it must be a JSON object. */
export function jsonObject(body: unknown): Record<string, unknown> {
  const value = jsonBody(body);
  if (!isRecord(value)) throw invalid(["the body must be a JSON object"]);
  return value;
}

/** A raw request body as text; empty if there was none. */
export const textBody = (body: unknown): string => (Buffer.isBuffer(body) ? body.toString("utf8") : "");
