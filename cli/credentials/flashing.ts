import { CommandError } from "../commandError.js";
import { withExpectedErrors } from "../expectedErrors.js";
import { stackConfig } from "../pulumi/stackConfig.js";
import type { Target } from "../pulumi/target.js";
import { printNote } from "../terminal.js";
import type { Bundle } from "./bundle.js";
import { tryServerRoot } from "./handshake.js";
import { accountServer, type Server } from "./server.js";
import { rootText, serverRootFor, type ServerRoot } from "./serverRoot.js";

/** What is the same for all devices that are flashed. */
export interface Flashing {
  readonly securityTag: number;
  /** `undefined` where it is not known. */
  readonly serverRoot: ServerRoot | undefined;
  /** Whether the root of nRF Cloud's CoAP server was added. */
  readonly coap: boolean;
  /** The MQTT server; `undefined` where it is not known. */
  readonly server: Server | undefined;
}

/** What the user wants of it. */
export interface FlashingWish {
  readonly securityTag: number;
  /** A root instead of the one that is known. */
  readonly given?: ServerRoot | undefined;
  readonly coap?: boolean;
}

/**
 * Makes out where the devices of a stack connect, and the root by which they verify their server.
 * @param all every bundle of the state
 * @throws CommandError where the root that is given does not verify the server, as far as it can be reached
 */
export async function flashingFor(
  target: Target,
  all: ReadonlyMap<string, Bundle>,
  { securityTag, given, coap = false }: FlashingWish,
): Promise<Flashing> {
  const {
    isNordics,
    mqtt: server,
    isReachable,
    problem,
  } = await withExpectedErrors(async () => accountServer(await stackConfig(target)));
  if (problem !== undefined) printNote(`The command could not read the account's MQTT server. ${problem}`);
  const serverRoot = serverRootFor(all.values(), { given, coap, isNordics });
  if (isReachable && server !== undefined && serverRoot !== undefined)
    await requireVerified(server, serverRoot, { isGiven: given !== undefined });
  return { securityTag, serverRoot, coap, server };
}

async function requireVerified(
  server: Server,
  serverRoot: ServerRoot,
  { isGiven }: { readonly isGiven: boolean },
): Promise<void> {
  if ((await tryServerRoot(server, serverRoot)) !== "does not verify") return;
  const problem = `${rootText(serverRoot)} does not verify the server at ${server.host}:${server.port}`;
  if (isGiven)
    throw new CommandError(
      `${problem}. Name the root of this server: --server-root <file>. Nothing was written.`,
      2,
    );
  printNote(`${problem}. The server has another root, or a firewall on the way replaces its certificate.`);
}
