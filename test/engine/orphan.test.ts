import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { exitWithEngine } from "../../provider/engine/orphan.js";

const EVERY_MS = 20;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Something that answers as an engine does. */
async function engine() {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, address: `127.0.0.1:${port}` };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it("does not end a process whose engine answers, and ends it once after that engine has ended", async () => {
  const { server, address } = await engine();
  const exit = vi.fn();
  exitWithEngine(address, exit, EVERY_MS);
  await pause(10 * EVERY_MS);
  expect(exit).not.toHaveBeenCalled();
  server.close();
  await vi.waitFor(() => {
    expect(exit).toHaveBeenCalled();
  });
  await pause(5 * EVERY_MS);
  expect(exit).toHaveBeenCalledTimes(1);
});

it.each([undefined, "", "run", "localhost"])("watches no address such as %j", async (address) => {
  const exit = vi.fn();
  exitWithEngine(address, exit, EVERY_MS);
  await pause(5 * EVERY_MS);
  expect(exit).not.toHaveBeenCalled();
});
