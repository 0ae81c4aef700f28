import type { TLSSocket } from "node:tls";
import type { Certificate } from "../store/credentialRegister.js";

/** A connection of a device whose certificate was admitted. */
export interface Session {
  readonly deviceId: string;
  readonly socket: TLSSocket;
  readonly certificate: Certificate;
  /** The device's owner, which decides on the topics. */
  tenantId: string | undefined;
  /** Epoch milliseconds of the MQTT connect; undefined before. */
  connectedAt: number | undefined;
  /** Messages the device published. */
  messages: number;
  /** The session is ending: the device gets a last message, and all its requests are ignored. */
  ending: boolean;
}

/** A refused connection. The device does not get the reason. */
export interface ConnectionRefusal {
  readonly at: string;
  /** Of the certificate, if there was one. */
  readonly commonName: string | undefined;
  readonly reason: string;
}

const refusalsKept = 1000;

/** The connections by device, and the refused ones. */
export class Sessions {
  private readonly byDevice = new Map<string, Set<Session>>();
  private refused: ConnectionRefusal[] = [];

  add(session: Session): void {
    const sessions = this.byDevice.get(session.deviceId) ?? new Set();
    this.byDevice.set(session.deviceId, sessions.add(session));
  }

  remove(session: Session): void {
    const sessions = this.byDevice.get(session.deviceId);
    sessions?.delete(session);
    if (sessions?.size === 0) this.byDevice.delete(session.deviceId);
  }

  of(deviceId: string): Session[] {
    return [...(this.byDevice.get(deviceId) ?? [])];
  }

  all(): Session[] {
    return [...this.byDevice.values()].flatMap((sessions) => [...sessions]);
  }

  refuse(commonName: string | undefined, reason: string): void {
    this.refused.push({ at: new Date().toISOString(), commonName, reason });
    if (this.refused.length > refusalsKept) this.refused.shift();
  }

  refusals(): readonly ConnectionRefusal[] {
    return this.refused;
  }

  forgetRefusals(): void {
    this.refused = [];
  }
}
