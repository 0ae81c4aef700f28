import type { Emulator } from "../../emulator/index.js";
import { simulateDevice } from "../../emulator/simulator/device.js";
import type { LooseObject } from "../../provider/engine/outputs.js";

/** Lets a just-in-time device connect for the first time, with what its JitpCertificate has in state. */
export async function connectOnce(
  { mqtt }: Emulator,
  deviceId: string,
  { certificateBundle, privateKey }: LooseObject,
): Promise<void> {
  if (mqtt === undefined) throw new Error("the emulator runs without a broker");
  const device = simulateDevice({
    host: mqtt.host,
    port: mqtt.port,
    ca: mqtt.caCert,
    clientId: deviceId,
    cert: String(certificateBundle),
    key: String(privateKey),
    retryAfterMs: 100,
    giveUpAfterMs: 30_000,
  });
  await device.reached("connected");
  await device.close();
}
