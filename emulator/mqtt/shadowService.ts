import type { ThingStore } from "../cloud.js";
import { parseState } from "../devices/bodies.js";
import { deltaOf, shadowOf, type StateChange } from "../devices/shadow.js";
import { updateShadow } from "../devices/thing.js";
import { ApiError } from "../errors.js";
import { isRecord } from "../http/json.js";
import type { Device } from "../store/device.js";
import type { ShadowUpdate } from "../store/events.js";
import { nrfShadowRoot, shadowRoot } from "./policy.js";

/** The highest length of nRF Cloud's variants of shadow messages, which must fit into a modem. */
const modemBytes = 1792;

/** The highest length of one update of a shadow, as in AWS IoT. */
const updateBytes = 8 * 1024;

export type Publish = (topic: string, message: object) => void;

/** Answers devices that read and update their shadows, and notifies them of updates. */
export class ShadowService {
  constructor(
    private readonly store: ThingStore,
    private readonly publish: Publish,
  ) {}

  /** Handles a message of a device, if it is for the shadow. */
  receive(device: Device, topic: string, payload: Buffer): void {
    if (topic === `${shadowRoot(device.id)}get`) this.get(device, payload);
    if (topic === `${shadowRoot(device.id)}update`) this.update(device, payload);
  }

  /** Notifies a device of any change of its shadow. */
  announce({ device, change, clientToken }: ShadowUpdate): void {
    const root = shadowRoot(device.id);
    const { desired, reported, metadata, version } = shadowOf(device);
    const common = { version, timestamp: timestamp(), ...(clientToken === undefined ? {} : { clientToken }) };
    this.publish(`${root}update/accepted`, {
      state: change,
      metadata: sectionsOf(metadata, change),
      ...common,
    });
    const delta = deltaOf(desired, reported);
    if (Object.keys(delta).length === 0) return;
    const full = { state: delta, metadata: metadata.desired, ...common };
    this.publish(`${root}update/delta`, full);
    this.publishToModem(`${nrfShadowRoot(device.id)}update/delta/full`, full);
    this.publishToModem(`${nrfShadowRoot(device.id)}update/delta/trim`, { state: delta, ...common });
  }

  private get(device: Device, payload: Buffer): void {
    const { desired, reported, metadata, version } = shadowOf(device);
    const delta = deltaOf(desired, reported);
    const document = {
      state: { desired, reported, ...(Object.keys(delta).length === 0 ? {} : { delta }) },
      metadata,
      version,
      timestamp: timestamp(),
      ...clientTokenOf(parsed(payload)),
    };
    this.publish(`${shadowRoot(device.id)}get/accepted`, document);
    this.publishToModem(`${nrfShadowRoot(device.id)}get/accepted`, document);
    this.publishToModem(`${nrfShadowRoot(device.id)}get/accepted/tf`, { desired, reported });
  }

  private update(device: Device, payload: Buffer): void {
    const document = parsed(payload);
    const token = clientTokenOf(document);
    const reject = (code: number, message: string) => {
      this.publish(`${shadowRoot(device.id)}update/rejected`, {
        code,
        message,
        timestamp: timestamp(),
        ...token,
      });
    };
    if (payload.byteLength > updateBytes) {
      reject(413, `The update has ${payload.byteLength} bytes, more than ${updateBytes}`);
      return;
    }
    if (document === undefined || !isRecord(document.state)) {
      reject(400, "The payload must be a JSON object with a state");
      return;
    }
    const { version } = shadowOf(device);
    if (document.version !== undefined && document.version !== version) {
      reject(409, `Version conflict: the shadow is at version ${version}`);
      return;
    }
    let change: StateChange;
    try {
      change = parseState(document.state);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      reject(400, error.message);
      return;
    }
    updateShadow(this.store, device, change, token.clientToken);
  }

  private publishToModem(topic: string, message: object): void {
    const bytes = Buffer.byteLength(JSON.stringify(message));
    if (bytes <= modemBytes) this.publish(topic, message);
    else {
      this.publish(`${topic}/err`, { message: `The message has ${bytes} bytes, more than ${modemBytes}.` });
    }
  }
}

/** Epoch seconds. */
const timestamp = () => Math.floor(Date.now() / 1000);

function parsed(payload: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString("utf8"));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const clientTokenOf = (document: Record<string, unknown> | undefined): { clientToken?: string } =>
  typeof document?.clientToken === "string" ? { clientToken: document.clientToken } : {};

/** The metadata of the sections that a change is about. */
const sectionsOf = (metadata: Record<string, unknown>, change: StateChange) =>
  Object.fromEntries(Object.entries(metadata).filter(([section]) => Object.hasOwn(change, section)));
