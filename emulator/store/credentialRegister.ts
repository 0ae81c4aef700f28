import { isRecord, isText } from "../http/json.js";
import type { StoreEvents } from "./events.js";
import type { Journal } from "./journal.js";

/** The properties of a device certificate that the cloud needs. */
export interface Certificate {
  /** SHA-256 of the DER, hexadecimal. */
  readonly fingerprint: string;
  readonly commonName: string | undefined;
  readonly issuer: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

/** The credentials that are registered for one device id, onboarded or not. */
export interface Credentials {
  /** Undefined for a just-in-time device that is not associated. */
  readonly tenantId: string | undefined;
  readonly certificate: Certificate | undefined;
  /** Epoch milliseconds of the certificate's registration. */
  readonly certifiedAt: number | undefined;
  /** The key that verifies the device's JWTs: its certificate's, unless another was registered. */
  readonly publicKey: string;
}

/** The certificates and public keys of all teams. A certificate belongs to one device only. */
export class CredentialRegister {
  private readonly byDevice = new Map<string, Credentials>();
  private readonly deviceByFingerprint = new Map<string, string>();

  constructor(
    private readonly journal: Journal,
    private readonly events: StoreEvents,
  ) {}

  of(deviceId: string): Credentials | undefined {
    return this.byDevice.get(deviceId);
  }

  /** The device id a certificate is registered for. */
  holder({ fingerprint }: Pick<Certificate, "fingerprint">): string | undefined {
    return this.deviceByFingerprint.get(fingerprint);
  }

  put(deviceId: string, credentials: Credentials): void {
    this.forget(deviceId);
    this.place(deviceId, credentials);
    this.journal.record("credentials", deviceId, credentials);
    this.events.emit("changed", deviceId);
  }

  remove(deviceId: string): void {
    if (!this.byDevice.has(deviceId)) return;
    this.forget(deviceId);
    this.journal.record("credentials", deviceId, undefined);
    this.events.emit("changed", deviceId);
  }

  entries(): Iterable<[string, Credentials]> {
    return this.byDevice.entries();
  }

  /** Restores the contents of the state file. */
  restore(records: Iterable<[string, unknown]>): void {
    for (const [deviceId, value] of records) {
      if (isCredentials(value)) this.place(deviceId, value);
    }
  }

  clear(): void {
    for (const deviceId of [...this.byDevice.keys()]) this.remove(deviceId);
  }

  private place(deviceId: string, credentials: Credentials): void {
    this.byDevice.set(deviceId, credentials);
    if (credentials.certificate !== undefined) {
      this.deviceByFingerprint.set(credentials.certificate.fingerprint, deviceId);
    }
  }

  private forget(deviceId: string): void {
    const certificate = this.byDevice.get(deviceId)?.certificate;
    if (certificate !== undefined) this.deviceByFingerprint.delete(certificate.fingerprint);
    this.byDevice.delete(deviceId);
  }
}

const isCredentials = (value: unknown): value is Credentials =>
  isRecord(value) &&
  (value.tenantId === undefined || isText(value.tenantId)) &&
  isText(value.publicKey) &&
  (value.certifiedAt === undefined || typeof value.certifiedAt === "number") &&
  (value.certificate === undefined || isCertificate(value.certificate));

/** Whether a value read from the state file is a certificate. */
export const isCertificate = (value: unknown): value is Certificate =>
  isRecord(value) &&
  isText(value.fingerprint) &&
  (value.commonName === undefined || typeof value.commonName === "string") &&
  typeof value.issuer === "string" &&
  isText(value.notBefore) &&
  isText(value.notAfter) &&
  isText(value.publicKey);
