import type { Emulator } from "../../../emulator/index.js";
import { admin, Client, field, text } from "./client.js";

/** A simulated device with one of its tokens. */
export interface Minted {
  readonly deviceId: string;
  readonly imei: string;
  readonly token: string;
}

export const ourIdentity = ({ identityUrl }: Emulator) => new Client(identityUrl, "our-owner");
export const theirIdentity = ({ identityUrl }: Emulator) => new Client(identityUrl, "their-owner");

/** Tokens of simulated devices, of new ones unless their id is given. */
export async function mint(emulator: Emulator, order: object = {}): Promise<Minted[]> {
  const { body } = await admin(emulator).json("POST", "/identity/tokens", order);
  return listed(body, "items").map((item) => ({
    deviceId: text(item, "deviceId"),
    imei: text(item, "imei"),
    token: text(item, "token"),
  }));
}

/** One of them. */
export async function mintOne(emulator: Emulator, order: object = {}): Promise<Minted> {
  const [one] = await mint(emulator, order);
  if (one === undefined) throw new Error("no token was minted");
  return one;
}

/** An array in a JSON object; empty if there is none. */
export function listed(value: unknown, name: string): unknown[] {
  const items = field(value, name);
  return Array.isArray(items) ? items : [];
}

/** Lets claimed devices come online. */
export const online = (emulator: Emulator, ...deviceIds: readonly string[]) =>
  admin(emulator).json("POST", "/identity/online", { deviceIds });
