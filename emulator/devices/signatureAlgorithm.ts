/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256, as a DER object identifier. */
const ecdsaWithSha256 = Buffer.from("06082a8648ce3d040302", "hex");

/**
 * Whether a certificate's signature is ECDSA with SHA-256. Node 20 parses certificates but does not show this, so the
 * one field is read here: Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OID … } … }.
 *
 * @param der a certificate that is known to be well formed
 */
export function isSignedWithEcdsaSha256(der: Buffer): boolean {
  const tbsCertificate = contentStart(der, 0);
  const signatureAlgorithm = contentStart(der, tbsCertificate) + contentLength(der, tbsCertificate);
  const identifier = contentStart(der, signatureAlgorithm);
  return der.subarray(identifier, identifier + ecdsaWithSha256.length).equals(ecdsaWithSha256);
}

/** Number of bytes after the first that spell out a length of 128 or more; 0 for a short one. */
const longLengthBytes = (der: Buffer, at: number) => {
  const first = der.readUInt8(at + 1);
  return first < 0x80 ? 0 : first & 0x7f;
};

const contentStart = (der: Buffer, at: number) => at + 2 + longLengthBytes(der, at);

function contentLength(der: Buffer, at: number): number {
  const bytes = longLengthBytes(der, at);
  return bytes === 0 ? der.readUInt8(at + 1) : der.readUIntBE(at + 2, bytes);
}
