import { constants } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer, type Server } from "node:tls";
import { Aedes } from "aedes";
import type { Authority } from "../pki/authority.js";
import { Listener, type Connection, type ListenerOptions } from "./listener.js";
import { localName, serverNames } from "../serverNames.js";
import type { ConnectionRefusal } from "./sessions.js";

export interface BrokerOptions extends ListenerOptions {
  readonly authority: Authority;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/** The running MQTT broker. */
export interface Broker {
  readonly host: string;
  readonly port: number;
  /** The root certificate that devices must trust, in PEM. */
  readonly caCert: string;
  connections(): Connection[];
  /** The connection of one device; undefined if it has none. */
  connection(deviceId: string): Connection | undefined;
  /** The latest 1000 connections that were refused or closed, with the reason, which the device does not get. */
  refusals(): readonly ConnectionRefusal[];
  forgetRefusals(): void;
  close(): Promise<void>;
}

/** Starts the broker: MQTT 3.1.1 over mutual TLS. Rejects if the port is taken. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { authority, host, port } = options;
  const listener = new Listener(options, await Aedes.createBroker());
  const identity = authority.issueServer(serverNames(host));
  const server = createServer(
    {
      cert: identity.certificate,
      key: identity.privateKey,
      requestCert: true,
      // The registry decides which certificates are valid, and not a CA. The handshake still proves possession of the key.
      rejectUnauthorized: false,
      // A resumed session would not show its certificate again.
      secureOptions: constants.SSL_OP_NO_TICKET,
    },
    (socket) => {
      listener.accept(socket);
    },
  );
  const sockets = openSockets(server);
  server.on("tlsClientError", (error) => {
    listener.refuse(undefined, `no TLS connection: ${error.message}`);
  });
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    await listener.close();
    throw error;
  }
  const address = server.address();
  return {
    host: localName(host),
    port: typeof address === "object" && address !== null ? address.port : port,
    caCert: authority.serverRoot,
    connections: () => listener.connections(),
    connection: (deviceId) => listener.connection(deviceId),
    refusals: () => listener.sessions.refusals(),
    forgetRefusals: () => {
      listener.sessions.forgetRefusals();
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      await listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function openSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  return sockets;
}
