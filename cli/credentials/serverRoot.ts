import { describeCertificate, type CertificateDescription } from "../../provider/pki/certificate.js";
import { PkiError } from "../../provider/pki/errors.js";
import { certificatesIn, labelsIn } from "../../provider/pki/pem.js";
import { isSignedBy } from "../../provider/pki/signedBy.js";
import { CommandError } from "../commandError.js";
import { idText } from "../fleet/idText.js";
import { sentRoots, type Bundle } from "./bundle.js";
import { AMAZON_ROOT_CA_1, NRF_CLOUD_COAP_ROOT } from "./publicRoots.js";

/** The root certificates by which a device verifies the server. */
export interface ServerRoot {
  /** All certificates in one text. */
  readonly pem: string;
  readonly certificates: readonly CertificateDescription[];
}

/** The inputs for the choice of the root. */
export interface RootChoice {
  /** The root that the user names. */
  readonly given: ServerRoot | undefined;
  /** Whether to add the root of nRF Cloud's CoAP server. */
  readonly coap: boolean;
  /** Whether the account is at nRF Cloud itself, and not at an emulator. */
  readonly isNordics: boolean;
}

/** The root of nRF Cloud's servers. */
export function nordicRoot(wish: { readonly coap: boolean }): ServerRoot {
  return rootOf(nordicRoots(wish).join(""));
}

/** Whether a root is the one that Nordic's own installer writes. */
export function isNordicRoot(root: ServerRoot, wish: { readonly coap: boolean }): boolean {
  return root.pem === textOf(nordicRoots(wish));
}

function nordicRoots({ coap }: { readonly coap: boolean }): readonly string[] {
  return coap ? [AMAZON_ROOT_CA_1, NRF_CLOUD_COAP_ROOT] : [AMAZON_ROOT_CA_1];
}

/**
 * The server root for devices: the one that the user names, else the one that nRF Cloud sent, else the known one of nRF Cloud.
 * `undefined` for another server whose root is not known.
 *
 * @param all every bundle of the state: a root that was sent with one certificate applies to all
 * @throws CommandError if the user wants CoAP for another server
 */
export function serverRootFor(
  all: Iterable<Bundle>,
  { given, coap, isNordics }: RootChoice,
): ServerRoot | undefined {
  if (given !== undefined) return given;
  const [sent, ...others] = sentRoots(all);
  const known = sent !== undefined && others.length === 0 ? rootOf(sent) : undefined;
  const root = known ?? (isNordics ? nordicRoot({ coap: false }) : undefined);
  if (!coap || root === undefined) return root;
  if (isNordicRoot(root, { coap: false })) return nordicRoot({ coap });
  throw new CommandError(
    "--coap adds the root of nRF Cloud's CoAP server, but this account is at another server. Remove --coap.",
    2,
  );
}

/**
 * Refuses a root with which devices could not verify their server.
 * @throws CommandError (2) that names the devices, and the root
 */
export function requireServerRoot(root: ServerRoot, bundles: readonly Bundle[]): void {
  const isSignedByRoot = (certificate: string) =>
    root.certificates.some(({ certificatePem }) => isSignedBy(certificate, certificatePem));
  refuseOwnCa(
    "the CA that",
    bundles.filter(({ certificate }) => isSignedByRoot(certificate)),
  );
  const below = new Set([...new Set(bundles.flatMap(casOf))].filter(isSignedByRoot));
  refuseOwnCa(
    "a root above the CA that",
    bundles.filter((bundle) => casOf(bundle).some((ca) => below.has(ca))),
  );
  const fingerprints = new Set(root.certificates.map(({ fingerprint }) => fingerprint));
  const others = new Set(
    sentRoots(bundles).filter(
      (sent) => !rootOf(sent).certificates.some(({ fingerprint }) => fingerprints.has(fingerprint)),
    ),
  );
  const otherwise = bundles.filter(({ serverRoot }) => serverRoot !== undefined && others.has(serverRoot));
  if (otherwise.length > 0) {
    throw new CommandError(
      `nRF Cloud sent another server root with the certificates of ${idText(otherwise.map(({ deviceId }) => deviceId))}. ` +
        "Remove --server-root, or add that root to its file.",
      2,
    );
  }
}

/** The CAs above a device: the one that issued its certificate, and the chain above that. */
function casOf({ issuingCa, issuingChain }: Bundle): readonly string[] {
  return [issuingCa, issuingChain].flatMap((text) => (text === undefined ? [] : certificatesIn(text)));
}

function refuseOwnCa(what: string, bundles: readonly Bundle[]): void {
  if (bundles.length === 0) return;
  throw new CommandError(
    `--server-root names ${what} issued the certificates of ${idText(bundles.map(({ deviceId }) => deviceId))}. ` +
      "A device needs the root of the server, and can't connect with its own CA as root. Name the server's root, or remove the option.",
    2,
  );
}

/**
 * Reads a server root of one or more certificates.
 * @param source the origin of the text, for messages
 * @throws CommandError (2) for text that can't be a root
 */
export function readServerRoot(text: string, source: string, now: Date): ServerRoot {
  const root = parsed(text, source);
  for (const certificate of root.certificates) {
    const name = nameOf(certificate);
    if (!isSignedBy(certificate.certificatePem, certificate.certificatePem)) {
      throw refused(source, `${name} is not a root, because another CA signed it. Name the root of that CA.`);
    }
    if (Date.parse(certificate.notAfter) < now.getTime()) {
      throw refused(
        source,
        `${name} ended on ${certificate.notAfter.slice(0, 10)}. Name a root that is valid.`,
      );
    }
  }
  return root;
}

/** The names of a root's certificates. */
export function rootText({ certificates }: ServerRoot): string {
  return certificates.map(nameOf).join(" and ");
}

function nameOf({ subject, serialNumber }: CertificateDescription): string {
  return (
    subject.commonName ?? subject.organizationalUnit ?? subject.organization ?? `certificate ${serialNumber}`
  );
}

function parsed(text: string, source: string): ServerRoot {
  try {
    const strange = labelsIn(text).find((label) => label !== "CERTIFICATE");
    if (strange !== undefined)
      throw refused(source, `It holds a "${strange}" block. A server root may contain certificates only.`);
    return rootOf(text);
  } catch (error) {
    if (error instanceof PkiError)
      throw refused(source, `${error.problem} Name a PEM file with the root certificate of the server.`);
    throw error;
  }
}

function rootOf(pem: string): ServerRoot {
  const certificates = certificatesIn(pem).map((each) => describeCertificate(each));
  return { pem: textOf(certificates.map(({ certificatePem }) => certificatePem)), certificates };
}

/** Roots with an empty line between them, as Nordic's installer writes them, so that digests in modems are the same. */
function textOf(roots: readonly string[]): string {
  return roots.join("\n");
}

function refused(source: string, why: string): CommandError {
  return new CommandError(`${source} is not a server root: ${why}`, 2);
}
