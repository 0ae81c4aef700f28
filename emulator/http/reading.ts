import type { FastifyRequest } from "fastify";

/** How a request sees the stored data. */
export interface Reading {
  /** The time of which it shows the state, in epoch milliseconds. */
  readonly at: number;
  /** Whether the collection changes while its pages are read; asked only of a page that has a next one. */
  changesMeanwhile(): boolean;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Undefined: as it is now. */
    reading: Reading | undefined;
  }
}

/** How a request sees the stored data: as it is now, unless a fault applies. */
export const readingOf = (request: FastifyRequest): Reading =>
  request.reading ?? { at: Date.now(), changesMeanwhile: () => false };
