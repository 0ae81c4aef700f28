import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";

const everywhere = ["0.0.0.0", "::"];

/** The names and addresses of a server that listens on this host. */
export function serverNames(host: string): string[] {
  const names = ["localhost", "127.0.0.1", "::1", hostname()];
  if (!everywhere.includes(host)) return [...new Set([...names, host])];
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  // Addresses with a zone work on this machine only.
  return [...new Set([...names, ...addresses.map(({ address }) => address)])].filter(
    (name) => isIP(name) === 0 || !name.includes("%"),
  );
}

/** One of them that works on this machine. */
export const localName = (host: string) => (everywhere.includes(host) ? "localhost" : host);
