import type {
  Contents,
  DecodeToken,
  GivenCa,
  CheckCa,
  CheckCredential,
  DetectOtherFormat,
} from "../fleet/sources/io.js";
import { parseAttestationToken } from "../pki/attestationToken.js";
import { describeCa, takeOverCa, type CaDescription } from "../pki/ca.js";
import { readChain } from "../pki/chain.js";
import { otherContainer, otherThanPkcs12, severalCertificates } from "../pki/container.js";
import { requireDeviceCredential } from "../pki/deviceCredential.js";
import { PkiError } from "../pki/errors.js";
import { readPkcs12 } from "../pki/pkcs12.js";

/** Decodes and checks the tokens and credentials of a fleet. No message quotes a secret. */
export function fleetContents(now: Date): Contents {
  const checkCredential: CheckCredential = (kind, pem, deviceId) => {
    try {
      requireDeviceCredential(kind, pem, now, deviceId);
      return undefined;
    } catch (error) {
      return { ...violationOf(error), onlyExpired: error instanceof PkiError && error.kind === "ended" };
    }
  };
  return { decodeToken, checkCredential, detectOtherFormat, checkCa };
}

const detectOtherFormat: DetectOtherFormat = (kind, content, path) => {
  const other = kind === "pkcs12" ? otherThanPkcs12(content, path) : otherContainer(content, kind, path);
  const several = kind === "certificate" ? severalCertificates(content.toString("latin1"), path) : undefined;
  const found = other ?? several;
  return found && violationOf(found);
};

const checkCa: CheckCa = (ca) => {
  try {
    const { certificatePem } = describe(ca);
    return ca.chain === undefined ? undefined : checkChain(certificatePem, ca.chain);
  } catch (error) {
    return { ...violationOf(error), key: entryOf(error, ca) };
  }
};

function checkChain(certificatePem: string, chain: string): ReturnType<CheckCa> {
  try {
    readChain(certificatePem, chain);
    return undefined;
  } catch (error) {
    return { ...violationOf(error), key: "chain" };
  }
}

function describe(ca: GivenCa): CaDescription {
  if ("pkcs12" in ca) return takeOverCa(readPkcs12(ca.pkcs12, ca.password));
  if (!("privateKey" in ca)) return describeCa(ca.certificate);
  const { certificate, privateKey, privateKeyFile: file, password } = ca;
  return takeOverCa({
    certificatePem: certificate,
    privateKeyPem: privateKey,
    keyOrigin: { file, password },
  });
}

/** The key of the `ca` section that causes an error. */
function entryOf(error: unknown, ca: GivenCa): string {
  const kind = error instanceof PkiError ? error.kind : undefined;
  if (kind === "wrong-password" && ca.password !== undefined) return "password";
  if ("pkcs12" in ca) return "pkcs12";
  return "privateKey" in ca && isCaCertificate(ca.certificate) ? "privateKey" : "certificate";
}

function isCaCertificate(pem: string): boolean {
  try {
    describeCa(pem);
    return true;
  } catch {
    return false;
  }
}

/** Decodes the UUID of the device in an attestation token. */
export const decodeToken: DecodeToken = (text) => {
  try {
    return { ok: true, value: { uuid: parseAttestationToken(text).deviceUuid } };
  } catch (error) {
    return { ok: false, ...violationOf(error) };
  }
};

function violationOf(error: unknown): { readonly message: string; readonly fix: string } {
  if (!(error instanceof PkiError)) throw error;
  return { message: clause(error.problem), fix: clause(error.remedy) };
}

/** A sentence as a clause of another one. */
function clause(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, "")}`;
}
