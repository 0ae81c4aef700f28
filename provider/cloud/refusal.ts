import { isErrorBody, isOrganizationErrorBody } from "./answers.js";
import type { Service } from "./remedies.js";

/** What the body of a refusal says; nothing where it is not of the service, but of something between. */
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

/** Whether a reason is of the service itself: it says nothing of the row, nor of what the same request did where it arrived twice. */
export function isInternal(reason: string): boolean {
  return /\binternal (server )?error\b/i.test(reason);
}
