import { fetchAccount } from "../provider/cloud/account.js";
import type { Account } from "../provider/cloud/answers.js";
import { systemClock } from "../provider/engine/clock.js";
import type { ConfigReader } from "../provider/engine/host.js";
import { settings } from "../provider/lifecycle/session/settings.js";
import { transportsOf, type Transports } from "../provider/lifecycle/session/transports.js";
import { CommandError } from "./commandError.js";

/** A connection to the team's account. It uses the same environment variables as the provider. */
export interface Connection extends Transports {
  /** Base URL of the device API. */
  readonly endpoint: string;
  readonly account: Account;
}

/**
 * Connects with NRF_CLOUD_API_KEY, NRF_CLOUD_ENDPOINT and NRF_CLOUD_IDENTITY_ENDPOINT (FetchAccount).
 *
 * @throws CommandError without an API key; CloudError when the key or the host is wrong
 */
export async function connect(): Promise<Connection> {
  const connection = await connectIfConfigured();
  if (connection !== undefined) return connection;
  throw new CommandError(
    "No nRF Cloud API key. Set NRF_CLOUD_API_KEY in the environment, then run again. " +
      "(This command runs outside of Pulumi, so it can't read the configuration of a stack.)",
  );
}

interface Connecting {
  /** Of the stack. Default: none, as outside of Pulumi. */
  readonly config?: ConfigReader;
  /** Gives up after a few seconds where the host can't be reached. Default: after as many tries as usual. */
  readonly isHasty?: boolean;
}

/** Two tries of this time (milliseconds), and a short pause: for work that can continue without the answer. */
const HASTY_TRY_MS = 3_000;

/**
 * Connects if an API key is set.
 * @throws CloudError when the key or the host is wrong
 */
export async function connectIfConfigured({
  config = () => undefined,
  isHasty = false,
}: Connecting = {}): Promise<Connection | undefined> {
  const known = settings({ env: process.env, config });
  if (known === undefined) return undefined;
  const { endpoint, deadlines } = known;
  const open = (more: Partial<Parameters<typeof transportsOf>[0]> = {}) =>
    transportsOf({ ...known, ...more }, process.cwd(), systemClock, () => undefined);
  const requestMs = Math.min(deadlines.requestMs, HASTY_TRY_MS);
  const first = isHasty ? open({ deadlines: { ...deadlines, requestMs }, retries: 1 }) : open();
  const account = await fetchAccount(first.transport);
  // A host that answered once deserves the usual patience.
  return { ...(isHasty ? open() : first), endpoint, account };
}

/** The id of the team's own MQTT connection, which the list of devices includes. It is not a device. */
export function ownConnection(tenantId: string): string {
  return `account-${tenantId}`;
}
