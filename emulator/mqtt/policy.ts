import { topicPrefix } from "../devices/shadow.js";
import type { Device } from "../store/device.js";

/** Where AWS IoT has a device's shadow. */
export const shadowRoot = (deviceId: string) => `$aws/things/${deviceId}/shadow/`;

/** Where nRF Cloud sends shadows in forms that fit into a modem. */
export const nrfShadowRoot = (deviceId: string) => `${deviceId}/shadow/`;

/** Whether a device may publish to a topic. One that nobody owns may only use its shadow. */
export function mayPublish({ id, tenantId }: Device, topic: string): boolean {
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

/** Whether a device may subscribe to a filter. */
export function maySubscribe({ id, tenantId }: Device, filter: string): boolean {
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
