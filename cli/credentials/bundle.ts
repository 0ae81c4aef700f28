import { keyPem } from "../../provider/pki/pack.js";
import { isSignedBy } from "../../provider/pki/signedBy.js";
import type { StateResource } from "../state/export.js";
import { isKind } from "../report/things.js";
import { rowsIn, tablesIn, type StateRow } from "../state/sets.js";

/** What of a device's credentials a state holds, as PEM texts. */
export interface Bundle {
  readonly deviceId: string;
  /** The device's certificate; of a just-in-time device, with that of its issuer behind it. */
  readonly certificate: string;
  /** Secret. Absent where the device made its own. */
  readonly privateKey: string | undefined;
  /** The CA that signed it; of a just-in-time device, the root of nRF Cloud's server. */
  readonly ca: string | undefined;
}

/**
 * The credentials in a state, by device id. Devices that brought their own, or were adopted as they were, have none.
 * @param state with secrets in clear
 */
export function bundlesIn(state: readonly StateResource[]): ReadonlyMap<string, Bundle> {
  const cas = [
    ...new Set(
      state.flatMap(({ kind, inputs, outputs }) => [
        ...(isKind(kind, "CaCertificate") ? pem(outputs.certificate) : []),
        ...pem(inputs.caCertificate),
      ]),
    ),
  ];
  const bundles = new Map<string, Bundle>();
  for (const { kind, subject, outputs } of state) {
    const [certificate] = [...pem(outputs.certificateBundle), ...pem(outputs.certificate)];
    if (!isKind(kind, "DeviceCertificate", "JitpCertificate") || certificate === undefined) continue;
    const [privateKey] = pem(outputs.privateKey);
    const ca = signerOf(certificate, cas) ?? pem(outputs.serverCa)[0];
    bundles.set(subject, { deviceId: subject, certificate, privateKey, ca });
  }
  // What is registered for a device counts more than a certificate that was issued by itself.
  for (const row of rowsIn(tablesIn(state))) {
    const bundle = bundleOf(row, cas);
    if (bundle !== undefined) bundles.set(row.id, bundle);
  }
  return bundles;
}

function bundleOf({ id, record, table }: StateRow, cas: readonly string[]): Bundle | undefined {
  const { certificate, privateKey } = record;
  if (certificate === undefined) return undefined;
  const [serverCa] = pem(table.resource.outputs.serverCa);
  const ca = signerOf(certificate, cas) ?? serverCa;
  return { deviceId: id, certificate, privateKey: privateKey && keyPem(privateKey), ca };
}

function signerOf(certificate: string, cas: readonly string[]): string | undefined {
  return cas.find((ca) => isSignedBy(certificate, ca));
}

function pem(value: unknown): string[] {
  return typeof value === "string" && value.includes("-----BEGIN ") ? [value] : [];
}
