import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { World } from "./world.js";

/** A way to the emulator on which answers can get lost. */
export interface Detour {
  /** The device API by way of it. */
  readonly endpoint: string;
  /** From now on these requests reach nRF Cloud, but their answers do not come back. */
  lose(which: (method: string, path: string) => boolean): void;
}

/** A detour for the tests of one file; it loses nothing at the start of each. */
export function useDetour(world: World): Detour {
  let loses: (method: string, path: string) => boolean = () => false;
  const proxy = http.createServer((request, response) => {
    const target = new URL(request.url ?? "", world.emulator.url);
    const forwarded = http.request(
      target,
      { method: request.method, headers: { ...request.headers, host: target.host } },
      (answer) => {
        if (loses(request.method ?? "", target.pathname)) {
          answer.resume().once("end", () => request.socket.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(forwarded);
  });
  beforeAll(() => new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve)));
  afterEach(() => {
    loses = () => false;
  });
  afterAll(() => proxy.close());
  return {
    get endpoint() {
      return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/v1`;
    },
    lose(which) {
      loses = which;
    },
  };
}
