import type { ThingStore } from "../cloud.js";
import type { JitpCertificate } from "../store/jitpRegister.js";
import { defaultSubType } from "./association.js";

/** Registers a device without an owner after the first connection with a just-in-time certificate, with a delay. */
export class JitpRegistrations {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(private readonly store: ThingStore) {}

  /** Starts the registration of a certificate that was seen for the first time. */
  start(jitp: JitpCertificate): void {
    const delay = this.store.settings.jitpDelayMs;
    this.store.jitp.startRegistration(jitp, Date.now() + delay);
    this.completeAfter(delay, jitp);
  }

  /** Continues the pending registrations. */
  restore(): void {
    for (const [, certificates] of [...this.store.jitp.entries()]) {
      for (const jitp of certificates) {
        if (jitp.registration.kind === "registering") {
          this.completeAfter(Math.max(0, jitp.registration.until - Date.now()), jitp);
        }
      }
    }
  }

  /** Stops the pending registrations. `restore` continues them. */
  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private completeAfter(delay: number, jitp: JitpCertificate): void {
    if (delay === 0) {
      this.complete(jitp);
      return;
    }
    const { fingerprint } = jitp.certificate;
    const timer = setTimeout(() => {
      this.timers.delete(fingerprint);
      this.complete(jitp);
    }, delay);
    this.timers.set(fingerprint, timer);
  }

  private complete({ certificate }: JitpCertificate): void {
    const { registry, credentials, jitp: register } = this.store;
    const jitp = register.find(certificate);
    if (jitp?.registration.kind !== "registering") return;
    const { deviceId } = jitp;
    const present = registry.latest(deviceId);
    // The id was onboarded or associated in the meantime: the certificate is too late.
    if (present?.tenantId !== undefined) return;
    if (present === undefined) {
      registry.create({
        id: deviceId,
        tenantId: undefined,
        subType: defaultSubType(deviceId),
        tags: [],
        firmwareTypes: [],
      });
    }
    register.completeRegistration(jitp);
    credentials.put(deviceId, {
      tenantId: undefined,
      certificate,
      certifiedAt: Date.now(),
      publicKey: certificate.publicKey,
    });
  }
}
