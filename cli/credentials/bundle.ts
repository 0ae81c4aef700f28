import type { StateResource } from "../state/export.js";
import { entry } from "../json.js";
import { isKind } from "../report/things.js";

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
  const cas = new Map(
    state.flatMap(({ kind, id, outputs }) => {
      const certificate = pem(outputs.certificate);
      return isKind(kind, "CaCertificate") && id !== undefined && certificate !== undefined
        ? [[id, certificate] as const]
        : [];
    }),
  );
  const bundles = new Map<string, Bundle>();
  for (const resource of state) {
    const bundle = bundleOf(resource, cas);
    // A device's own is what nRF Cloud was told last.
    if (bundle !== undefined && (isKind(resource.kind, "Device") || !bundles.has(bundle.deviceId)))
      bundles.set(bundle.deviceId, bundle);
  }
  return bundles;
}

function bundleOf(
  { kind, subject, outputs, inputs }: StateResource,
  cas: ReadonlyMap<string, string>,
): Bundle | undefined {
  if (!isKind(kind, "Device", "DeviceCertificate", "JitpCertificate")) return undefined;
  const certificate = pem(outputs.certificateBundle) ?? pem(outputs.certificate);
  if (certificate === undefined) return undefined;
  const credential = outputs.credential ?? inputs.credential ?? inputs;
  const issuer = entry(credential, "ca");
  return {
    deviceId: subject,
    certificate,
    privateKey: pem(outputs.privateKey),
    ca: pem(outputs.serverCa) ?? (typeof issuer === "string" ? cas.get(issuer) : undefined),
  };
}

function pem(value: unknown): string | undefined {
  return typeof value === "string" && value.includes("-----BEGIN ") ? value : undefined;
}
