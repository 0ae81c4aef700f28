import type { Emulator } from "../../emulator/index.js";
import { simulateDevice } from "../../emulator/simulator/device.js";

/** A certificate and its private key (PEM). */
export interface Credential {
  readonly cert: string;
  readonly key: string;
}

/** Whether nRF Cloud lets a device in with this credential; it reports once where it does. */
export async function connects(
  { mqtt }: Emulator,
  clientId: string,
  credential: Credential,
): Promise<boolean> {
  if (mqtt === undefined) throw new Error("the emulator runs without a broker");
  const { host, port, caCert: ca } = mqtt;
  const device = simulateDevice({
    host,
    port,
    ca,
    clientId,
    ...credential,
    retryAfterMs: 50,
    giveUpAfterMs: 700,
  });
  try {
    await device.reached("paired");
    await device.report({ device: { alive: true } });
    return true;
  } catch {
    return false;
  } finally {
    await device.close();
  }
}
