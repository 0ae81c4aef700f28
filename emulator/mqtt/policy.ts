import { topicPrefix } from "../devices/shadow.js";
import type { Device } from "../store/device.js";

/** Where AWS IoT has a device's shadow. */
export const shadowRoot = (deviceId: string) => `$aws/things/${deviceId}/shadow/`;

/** Where nRF Cloud sends shadows in forms that fit into a modem. */
export const nrfShadowRoot = (deviceId: string) => `${deviceId}/shadow/`;

/** What a message may have at most, as on AWS IoT. */
export const maximalMessageBytes = 128 * 1024;

/** What a device publishes, or leaves as its will. */
export interface Message {
  readonly topic: string;
  readonly qos?: 0 | 1 | 2;
  readonly payload: string | Buffer;
}

/** Why a device must not publish a message, or leave it as its will; undefined: it may. */
export function publishProblem(device: Device, { topic, qos, payload }: Message): string | undefined {
  if (!mayPublish(device, topic)) return `it must not publish to ${topic}`;
  if (qos === 2) return "it must not publish with QoS 2";
  const bytes = Buffer.byteLength(payload);
  return bytes > maximalMessageBytes
    ? `its message has ${bytes} bytes, more than ${maximalMessageBytes}`
    : undefined;
}

/** Why a device must not subscribe to a filter; undefined: it may. */
export function subscribeProblem(device: Device, topic: string, qos: 0 | 1 | 2): string | undefined {
  if (!maySubscribe(device, topic)) return `it must not subscribe to ${topic}`;
  return qos === 2 ? "it must not subscribe with QoS 2" : undefined;
}

/** One that nobody owns may only use its shadow. */
function mayPublish({ id, tenantId }: Device, topic: string): boolean {
  if (["get", "update"].some((name) => topic === `${shadowRoot(id)}${name}`)) return true;
  if (tenantId === undefined) return false;
  const prefix = topicPrefix(tenantId);
  return [
    `${prefix}m/d/${id}/d2c`,
    `${prefix}m/d/${id}/d2c/bulk`,
    `${prefix}m/d/${id}/d2c/bin`,
    `${prefix}${id}/jobs/req`,
    `${prefix}${id}/jobs/update`,
  ].includes(topic);
}

function maySubscribe({ id, tenantId }: Device, filter: string): boolean {
  if (filter.startsWith(shadowRoot(id)) || filter.startsWith(nrfShadowRoot(id))) return true;
  if (tenantId === undefined) return false;
  const prefix = topicPrefix(tenantId);
  if ([`${prefix}m/d/${id}/c2d`, `${prefix}${id}/jobs/rcv`].includes(filter)) return true;
  const own = `${prefix}m/d/${id}/`;
  return filter.startsWith(own) && /^[^/#]+\/r$/.test(filter.slice(own.length));
}

/** The topics that reach a device, whether it subscribed to the older or to the newer form. */
export const cloudToDeviceTopics = (tenantId: string, deviceId: string) =>
  ["c2d/r", "c2d"].map((name) => `${topicPrefix(tenantId)}m/d/${deviceId}/${name}`);
