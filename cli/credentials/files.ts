import { sha256Hex } from "../../provider/pki/keys.js";
import { checkDeviceId } from "../../provider/fleet/rules.js";
import { CommandError } from "../commandError.js";
import { writeSecretFiles, type SecretFile } from "../files/secretFiles.js";
import type { Bundle } from "./bundle.js";
import { cmngScript, inModem } from "./cmng.js";
import type { Flashing } from "./flashing.js";
import { manifestOf, type FileEntry } from "./manifest.js";
import { toolCommands } from "./nordicTools.js";
import { credentialTypes, type CredentialType } from "./securityTag.js";
import { isNordicRoot, type ServerRoot } from "./serverRoot.js";

/**
 * Writes the credentials of devices into a folder, for flashing.
 * @throws CommandError where anything is in the way; then nothing is written
 */
export function writeBundles(
  folder: string,
  bundles: readonly Bundle[],
  flashing: Flashing,
  options: { readonly overwrite: boolean },
): void {
  writeSecretFiles(
    folder,
    bundles.flatMap((bundle) => filesOf(bundle, flashing)),
    options,
  );
}

/** What the names of a device's files begin with. Not every system allows a colon in a file name. */
export function stemOf(deviceId: string): string {
  return deviceId.replaceAll(":", "%3A");
}

interface Part extends SecretFile {
  readonly meaning: string;
  /** Its type in a modem; absent for a file that is not for the device. */
  readonly type?: CredentialType;
}

/**
 * The files of one device. `_crt.pem` and `_prv.pem` are the names by which Nordic's installer finds them. No ending is the end of
 * another, so that no two devices have a file in common.
 */
export function filesOf(bundle: Bundle, flashing: Flashing): readonly SecretFile[] {
  const violation = checkDeviceId(bundle.deviceId);
  if (violation !== undefined) throw new CommandError(`Nothing was written: ${violation.message}.`);
  const { securityTag, serverRoot, coap } = flashing;
  const stem = stemOf(bundle.deviceId);
  const parts = partsOf(stem, bundle, serverRoot);
  const flashed = parts.flatMap(({ name, content, type }) =>
    type === undefined ? [] : [{ name, content, type }],
  );
  const script: Part = {
    name: `${stem}_cmng.at`,
    content: cmngScript(securityTag, flashed),
    meaning: "The AT commands that write these credentials into a modem.",
  };
  const manifest = manifestOf(
    bundle,
    flashing,
    [...parts, script].map(entryOf),
    toolCommands(stem, flashed, securityTag, {
      isNordics: serverRoot !== undefined && isNordicRoot(serverRoot, { coap }),
      coap,
    }),
  );
  const json = { name: `${stem}_manifest.json`, content: `${JSON.stringify(manifest, undefined, 2)}\n` };
  return [...parts, script, json].map(({ name, content }) => ({ name, content }));
}

function partsOf(stem: string, bundle: Bundle, serverRoot: ServerRoot | undefined): readonly Part[] {
  const { certificate, privateKey, issuingCa, issuingChain } = bundle;
  const part = (
    ending: string,
    content: string | undefined,
    meaning: string,
    type?: CredentialType,
  ): Part[] =>
    content === undefined
      ? []
      : [{ name: `${stem}_${ending}.pem`, content, meaning, ...(type !== undefined && { type }) }];
  return [
    ...part(
      "server-root",
      serverRoot?.pem,
      "The server root: the device verifies nRF Cloud by it.",
      credentialTypes.serverRoot,
    ),
    ...part(
      "crt",
      certificate,
      "The device's certificate. Where it has a second block, that is its issuer's.",
      credentialTypes.certificate,
    ),
    ...part("prv", privateKey, "The device's private key. Secret.", credentialTypes.privateKey),
    ...part("issuing-ca", issuingCa, "The CA that issued the certificate. It is not for the device."),
    ...part(
      "issuing-chain",
      issuingChain,
      "The certificates above the issuing CA, from its signer upwards. They are not for the device.",
    ),
  ];
}

function entryOf({ name, content, meaning, type }: Part): FileEntry {
  const modem =
    type === undefined ? undefined : { type, sha256: sha256Hex(Buffer.from(inModem(content))).toUpperCase() };
  return { name, meaning, sha256: sha256Hex(Buffer.from(content)), ...(modem && { modem }) };
}
