import { createPublicKey, verify } from "node:crypto";
import * as der from "./der.js";
import { PkiError } from "./errors.js";
import { publicKeyToPem } from "./keys.js";
import { oids } from "./oids.js";
import { requireP256 } from "./p256.js";
import { singlePemBlock } from "./pem.js";
import { subjectFromName, type Subject } from "./subject.js";

/** A certificate request (PKCS#10) whose signature was verified: its sender has the private key. */
export interface CertificateRequest {
  readonly subject: Subject;
  /** EC P-256 SubjectPublicKeyInfo, normalized. */
  readonly publicKeyPem: string;
}

const DIGESTS = new Map<string, string>([
  [oids.ecdsaWithSha256, "sha256"],
  [oids.ecdsaWithSha384, "sha384"],
  [oids.ecdsaWithSha512, "sha512"],
]);

/**
 * Reads a CSR in PEM (`CERTIFICATE REQUEST` or `NEW CERTIFICATE REQUEST`) and verifies its signature. Extensions that
 * it asks for are ignored. The CSRs of modems, whose ecdsa-with-SHA256 has a NULL parameter that it should not have,
 * are taken as they are.
 * @throws PkiError malformed-csr, unsupported-key, malformed-key, unsupported-signature, bad-signature, several-blocks
 *   or malformed-pem
 */
export function parseCsr(pem: string): CertificateRequest {
  const bytes = csrBytes(pem);
  const { signed, subject, spki, algorithm, hasOddParameter, signature } = der.reading(
    () => readRequest(bytes),
    malformed,
  );
  const p256 = requireP256(spki, "The CSR");
  const digest = DIGESTS.get(algorithm);
  if (digest === undefined || hasOddParameter) {
    throw new PkiError(
      "unsupported-signature",
      `The CSR is signed with an algorithm (${algorithm}) that does not belong to an EC key.`,
      "Make the CSR with ECDSA and SHA-256.",
    );
  }
  const key = createPublicKey({ key: p256, format: "der", type: "spki" });
  if (!verify(digest, signed, { key, dsaEncoding: "der" }, signature)) {
    throw new PkiError(
      "bad-signature",
      "The signature of the CSR is wrong: the CSR was changed, or its sender does not have the private key.",
      "Read the CSR from the device again.",
    );
  }
  return { subject, publicKeyPem: publicKeyToPem(p256) };
}

interface Request {
  /** The signed bytes. */
  readonly signed: Buffer;
  readonly subject: Subject;
  readonly spki: Buffer;
  readonly algorithm: string;
  /** Whether there is a parameter other than NULL. */
  readonly hasOddParameter: boolean;
  readonly signature: Buffer;
}

function readRequest(bytes: Buffer): Request {
  const [info, algorithm, signature] = der.children(der.parseDer(bytes));
  const [, subject, spki] = der.children(info);
  const [algorithmId, parameter] = der.children(algorithm);
  if (!info || !subject || !spki) throw new der.DerError("not a CSR");
  return {
    signed: der.encodeDer(info),
    subject: subjectFromName(subject),
    spki: der.encodeDer(spki),
    algorithm: der.readOid(algorithmId),
    hasOddParameter: parameter !== undefined && der.tagOf(parameter) !== der.tags.null,
    signature: der.readBitString(signature),
  };
}

function csrBytes(pem: string): Buffer {
  if (/^\s*[\w-]{40,}\.[\w-]+\s*$/.test(pem)) {
    throw new PkiError(
      "malformed-pem",
      "The CSR is the raw answer of the modem to AT%KEYGEN, not PEM.",
      "Convert it with `modem_credentials_parser -k <answer>` of Nordic's nrfcloud-utils and give the PEM.",
    );
  }
  return singlePemBlock(pem, {
    wanted: "csr",
    label: "CERTIFICATE REQUEST",
    ifSeveral: "Give the device's own CSR alone.",
  });
}

function malformed(): PkiError {
  return new PkiError(
    "malformed-csr",
    "The CSR is damaged: its content is not a DER-encoded PKCS#10 request.",
    "Check it with `openssl req -noout -text -in device.csr` and copy the whole file again.",
  );
}
