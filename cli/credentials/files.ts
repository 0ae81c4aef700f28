import { checkDeviceId } from "../../provider/fleet/rules.js";
import { CommandError } from "../commandError.js";
import { writeSecretFiles, type SecretFile } from "../files/secretFiles.js";
import type { Bundle } from "./bundle.js";

/**
 * Writes the credentials of devices into a folder, for flashing.
 * @throws CommandError where anything is in the way; then nothing is written
 */
export function writeBundles(
  folder: string,
  bundles: readonly Bundle[],
  options: { readonly overwrite: boolean },
): void {
  writeSecretFiles(folder, bundles.flatMap(filesOf), options);
}

/** No id holds a dot, so no two devices can have a file in common. A colon is no part of a file name everywhere. */
function filesOf({ deviceId, certificate, privateKey, ca }: Bundle): SecretFile[] {
  const violation = checkDeviceId(deviceId);
  if (violation !== undefined) throw new CommandError(`Nothing was written: ${violation.message}.`);
  const name = deviceId.replaceAll(":", "%3A");
  return [
    { name: `${name}.cert.pem`, content: certificate },
    ...(privateKey === undefined ? [] : [{ name: `${name}.key.pem`, content: privateKey }]),
    ...(ca === undefined ? [] : [{ name: `${name}.ca.pem`, content: ca }]),
  ];
}
