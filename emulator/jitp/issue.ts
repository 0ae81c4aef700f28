import { X509Certificate } from "node:crypto";
import type { Cloud } from "../cloud.js";
import { certificateOf } from "../devices/credential.js";
import { deviceIdRule } from "../devices/rules.js";
import { badRequest, invalid, noSuchProduct } from "../errors.js";
import { codeDigest, isNordicId, isNordicProduct } from "./ownershipCode.js";

/** X.509 allows no longer common name. */
const maximalCommonName = 64;

/** The reply of CreateDeviceCertificate. The private key is not stored. */
export interface DeviceCertificate {
  readonly clientId: string;
  /** The root that signs the broker's certificate. */
  readonly caCert: string;
  /** The device's certificate and that of its issuer. */
  readonly clientCert: string;
  readonly privateKey: string;
}

/** Issues a just-in-time certificate. Nothing is visible anywhere until a device has connected with it. */
export function issueDeviceCertificate(cloud: Cloud, deviceId: string, code: string): DeviceCertificate {
  const { settings, registry, credentials, jitp, authority } = cloud;
  const problem = deviceIdRule(deviceId);
  if (problem !== undefined) throw invalid([`deviceId: ${problem}`]);
  if (deviceId.length > maximalCommonName) {
    throw invalid([`deviceId: a certificate's common name has at most ${maximalCommonName} characters`]);
  }
  if (isNordicId(deviceId) && !isNordicProduct(settings, deviceId, code)) {
    throw noSuchProduct(`No Nordic product with id ${JSON.stringify(deviceId)} and this ownership code.`);
  }
  if (registry.latest(deviceId) !== undefined || credentials.of(deviceId) !== undefined) {
    throw badRequest(`The device ${JSON.stringify(deviceId)} exists already: delete it first.`);
  }
  const issued = authority.issueDevice(deviceId);
  jitp.add({
    deviceId,
    certificate: certificateOf(new X509Certificate(issued.certificate)),
    codeDigest: codeDigest(deviceId, code),
    registration: { kind: "issued" },
  });
  return {
    clientId: deviceId,
    caCert: authority.serverRoot,
    clientCert: issued.certificate + issued.intermediate,
    privateKey: issued.privateKey,
  };
}
