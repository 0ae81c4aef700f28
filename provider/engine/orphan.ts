import { connect } from "node:net";

const EVERY_MS = 3_000;

let watching = false;

/**
 * Ends this process once its engine is gone. An engine that is killed leaves its plugins behind, and a provider without an
 * engine would go on changing an account for nobody. The host of dynamic providers is given the engine's address as its
 * argument; where that is no longer answered, there is no engine.
 */
export function exitWithEngine(address: string | undefined = process.argv[2]): void {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(address ?? "") ?? [];
  if (watching || host === undefined || port === undefined) return;
  watching = true;
  let refused = 0;
  setInterval(() => {
    const knock = connect({ host, port: Number(port), timeout: EVERY_MS });
    knock.once("timeout", () => knock.destroy());
    knock.once("connect", () => {
      refused = 0;
      knock.destroy();
    });
    knock.once("error", (error) => {
      // Only that nobody listens means that nobody is there; this process may be short of sockets itself.
      refused = "code" in error && error.code === "ECONNREFUSED" ? refused + 1 : 0;
      if (refused >= 2) process.exit(1);
    });
  }, EVERY_MS).unref();
}
