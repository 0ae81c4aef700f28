import { topicPrefix } from "../devices/shadow.js";
import type { Device } from "../store/device.js";

/** The topic prefix of a device's shadow in AWS IoT. */
export const shadowRoot = (deviceId: string) => `$aws/things/${deviceId}/shadow/`;

/** The topic prefix of nRF Cloud's shorter forms of the shadow, for modems. */
export const nrfShadowRoot = (deviceId: string) => `${deviceId}/shadow/`;

/** The highest number of bytes in a message, as in AWS IoT. */
export const maximalMessageBytes = 128 * 1024;

/** A message that a device publishes, or its will. */
export interface Message {
  readonly topic: string;
  readonly qos?: 0 | 1 | 2;
  readonly payload: string | Buffer;
}

/** Why a device may not publish a message, or set it as its will; `undefined` if it may. */
export function publishProblem(device: Device, { topic, qos, payload }: Message): string | undefined {
  if (!mayPublish(device, topic)) return `it must not publish to ${topic}`;
  if (qos === 2) return "it must not publish with QoS 2";
  const bytes = Buffer.byteLength(payload);
  return bytes > maximalMessageBytes
    ? `its message has ${bytes} bytes, more than ${maximalMessageBytes}`
    : undefined;
}

/** Why a device may not subscribe to a filter; `undefined` if it may. */
export function subscribeProblem(device: Device, topic: string, qos: 0 | 1 | 2): string | undefined {
  if (!maySubscribe(device, topic)) return `it must not subscribe to ${topic}`;
  return qos === 2 ? "it must not subscribe with QoS 2" : undefined;
}

/** A device without an owner may use its shadow only. */
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
