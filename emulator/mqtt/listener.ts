import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { Aedes, Client } from "aedes";
import type { ThingStore } from "../cloud.js";
import { certificateOf } from "../devices/credential.js";
import type { JitpRegistrations } from "../jitp/registrations.js";
import type { Certificate } from "../store/credentialRegister.js";
import type { Device } from "../store/device.js";
import { admissionOf } from "./admission.js";
import { cloudToDeviceTopics, publishProblem, subscribeProblem, type Message } from "./policy.js";
import { Sessions, type Session } from "./sessions.js";
import { ShadowService } from "./shadowService.js";

export interface ListenerOptions {
  readonly store: ThingStore;
  readonly registrations: JitpRegistrations;
  /** Called with a line for each connection and refusal. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A connected device, for the admin API. */
export interface Connection {
  readonly deviceId: string;
  /** Its owner; left out while it is not associated. */
  readonly tenantId: string | undefined;
  readonly connectedAt: string;
  /** Messages that it published since then. */
  readonly messages: number;
}

/** Admits devices, limits them to their topics, and disconnects them when they lose access. */
export class Listener {
  readonly sessions = new Sessions();
  private readonly bySocket = new WeakMap<object, Session>();
  private readonly shadows: ShadowService;

  constructor(
    private readonly options: ListenerOptions,
    private readonly aedes: Aedes,
  ) {
    const { store } = options;
    this.shadows = new ShadowService(store, (topic, message) => {
      void this.publish(topic, message, 1);
    });
    store.events.on("changed", (deviceId) => {
      for (const session of this.sessions.of(deviceId)) this.reconsider(session);
    });
    store.events.on("deleted", (device) => {
      for (const session of this.sessions.of(device.id)) void this.sayGoodbye(session, device);
    });
    store.events.on("shadow", (update) => {
      this.shadows.announce(update);
    });
    this.guard();
  }

  /** Handles a connection after its TLS handshake. */
  accept(socket: TLSSocket): void {
    socket.on("error", () => undefined);
    const certificate = presentedBy(socket);
    if (certificate === undefined) {
      this.refuse(undefined, "no certificate that can be read");
      socket.destroy();
      return;
    }
    const admission = admissionOf(this.options.store, certificate);
    switch (admission.kind) {
      case "admitted":
        this.admit(socket, certificate, admission.device);
        return;
      case "first connect":
        this.options.registrations.start(admission.jitp);
        this.refuse(certificate.commonName, "first connect: the device is being registered");
        socket.destroySoon();
        return;
      case "refused":
        this.refuse(certificate.commonName, admission.reason);
        socket.destroySoon();
    }
  }

  refuse(commonName: string | undefined, reason: string): void {
    this.sessions.refuse(commonName, reason);
    this.options.log?.(`MQTT ${commonName ?? "?"} refused: ${reason}`);
  }

  connections(): Connection[] {
    return this.sessions.all().flatMap(connectionOf);
  }

  /** The connection of one device; undefined if it has none. */
  connection(deviceId: string): Connection | undefined {
    return this.sessions.of(deviceId).flatMap(connectionOf).at(-1);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.aedes.close(resolve);
    });
  }

  private admit(socket: TLSSocket, certificate: Certificate, { id, tenantId }: Device): void {
    const session: Session = {
      deviceId: id,
      socket,
      certificate,
      tenantId,
      connectedAt: undefined,
      messages: 0,
      ending: false,
    };
    this.sessions.add(session);
    this.bySocket.set(socket, session);
    socket.on("close", () => {
      this.sessions.remove(session);
      if (session.connectedAt !== undefined) this.options.log?.(`MQTT ${id} disconnected`);
    });
    this.aedes.handle(socket);
  }

  /** Sets the rules of the broker. An error in a callback drops the connection without a message. */
  private guard(): void {
    const { aedes } = this;
    aedes.preConnect = (client, { clientId, protocolVersion, will }, done) => {
      const session = this.sessionOf(client);
      if (session !== undefined && protocolVersion !== servedVersion) {
        this.drop(session, `it speaks MQTT ${versionName(protocolVersion)}, and only 3.1.1 is served`);
        session.socket.end(unacceptableVersion, () => {
          done(new Error("unacceptable protocol version"), false);
        });
        return;
      }
      const problem =
        session === undefined
          ? "no session"
          : (identityProblem(session, clientId) ?? willProblem(this.deviceOf(session), will));
      if (problem !== undefined) this.drop(session, problem);
      done(problem === undefined ? null : new Error(problem), problem === undefined);
    };
    aedes.authorizePublish = (client, packet, done) => {
      const session = client === null ? undefined : this.sessionOf(client);
      const problem = deviceProblem(this.deviceOf(session), (device) => publishProblem(device, packet));
      if (problem !== undefined) this.drop(session, problem);
      done(problem === undefined ? null : new Error(problem));
    };
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const session = this.sessionOf(client);
      const problem = deviceProblem(this.deviceOf(session), (device) =>
        subscribeProblem(device, subscription.topic, subscription.qos),
      );
      if (problem !== undefined) this.drop(session, problem);
      done(problem === undefined ? null : new Error(problem), subscription);
    };
    aedes.on("clientReady", (client) => {
      const session = this.sessionOf(client);
      if (session === undefined) return;
      session.connectedAt = Date.now();
      this.options.log?.(`MQTT ${session.deviceId} connected`);
    });
    aedes.on("publish", ({ topic, payload }, client) => {
      const session = client === null ? undefined : this.sessionOf(client);
      const device = this.deviceOf(session);
      if (session === undefined || device === undefined) return;
      session.messages += 1;
      this.shadows.receive(device, topic, Buffer.from(payload));
    });
  }

  private sessionOf(client: Client): Session | undefined {
    return this.bySocket.get(client.conn);
  }

  /** The device of an active session. */
  private deviceOf(session: Session | undefined): Device | undefined {
    if (session === undefined || session.ending) return undefined;
    return this.options.store.registry.latest(session.deviceId);
  }

  private drop(session: Session | undefined, reason: string): void {
    if (session?.ending !== true) this.refuse(session?.certificate.commonName, reason);
  }

  /** Ends a session if its certificate or its topics do not belong to the device any more. */
  private reconsider(session: Session): void {
    if (session.ending) return;
    const admission = admissionOf(this.options.store, session.certificate);
    if (admission.kind === "admitted") {
      const { tenantId } = admission.device;
      if (session.tenantId === undefined || session.tenantId === tenantId) {
        session.tenantId = tenantId;
        return;
      }
      this.refuse(session.certificate.commonName, "the device left its team");
    } else {
      this.refuse(
        session.certificate.commonName,
        admission.kind === "refused" ? admission.reason : "the device has to be registered again",
      );
    }
    end(session);
  }

  /** Notifies a device that it was deleted, and ends its session. */
  private async sayGoodbye(session: Session, { id, tenantId }: Device): Promise<void> {
    session.ending = true;
    this.refuse(session.certificate.commonName, "the device was deleted");
    if (tenantId !== undefined) {
      const message = { appId: "DEVICE", messageType: "DISCON" };
      await Promise.all(cloudToDeviceTopics(tenantId, id).map((topic) => this.publish(topic, message, 0)));
    }
    end(session);
  }

  /** Resolves when the message was handed to the connections of those who subscribed. */
  private publish(topic: string, message: object, qos: 0 | 1): Promise<void> {
    return new Promise((resolve) => {
      const payload = JSON.stringify(message);
      this.aedes.publish({ cmd: "publish", topic, payload, qos, retain: false, dup: false }, () => {
        resolve();
      });
    });
  }
}

function connectionOf({ deviceId, tenantId, connectedAt, messages, ending }: Session): Connection[] {
  if (connectedAt === undefined || ending) return [];
  return [{ deviceId, tenantId, connectedAt: new Date(connectedAt).toISOString(), messages }];
}

function end(session: Session): void {
  session.ending = true;
  session.socket.destroySoon();
}

/** The protocol level of MQTT 3.1.1. */
const servedVersion = 4;

const versionName = (level: number | undefined) => (level === 3 ? "3.1" : `${level ?? "?"}`);

/** A CONNACK with return code 1: MQTT 3.1.1 demands it before the connection is closed. */
const unacceptableVersion = Buffer.from([0x20, 2, 0, 1]);

function deviceProblem(
  device: Device | undefined,
  problem: (device: Device) => string | undefined,
): string | undefined {
  return device === undefined ? "its device is gone" : problem(device);
}

function willProblem(device: Device | undefined, will: Message | undefined): string | undefined {
  if (will === undefined) return undefined;
  const problem = deviceProblem(device, (present) => publishProblem(present, will));
  return problem === undefined ? undefined : `its will: ${problem}`;
}

function identityProblem(
  { deviceId, certificate }: Session,
  clientId: string | undefined,
): string | undefined {
  if (certificate.commonName !== deviceId) {
    return `the certificate's common name is not the device id ${JSON.stringify(deviceId)}`;
  }
  return clientId === deviceId
    ? undefined
    : `the client id ${JSON.stringify(clientId)} is not that of the certificate`;
}

function presentedBy(socket: TLSSocket): Certificate | undefined {
  const presented = socket.getPeerX509Certificate();
  if (!(presented instanceof X509Certificate)) return undefined;
  try {
    return certificateOf(presented);
  } catch {
    return undefined;
  }
}
