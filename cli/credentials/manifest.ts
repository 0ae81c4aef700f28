import { describeCertificate } from "../../provider/pki/certificate.js";
import { firstCertificate } from "../../provider/pki/pem.js";
import type { Bundle } from "./bundle.js";
import type { Flashing } from "./flashing.js";
import type { ToolCommands } from "./nordicTools.js";
import type { CredentialType } from "./securityTag.js";

/** A file of a device, as its manifest has it. */
export interface FileEntry {
  readonly name: string;
  readonly meaning: string;
  /** Of the file, lower-case hex. */
  readonly sha256: string;
  /** Its type in a modem, and the digest that `AT%CMNG=1` lists there. Absent for a file that is not for the device. */
  readonly modem?: { readonly type: CredentialType; readonly sha256: string };
}

/** What the files of one device are, and how they get into it. Nothing in it is secret. */
export interface Manifest {
  /** Grows when a reader of the earlier form would misread this one. */
  readonly version: 1;
  readonly deviceId: string;
  readonly securityTag: number;
  /** The MQTT server; `null` where it is not known. */
  readonly server: { readonly host: string; readonly port: number } | null;
  /** The certificates by which the device verifies the server; none where no root is known. */
  readonly serverRoot: readonly CertificateEntry[];
  readonly certificate: CertificateEntry;
  /** `file`: it is in one of the files. `device`: the device made it, and nobody else has it. */
  readonly privateKey: "file" | "device";
  readonly files: readonly FileEntry[];
  /** Command lines of Nordic's tools, to be run in the folder of the files. */
  readonly commands: ToolCommands;
}

interface CertificateEntry {
  readonly subject: Readonly<Record<string, string>>;
  /** Lower-case hex. */
  readonly serialNumber: string;
  /** First second, ISO 8601. */
  readonly validFrom: string;
  /** Last second, ISO 8601. */
  readonly validUntil: string;
  /** SHA-256 of its DER, lower-case hex. */
  readonly fingerprint: string;
}

export function manifestOf(
  { deviceId, certificate, privateKey }: Bundle,
  { securityTag, server, serverRoot }: Flashing,
  files: readonly FileEntry[],
  commands: ToolCommands,
): Manifest {
  return {
    version: 1,
    deviceId,
    securityTag,
    server: server === undefined ? null : { host: server.host, port: server.port },
    serverRoot: (serverRoot?.certificates ?? []).map(certificateEntry),
    certificate: certificateEntry(describeCertificate(firstCertificate(certificate))),
    privateKey: privateKey === undefined ? "device" : "file",
    files,
    commands,
  };
}

function certificateEntry(described: ReturnType<typeof describeCertificate>): CertificateEntry {
  const { subject, serialNumber, notBefore, notAfter, fingerprint } = described;
  return { subject: { ...subject }, serialNumber, validFrom: notBefore, validUntil: notAfter, fingerprint };
}
