/** Reads errors of the schema validator. */
import type { ErrorObject } from "ajv";
import { isRecord } from "../data.js";

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

/** Whether the value is a secret, or a map that users may replace by the secret itself. */
export function isSecret(error: ErrorObject): boolean {
  return ["secret", "claimed device"].includes(titleOf(error));
}

export function titleOf(error: ErrorObject): string {
  const title: unknown = error.parentSchema?.title;
  return typeof title === "string" ? title : "";
}

export function propertiesOf(error: ErrorObject): Readonly<Record<string, unknown>> {
  const properties: unknown = error.parentSchema?.properties;
  return isRecord(properties) ? properties : {};
}
