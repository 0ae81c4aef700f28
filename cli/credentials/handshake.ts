import { connect, type ConnectionOptions } from "node:tls";
import type { Server } from "./server.js";
import type { ServerRoot } from "./serverRoot.js";

/** What a handshake says of a root: it verifies the server, or it does not; or nobody answered so that it can't be known. */
export type Verdict = "verifies" | "does not verify" | "not known";

const PATIENCE_MS = 5000;

/**
 * Whether a device that has this root can verify the server. The handshake shows no certificate, so that nRF Cloud takes it for no device.
 */
export function tryServerRoot({ host, port }: Server, { pem }: ServerRoot): Promise<Verdict> {
  // The name is another matter than the root.
  const options: ConnectionOptions = { host, port, ca: pem, checkServerIdentity: () => undefined };
  return new Promise((resolve) => {
    const socket = connect(options, () => {
      end("verifies");
    });
    const end = (verdict: Verdict): void => {
      socket.destroy();
      resolve(verdict);
    };
    socket.setTimeout(PATIENCE_MS, () => {
      end("not known");
    });
    socket.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
      end(UNVERIFIED.includes(code) ? "does not verify" : "not known");
    });
  });
}

/** OpenSSL's names for a chain that ends at no root that is trusted. */
const UNVERIFIED: readonly string[] = [
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_SIGNATURE_FAILURE",
];
