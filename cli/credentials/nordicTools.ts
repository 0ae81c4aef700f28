import { credentialTypes, type CredentialType } from "./securityTag.js";

/** A file that holds a credential for a modem. */
export interface CredentialFile {
  readonly name: string;
  readonly type: CredentialType;
}

/** Command lines of Nordic's tools, to be run in the folder of the files. Each tool finds the device, or asks for it. */
export interface ToolCommands {
  readonly device_credentials_installer: readonly string[];
  readonly nrfcredstore: readonly string[];
}

/**
 * @param stem what the names of the files begin with
 * @param root whether the server root is the installer's own, and whether it holds that for CoAP
 */
export function toolCommands(
  stem: string,
  files: readonly CredentialFile[],
  securityTag: number,
  root: { readonly isNordics: boolean; readonly coap: boolean },
): ToolCommands {
  const isWhole = files.some(({ type }) => type === credentialTypes.privateKey);
  return {
    device_credentials_installer:
      isWhole && root.isNordics
        ? [wholeInstall(stem, securityTag, root.coap)]
        : files.map(
            ({ name, type }) =>
              `device_credentials_installer --sectag ${securityTag} --local-cert-file ${name} --cert-type ${type}`,
          ),
    nrfcredstore: files.map(
      ({ name, type }) => `nrfcredstore auto write ${securityTag} ${CREDSTORE_TYPES[type]} ${name}`,
    ),
  };
}

/** It takes `<stem>_crt.pem` and `<stem>_prv.pem` where both are there, writes its own server root, and verifies what is in the modem. */
function wholeInstall(stem: string, securityTag: number, coap: boolean): string {
  return `device_credentials_installer --id-str ${stem} --sectag ${securityTag} --delete --verify --csv ""${coap ? " --coap" : ""}`;
}

const CREDSTORE_TYPES: Readonly<Record<CredentialType, string>> = {
  0: "ROOT_CA_CERT",
  1: "CLIENT_CERT",
  2: "CLIENT_KEY",
};
