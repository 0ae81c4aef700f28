import { randomUUID } from "node:crypto";
import { connect, type MqttClient } from "mqtt";
import { applyConfig } from "./config.js";
import { parseShadow, removesDesired, type DeviceShadow, type Pairing } from "./shadow.js";

/** A device's identity, and the broker it belongs to. All certificates and keys are PEM. */
export interface SimulatedDeviceOptions {
  readonly host: string;
  readonly port: number;
  /** The root with which the device verifies the broker. */
  readonly ca: string;
  /** The device id. */
  readonly clientId: string;
  /** May be followed by its issuer's certificate. */
  readonly cert: string;
  readonly key: string;
  /** Time between two attempts to connect. Default 1000 ms. */
  readonly retryAfterMs?: number;
  /** The time limit for connecting, at the start and after a lost connection. Default 60 000 ms. */
  readonly giveUpAfterMs?: number;
  readonly onState?: (state: DeviceState, clientId: string) => void;
  /** Whether it applies its desired configuration, and reports it. Default true. */
  readonly appliesConfig?: boolean;
  /** Called with the messages from the cloud, without those of the shadow. */
  readonly onMessage?: (topic: string, message: string) => void;
}

export type DeviceState =
  | { readonly kind: "connecting" }
  /** Connected, though nobody has claimed it yet. */
  | { readonly kind: "not associated" }
  /** Connected as a device of a team. */
  | { readonly kind: "paired"; readonly pairing: Pairing }
  | { readonly kind: "disconnected" }
  | { readonly kind: "gave up"; readonly reason: string }
  | { readonly kind: "closed" };

/** A state to wait for. */
export type Goal = "connected" | "paired";

/** A device that behaves like nRF Cloud's device library: it retries until it is connected, and follows its shadow. */
export interface SimulatedDevice {
  readonly clientId: string;
  readonly state: DeviceState;
  /** Resolves once the device is there; rejects if it gives up or is closed before. */
  reached(goal: Goal): Promise<void>;
  /** Reads the shadow from the cloud. Rejects if the connection is lost meanwhile. */
  shadow(): Promise<DeviceShadow>;
  /** Reports a part of its state. Resolves when the broker has it. */
  report(reported: Record<string, unknown>): Promise<void>;
  /** Sends a message to its team, as JSON. Rejects if it has none: the broker would drop the connection. */
  publish(message: unknown): Promise<void>;
  /** Disconnects permanently. */
  close(): Promise<void>;
}

/** Starts a device. It connects at once, and retries until it is connected or its time is over. */
export function simulateDevice(options: SimulatedDeviceOptions): SimulatedDevice {
  return new MqttDevice(options);
}

interface PendingRead {
  readonly resolve: (shadow: DeviceShadow) => void;
  readonly reject: (error: Error) => void;
}

interface Waiting {
  readonly goal: Goal;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class MqttDevice implements SimulatedDevice {
  readonly clientId: string;
  state: DeviceState = { kind: "connecting" };
  private readonly client: MqttClient;
  private readonly shadowTopic: string;
  private readonly reads = new Map<string, PendingRead>();
  private waiting: Waiting[] = [];
  private patience: NodeJS.Timeout | undefined;
  /** The applied configuration. */
  private applied: Record<string, unknown> = {};
  private lastProblem = "the broker closes the connection without telling why";

  constructor(private readonly options: SimulatedDeviceOptions) {
    const { host, port, ca, cert, key, clientId, retryAfterMs = 1000 } = options;
    this.clientId = clientId;
    this.shadowTopic = `$aws/things/${clientId}/shadow/`;
    this.client = connect({
      protocol: "mqtts",
      protocolVersion: 4,
      ...{ host, port, ca, cert, key, clientId },
      keepalive: 30,
      clean: true,
      reconnectPeriod: retryAfterMs,
      resubscribe: false,
    });
    this.startPatience();
    this.client.on("connect", () => {
      this.arrive().catch(this.noteProblem);
    });
    this.client.on("message", (topic, payload) => {
      this.receive(topic, payload.toString("utf8")).catch(this.noteProblem);
    });
    this.client.on("error", this.noteProblem);
    this.client.on("close", () => {
      this.lost();
    });
  }

  reached(goal: Goal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ goal, resolve, reject });
      this.settle();
    });
  }

  shadow(): Promise<DeviceShadow> {
    const clientToken = randomUUID();
    return new Promise((resolve, reject) => {
      this.reads.set(clientToken, { resolve, reject });
      this.client
        .publishAsync(`${this.shadowTopic}get`, JSON.stringify({ clientToken }), { qos: 1 })
        .catch(reject);
    });
  }

  async report(reported: Record<string, unknown>): Promise<void> {
    await this.client.publishAsync(`${this.shadowTopic}update`, JSON.stringify({ state: { reported } }), {
      qos: 1,
    });
  }

  async publish(message: unknown): Promise<void> {
    if (this.state.kind !== "paired") {
      throw new Error(`${this.clientId} has no team to send messages to: it is ${this.state.kind}`);
    }
    await this.client.publishAsync(this.state.pairing.d2c, JSON.stringify(message), { qos: 1 });
  }

  async close(): Promise<void> {
    if (this.state.kind !== "gave up") this.enter({ kind: "closed" });
    await this.client.endAsync(true);
  }

  private readonly noteProblem = (error: unknown): void => {
    this.lastProblem = error instanceof Error ? error.message : String(error);
  };

  /** Subscribes to the shadow and reads it: only the answer proves that the broker admitted the device. */
  private async arrive(): Promise<void> {
    const topics = ["get/accepted", "update/delta", "update/accepted"].map(
      (name) => `${this.shadowTopic}${name}`,
    );
    await this.client.subscribeAsync(topics, { qos: 1 });
    await this.follow(await this.shadow());
  }

  private async receive(topic: string, text: string): Promise<void> {
    if (topic === `${this.shadowTopic}get/accepted`) {
      const shadow = parseShadow(text);
      this.reads.get(shadow.clientToken ?? "")?.resolve(shadow);
      this.reads.delete(shadow.clientToken ?? "");
    } else if (topic === `${this.shadowTopic}update/delta`) {
      await this.follow(await this.shadow());
    } else if (topic === `${this.shadowTopic}update/accepted`) {
      // A delta contains desired keys, but not those that are not desired any more.
      if (removesDesired(text)) await this.follow(await this.shadow());
    } else {
      this.options.onMessage?.(topic, text);
    }
  }

  /** Follows the shadow: waits for an owner, or subscribes to the topics of its team. */
  private async follow(shadow: DeviceShadow): Promise<void> {
    const { pairing } = shadow;
    clearTimeout(this.patience);
    if (pairing === undefined) {
      this.enter({ kind: "not associated" });
    } else if (this.state.kind !== "paired") {
      await this.client.subscribeAsync(pairing.c2d, { qos: 1 });
      this.enter({ kind: "paired", pairing });
    }
    if (this.options.appliesConfig === false) return;
    const { applied, report } = applyConfig(shadow, this.applied);
    this.applied = applied;
    if (report !== undefined) await this.report(report);
  }

  private lost(): void {
    for (const { reject } of this.reads.values()) reject(new Error(`${this.clientId} was disconnected`));
    this.reads.clear();
    if (this.state.kind === "not associated" || this.state.kind === "paired") {
      this.startPatience();
      this.enter({ kind: "disconnected" });
    }
  }

  private startPatience(): void {
    clearTimeout(this.patience);
    const { giveUpAfterMs = 60_000 } = this.options;
    this.patience = setTimeout(() => {
      this.enter({
        kind: "gave up",
        reason: `not let in within ${giveUpAfterMs / 1000} s: ${this.lastProblem}`,
      });
      this.client.end(true);
    }, giveUpAfterMs);
  }

  private enter(state: DeviceState): void {
    // What was under way when the device was closed must not bring it back.
    if (this.state.kind === "closed" || this.state.kind === "gave up") return;
    const isNew = state.kind !== this.state.kind;
    this.state = state;
    if (state.kind === "closed") clearTimeout(this.patience);
    if (isNew) this.options.onState?.(state, this.clientId);
    this.settle();
  }

  /** Notifies those who wait for a state that is reached, or that can't be reached any more. */
  private settle(): void {
    const { state } = this;
    this.waiting = this.waiting.filter(({ goal, resolve, reject }) => {
      if (state.kind === "paired" || (state.kind === "not associated" && goal === "connected")) resolve();
      else if (state.kind === "gave up") reject(new Error(`${this.clientId}: ${state.reason}`));
      else if (state.kind === "closed") reject(new Error(`${this.clientId}: closed`));
      else return true;
      return false;
    });
  }
}
