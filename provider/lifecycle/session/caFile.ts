import path from "node:path";
import { asError, ExpectedError } from "../../engine/errors.js";
import { diskIo } from "../../fleet/disk.js";
import { decodeText } from "../../fleet/sources/textFile.js";
import { describeCertificate } from "../../pki/certificate.js";
import { certificatesIn, firstCertificate } from "../../pki/pem.js";

const LARGEST_BYTES = 1024 * 1024;

/**
 * Reads the certificates (PEM) of a CA that connections trust besides the usual ones, such as that of a proxy.
 * @param file relative to the project's folder, or absolute
 * @param projectFolder absolute
 * @throws ExpectedError where the file can't be read or has no certificate
 */
export function readCaFile(file: string, projectFolder: string): string {
  try {
    const text = decodeText(diskIo.readBytes(path.resolve(projectFolder, file), LARGEST_BYTES), file);
    const certificates = [firstCertificate(text), ...certificatesIn(text).slice(1)];
    for (const certificate of certificates) describeCertificate(certificate);
    return certificates.join("");
  } catch (thrown) {
    throw new ExpectedError(
      `The CA file ${JSON.stringify(file)} can't be used: ${asError(thrown).message}\n` +
        "Set NRF_CLOUD_CA_FILE or nrfcloud:caFile to a PEM file with the certificate of the CA. Unset it to trust the usual CAs only.",
    );
  }
}
