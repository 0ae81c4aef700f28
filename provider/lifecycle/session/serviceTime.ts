import type { Session } from "./session.js";

/** The time by nRF Cloud's clock. `undefined`: nRF Cloud can't be asked. */
export async function serviceTime({ cloud }: Pick<Session, "cloud">): Promise<Date | undefined> {
  try {
    return (await cloud()).transport.serverTime();
  } catch {
    // Certificates can be issued without an account.
    return undefined;
  }
}
