import type { ConfigReader } from "../../provider/engine/host.js";
import { otherEndpoint } from "../../provider/lifecycle/session/settings.js";
import { connectIfConfigured } from "../cloud.js";
import { withExpectedErrors } from "../expectedErrors.js";
import { CommandError } from "../commandError.js";

/** An MQTT server. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

/** The MQTT server of an account's devices. */
export interface AccountServer {
  /** Whether the account is at nRF Cloud itself, and not at an emulator. */
  readonly isNordics: boolean;
  /** `undefined` if it is not known. */
  readonly mqtt: Server | undefined;
  /** Whether the account named it, so that this computer can connect to it. */
  readonly isReachable: boolean;
  /** Why the account could not name it. */
  readonly problem?: string;
}

const NRF_CLOUD: Server = { host: "mqtt.nrfcloud.com", port: 8883 };

/** A host name or an address, also IPv6 in brackets. */
const HOST = /^[\w.:[\]-]{1,253}$/;

/** The server from the account if an API key is set (FetchAccount), else from the settings: flashing must work without a network. */
export async function accountServer(config: ConfigReader): Promise<AccountServer> {
  const isNordics = otherEndpoint({ env: process.env, config }) === undefined;
  const known = { isNordics, mqtt: isNordics ? NRF_CLOUD : undefined, isReachable: false };
  try {
    const connection = await withExpectedErrors(() => connectIfConfigured({ config }));
    const { mqttEndpoint: host, mqttPort: port = NRF_CLOUD.port } = connection?.account ?? {};
    return host !== undefined && HOST.test(host) && isPort(port)
      ? { isNordics, mqtt: { host, port }, isReachable: true }
      : known;
  } catch (error) {
    if (error instanceof CommandError) return { ...known, problem: error.message };
    throw error;
  }
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 65_536;
}
