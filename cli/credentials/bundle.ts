import { keyPem } from "../../provider/pki/pack.js";
import { certificatesIn, rewrapped } from "../../provider/pki/pem.js";
import type { Kept } from "../../provider/reconcile/table/packRotation.js";
import { isKind } from "../report/things.js";
import { casIn, issuerOf, type StateCa } from "../state/cas.js";
import type { StateResource } from "../state/export.js";
import { rowsIn, tablesIn, type StateRow } from "../state/sets.js";

/** The credentials of a device in a state, as normalized PEM: LF, one final newline, nothing around the blocks. */
export interface Bundle {
  readonly deviceId: string;
  /** The device's certificate. For a just-in-time device followed by the certificate of its issuer. */
  readonly certificate: string;
  /** Secret. Absent if the device made its own key. */
  readonly privateKey: string | undefined;
  /** The CA that issued the certificate, if the state has it. It is not for the device. */
  readonly issuingCa: string | undefined;
  /** The certificates above the issuing CA, its issuer first, if the state has them. They are not for the device either. */
  readonly issuingChain: string | undefined;
  /** The server root that nRF Cloud sent with the certificate of a just-in-time device. */
  readonly serverRoot: string | undefined;
}

/**
 * The next or the previous credentials in a state, which nRF Cloud does not have, by device id.
 * @param state with secrets in clear text
 */
export function keptBundlesIn(state: readonly StateResource[], kept: Kept): ReadonlyMap<string, Bundle> {
  const cas = casIn(state);
  return new Map(
    rowsIn(tablesIn(state)).flatMap(({ id, record }) => {
      const credential = record.rotation?.[kept];
      if (credential === undefined) return [];
      const privateKey = credential.privateKey && keyPem(credential.privateKey);
      const { certificate } = credential;
      return [[id, bundle(id, { certificate, privateKey, serverRoot: undefined }, cas)] as const];
    }),
  );
}

/**
 * The credentials in a state, by device id. Devices with their own credentials, and adopted devices, have none.
 * @param state with secrets in clear text
 */
export function bundlesIn(state: readonly StateResource[]): ReadonlyMap<string, Bundle> {
  const cas = casIn(state);
  const bundles = new Map<string, Bundle>();
  for (const { kind, subject, outputs } of state) {
    const [certificate] = [...pem(outputs.certificateBundle), ...pem(outputs.certificate)];
    if (!isKind(kind, "DeviceCertificate", "JitpCertificate") || certificate === undefined) continue;
    const [privateKey] = pem(outputs.privateKey);
    const [serverRoot] = pem(outputs.serverCa);
    bundles.set(subject, bundle(subject, { certificate, privateKey, serverRoot }, cas));
  }
  // The certificate of a row is registered in nRF Cloud, so it replaces a separate `DeviceCertificate` of the same id.
  for (const row of rowsIn(tablesIn(state))) {
    const { id, record, table } = row;
    const { certificate, privateKey } = record;
    if (certificate === undefined) continue;
    const [serverRoot] = isJustInTime(row) ? pem(table.resource.outputs.serverCa) : [];
    bundles.set(
      id,
      bundle(id, { certificate, privateKey: privateKey && keyPem(privateKey), serverRoot }, cas),
    );
  }
  return bundles;
}

/** The server roots that nRF Cloud sent to any device of a state. All devices of an account have the same server. */
export function sentRoots(bundles: Iterable<Bundle>): readonly string[] {
  return [...new Set([...bundles].flatMap(({ serverRoot }) => serverRoot ?? []))];
}

function bundle(
  deviceId: string,
  { certificate, privateKey, serverRoot }: Pick<Bundle, "certificate" | "privateKey" | "serverRoot">,
  cas: readonly StateCa[],
): Bundle {
  const issuer = issuerOf(certificate, cas);
  return {
    deviceId,
    certificate: certificatesIn(certificate).join(""),
    privateKey: privateKey && rewrapped(privateKey, "privateKey", "PRIVATE KEY"),
    issuingCa: issuer?.certificate,
    issuingChain: issuer?.chain,
    serverRoot: serverRoot && certificatesIn(serverRoot).join(""),
  };
}

function isJustInTime({ id, record, table }: StateRow): boolean {
  // A row that waits for its first connect has no recorded row yet.
  return (record.row ?? table.declared.get(id))?.way === "jitp";
}

function pem(value: unknown): string[] {
  return typeof value === "string" && value.includes("-----BEGIN ") ? [value] : [];
}
