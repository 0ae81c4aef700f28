import { createPrivateKey, sign } from "node:crypto";
import type { CaMaterial } from "../../provider/pki/ca.js";
import {
  deviceCa,
  type DeviceCertificate,
  type DeviceCertificateRequest,
} from "../../provider/pki/deviceCertificate.js";

/** Issues certificates of a CA at once, for tests that need some. */
export function createSigner({ certificatePem, privateKeyPem }: CaMaterial): {
  sign(request: DeviceCertificateRequest): DeviceCertificate;
} {
  const ca = deviceCa(certificatePem);
  const key = createPrivateKey(privateKeyPem);
  return {
    sign(request) {
      const unsigned = ca.prepare(request);
      return unsigned.signedWith(sign("sha256", unsigned.bytes, key));
    },
  };
}
