import { connect } from "node:net";

const EVERY_MS = 3_000;

/**
 * Ends this process after its engine has ended. A killed engine does not end its plugins, and a provider without an engine would continue
 * to change the account. The engine has ended when its port refuses connections.
 *
 * @param address the engine's address, which the host of dynamic providers gets as its argument. Anything else is not watched
 * @param exit ends this process
 */
export function exitWithEngine(address: string | undefined, exit: () => void, everyMs = EVERY_MS): void {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(address ?? "") ?? [];
  if (host === undefined || port === undefined) return;
  let refused = 0;
  const watching = setInterval(() => {
    const socket = connect({ host, port: Number(port), timeout: everyMs });
    socket.once("timeout", () => socket.destroy());
    socket.once("connect", () => {
      refused = 0;
      socket.destroy();
    });
    socket.once("error", (error) => {
      // Other errors prove nothing, for example when this process has no free sockets.
      refused = "code" in error && error.code === "ECONNREFUSED" ? refused + 1 : 0;
      if (refused < 2) return;
      clearInterval(watching);
      exit();
    });
  }, everyMs).unref();
}
