import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "../errors.js";

/** A fault of an answer. A request has one at most. */
export type AnswerFault = FaultBeforeEffect | FaultAfterEffect;

/** The request has no effect. */
export type FaultBeforeEffect =
  | { readonly kind: "tooManyRequests"; readonly retryAfterSeconds?: number | undefined }
  | {
      readonly kind: "serverError";
      readonly status: ServerErrorStatus;
      readonly afterEffect?: false | undefined;
    }
  /** The connection is closed without an answer. */
  | { readonly kind: "closeBefore" };

/** The request is handled normally, and only its answer is damaged. */
export type FaultAfterEffect =
  | { readonly kind: "serverError"; readonly status: ServerErrorStatus; readonly afterEffect: true }
  /** The connection is closed without an answer. */
  | { readonly kind: "closeAfter" }
  /** The body is cut in the middle, while its announced length is the full one. */
  | { readonly kind: "truncated" }
  /** A page of HTML in place of the answer, with status 200. */
  | { readonly kind: "notJson" };

export const answerKinds = [
  "tooManyRequests",
  "serverError",
  "closeBefore",
  "closeAfter",
  "truncated",
  "notJson",
] as const satisfies readonly AnswerFault["kind"][];

export const serverErrorStatuses = [500, 502, 503] as const;
export type ServerErrorStatus = (typeof serverErrorStatuses)[number];

const messages: Record<ServerErrorStatus, string> = {
  500: "Internal server error",
  502: "Bad gateway",
  503: "Service unavailable",
};

const serverErrorOf = (status: ServerErrorStatus) => new ApiError(status * 100, messages[status]);

const page =
  "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in to go on.</body></html>\n";

export const isBeforeEffect = (fault: AnswerFault): fault is FaultBeforeEffect =>
  fault.kind === "tooManyRequests" ||
  fault.kind === "closeBefore" ||
  (fault.kind === "serverError" && fault.afterEffect !== true);

/** Closes the connection of a request; nothing (more) is sent. */
export function closeConnection(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.destroy();
}

/** Ends a request without handling it: throws its answer, or closes its connection. */
export function rejectRequest(fault: FaultBeforeEffect, request: FastifyRequest, reply: FastifyReply): void {
  switch (fault.kind) {
    case "tooManyRequests":
      if (fault.retryAfterSeconds !== undefined) reply.header("retry-after", fault.retryAfterSeconds);
      throw new ApiError(42900, "Too many requests");
    case "serverError":
      throw serverErrorOf(fault.status);
    case "closeBefore":
      closeConnection(request, reply);
  }
}

/** Sends the rest of an answer; `send` sends a body in place of it. */
export function spoil(
  fault: FaultAfterEffect,
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  send: (body: string) => void,
): void {
  switch (fault.kind) {
    case "serverError": {
      const { status, code, message } = serverErrorOf(fault.status);
      reply.status(status).type("application/json; charset=utf-8");
      send(JSON.stringify({ code, message }));
      return;
    }
    case "notJson":
      reply.status(200).type("text/html; charset=utf-8");
      send(page);
      return;
    case "closeAfter":
      closeConnection(request, reply);
      return;
    case "truncated":
      sendHalf(request, reply, typeof body === "string" && body !== "" ? body : "{}");
  }
}

/** An answer without a body is cut as if it were an empty object; one that can have none (204) is lost as a whole. */
function sendHalf(request: FastifyRequest, reply: FastifyReply, body: string): void {
  reply.hijack();
  const { socket } = request.raw;
  if (reply.statusCode === 204) {
    socket.destroy();
    return;
  }
  const bytes = Buffer.from(body);
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.writeHead(reply.statusCode, { "content-length": bytes.length });
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => socket.destroy());
}
