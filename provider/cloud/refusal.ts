import { isErrorBody, isOrganizationErrorBody } from "./answers.js";
import type { Service } from "./remedies.js";

/** Reads the body of a refusal; empty if it is not from the service, but from a proxy. */
export function readRefusal(
  service: Service,
  body: unknown,
): { readonly code?: number; readonly message?: string } {
  if (service !== "organization") return isErrorBody(body) ? body : {};
  if (!isOrganizationErrorBody(body)) return {};
  const details: readonly unknown[] = Array.isArray(body.cause) ? body.cause : [];
  const texts = [body.message, ...details.filter((each) => typeof each === "string")];
  // The details may repeat the message.
  return { message: [...new Set(texts)].join(" ") };
}

/** Whether a refusal is an internal error, which does not prove that nothing was changed. */
export function isInternal(reason: string): boolean {
  return /\binternal (server )?error\b/i.test(reason);
}
