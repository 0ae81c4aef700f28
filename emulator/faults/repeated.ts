import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** The request is handled twice, as if a proxy sent it again. The client gets the second answer. */
export interface RepeatFault {
  readonly kind: "repeated";
}

const header = "x-repeated";

/** Handles requests a second time. */
export class Repeater {
  /** A random mark of repeated requests, which no client can send. */
  private readonly mark = randomUUID();

  constructor(private readonly app: FastifyInstance) {}

  /** Whether a request is one that was sent here. No fault happens to it. */
  isRepeated(request: FastifyRequest): boolean {
    return request.headers[header] === this.mark;
  }

  /** Handles a request, and loses the answer. */
  async handle({ method, url, headers, body }: FastifyRequest): Promise<void> {
    const { "transfer-encoding": _, ...others } = headers;
    await this.app.inject({
      method,
      url,
      headers: { ...others, [header]: this.mark },
      ...(Buffer.isBuffer(body) ? { payload: body } : {}),
    });
  }
}
