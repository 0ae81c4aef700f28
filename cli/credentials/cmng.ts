import type { CredentialType } from "./securityTag.js";

/** A credential for a modem. */
export interface ModemCredential {
  readonly type: CredentialType;
  /** PEM; it holds no quotation mark. */
  readonly content: string;
}

/**
 * AT commands that write credentials into a modem, each ended by CR LF. A quoted text may go over several lines; the first command takes
 * the modem off the network, as writing demands, and the last lists what is there with its digests.
 */
export function cmngScript(securityTag: number, credentials: readonly ModemCredential[]): string {
  const commands = [
    "AT+CFUN=4",
    ...credentials.map(({ type, content }) => `AT%CMNG=0,${securityTag},${type},"${inModem(content)}"`),
    `AT%CMNG=1,${securityTag}`,
  ];
  return commands.map((command) => `${command}\r\n`).join("");
}

/** A credential as the modem keeps it, which is also how Nordic's device_credentials_installer writes it: lines end with CR LF. */
export function inModem(pem: string): string {
  return pem.replace(/\r?\n/g, "\r\n");
}
