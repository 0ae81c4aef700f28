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
  setInterval(() => {
    const knock = connect({ host, port: Number(port) });
    knock.once("connect", () => knock.destroy());
    knock.once("error", () => process.exit(1));
  }, EVERY_MS).unref();
}
