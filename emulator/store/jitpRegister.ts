import { isRecord, isText } from "../http/json.js";
import { isCertificate, type Certificate } from "./credentialRegister.js";
import type { StoreEvents } from "./events.js";
import type { Journal } from "./journal.js";

/** The state of a just-in-time certificate. */
export type Registration =
  | { readonly kind: "issued" }
  /** Its device has connected once. `until` is epoch milliseconds. */
  | { readonly kind: "registering"; readonly until: number }
  | { readonly kind: "registered" };

/** A certificate that the emulated Nordic CA issued. */
export interface JitpCertificate {
  readonly deviceId: string;
  readonly certificate: Certificate;
  /** Digest of the ownership code that was given for it. */
  readonly codeDigest: string;
  readonly registration: Registration;
}

/**
 * The just-in-time certificates by device id. Until a device is associated it may have several; only the one that was
 * registered last is registered.
 */
export class JitpRegister {
  private readonly byDevice = new Map<string, readonly JitpCertificate[]>();
  private readonly byFingerprint = new Map<string, JitpCertificate>();

  constructor(
    private readonly journal: Journal,
    private readonly events: StoreEvents,
  ) {}

  of(deviceId: string): readonly JitpCertificate[] {
    return this.byDevice.get(deviceId) ?? [];
  }

  find({ fingerprint }: Pick<Certificate, "fingerprint">): JitpCertificate | undefined {
    return this.byFingerprint.get(fingerprint);
  }

  /** The registered certificate. */
  registered(deviceId: string): JitpCertificate | undefined {
    return this.of(deviceId).find(({ registration }) => registration.kind === "registered");
  }

  add(certificate: JitpCertificate): void {
    this.put(certificate.deviceId, [...this.of(certificate.deviceId), certificate]);
  }

  startRegistration(jitp: JitpCertificate, until: number): void {
    const started: JitpCertificate = { ...jitp, registration: { kind: "registering", until } };
    this.put(
      jitp.deviceId,
      this.of(jitp.deviceId).map((other) => (isSame(other, jitp) ? started : other)),
    );
  }

  /** Completes a registration. The certificate replaces an earlier one. */
  completeRegistration(jitp: JitpCertificate): void {
    const done: JitpCertificate = { ...jitp, registration: { kind: "registered" } };
    const others = this.of(jitp.deviceId).filter(
      (other) => !isSame(other, jitp) && other.registration.kind !== "registered",
    );
    this.put(jitp.deviceId, [...others, done]);
  }

  /** Invalidates all certificates of a device except the registered one. */
  keepRegistered(deviceId: string): void {
    const registered = this.registered(deviceId);
    this.put(deviceId, registered === undefined ? [] : [registered]);
  }

  remove(deviceId: string): void {
    this.put(deviceId, []);
  }

  entries(): Iterable<[string, readonly JitpCertificate[]]> {
    return this.byDevice.entries();
  }

  /** Restores the contents of the state file. */
  restore(records: Iterable<[string, unknown]>): void {
    for (const [deviceId, value] of records) {
      const certificates = isRecord(value) ? value.certificates : undefined;
      if (Array.isArray(certificates)) this.place(deviceId, certificates.filter(isJitpCertificate));
    }
  }

  clear(): void {
    for (const deviceId of [...this.byDevice.keys()]) this.remove(deviceId);
  }

  private put(deviceId: string, certificates: readonly JitpCertificate[]): void {
    if (certificates.length === 0 && !this.byDevice.has(deviceId)) return;
    this.place(deviceId, certificates);
    this.journal.record("jitp", deviceId, certificates.length === 0 ? undefined : { certificates });
    this.events.emit("changed", deviceId);
  }

  private place(deviceId: string, certificates: readonly JitpCertificate[]): void {
    for (const { certificate } of this.of(deviceId)) this.byFingerprint.delete(certificate.fingerprint);
    for (const jitp of certificates) this.byFingerprint.set(jitp.certificate.fingerprint, jitp);
    if (certificates.length === 0) this.byDevice.delete(deviceId);
    else this.byDevice.set(deviceId, certificates);
  }
}

const isSame = (a: JitpCertificate, b: JitpCertificate) =>
  a.certificate.fingerprint === b.certificate.fingerprint;

const isJitpCertificate = (value: unknown): value is JitpCertificate =>
  isRecord(value) &&
  isText(value.deviceId) &&
  isText(value.codeDigest) &&
  isCertificate(value.certificate) &&
  isRegistration(value.registration);

const isRegistration = (value: unknown): value is Registration =>
  isRecord(value) &&
  (value.kind === "issued" ||
    value.kind === "registered" ||
    (value.kind === "registering" && typeof value.until === "number"));
