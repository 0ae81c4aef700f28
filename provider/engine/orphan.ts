import { connect } from "node:net";

const EVERY_MS = 3_000;

/**
 * Ends this process once its engine is gone. A killed engine leaves its plugins behind, and a provider without an
 * engine would continue to change the account. An engine whose address does not answer has ended.
 *
 * @param address of the engine, which the host of dynamic providers is given as its argument; what is no address is not watched
 * @param exit ends this process
 */
export function exitWithEngine(address: string | undefined, exit: () => void, everyMs = EVERY_MS): void {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(address ?? "") ?? [];
  if (host === undefined || port === undefined) return;
  let refused = 0;
  const knocking = setInterval(() => {
    const knock = connect({ host, port: Number(port), timeout: everyMs });
    knock.once("timeout", () => knock.destroy());
    knock.once("connect", () => {
      refused = 0;
      knock.destroy();
    });
    knock.once("error", (error) => {
      // Only that nobody listens means that nobody is there; this process may be short of sockets itself.
      refused = "code" in error && error.code === "ECONNREFUSED" ? refused + 1 : 0;
      if (refused < 2) return;
      clearInterval(knocking);
      exit();
    });
  }, everyMs).unref();
}
