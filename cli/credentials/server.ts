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

/** Where the devices of an account connect. */
export interface AccountServer {
  /** Whether the account is at nRF Cloud itself, as opposed to an emulator. */
  readonly isNordics: boolean;
  /** `undefined` where it is not known. */
  readonly mqtt: Server | undefined;
  /** Whether the account told it, so that it can be reached from here. */
  readonly isTold: boolean;
  /** Why the account did not tell it, where it was asked. */
  readonly trouble?: string;
}

const NRF_CLOUD: Server = { host: "mqtt.nrfcloud.com", port: 8883 };

/** A name or an address, such as one of IPv6 in brackets. */
const HOST = /^[\w.:[\]-]{1,253}$/;

/** The server by the account, where there is an API key (FetchAccount), or else by the settings: devices can be flashed without a network. */
export async function accountServer(config: ConfigReader): Promise<AccountServer> {
  const isNordics = otherEndpoint({ env: process.env, config }) === undefined;
  const known = { isNordics, mqtt: isNordics ? NRF_CLOUD : undefined, isTold: false };
  try {
    const connection = await withExpectedErrors(() => connectIfConfigured(config));
    const { mqttEndpoint: host, mqttPort: port = NRF_CLOUD.port } = connection?.account ?? {};
    return host !== undefined && HOST.test(host) && isPort(port)
      ? { isNordics, mqtt: { host, port }, isTold: true }
      : known;
  } catch (error) {
    if (error instanceof CommandError) return { ...known, trouble: error.message };
    throw error;
  }
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 65_536;
}
