import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { checkDeviceId } from "../fleet/rules.js";
import { declaredIn } from "./declared.js";
import { warnOfDeviceExpiry } from "./expiry.js";
import { isDue, issue, readIssueOrder, type IssueOrder, type Issued } from "./issue.js";
import { explained } from "./rules.js";

/**
 * The life of a device certificate that stands on its own: signed here with a CA of the program, kept in state, unknown
 * to nRF Cloud until a Device is onboarded with it. Its id is the device id.
 */
export const deviceCertificate: Lifecycle = {
  declared: ["deviceId", "ca", "csr", "validityDays", "earlyRenewalHours", "rotation"],

  check(_olds, news) {
    const fields = new Fields(news);
    readInputs(fields);
    return Promise.resolve(
      fields.failures.length > 0 ? { ok: false, failures: fields.failures } : { ok: true, inputs: news },
    );
  },

  diff(_id, olds, news) {
    const before = readState(olds);
    const { deviceId, order } = readInputs(new Fields(news));
    const because = [
      ...(deviceId === before.deviceId ? [] : ["deviceId"]),
      ...(order.ca === before.order.ca ? [] : ["ca"]),
      ...(order.csr === before.order.csr ? [] : ["csr"]),
      ...(order.rotation === before.order.rotation ? [] : ["rotation"]),
    ];
    if (because.length > 0) {
      notice({
        subject: before.deviceId,
        text: `its certificate will be replaced because of ${because.join(", ")}: give the device the new one, or it can't connect.`,
      });
      return Promise.resolve({ kind: "replace", because, deleteFirst: false });
    }
    const changed =
      order.validityDays !== before.order.validityDays ||
      order.earlyRenewalHours !== before.order.earlyRenewalHours;
    const renew = isDue(order, before.validUntil);
    if (renew || order.validityDays !== before.order.validityDays) {
      notice({
        subject: before.deviceId,
        text: "its certificate will be issued anew for the same key: give it to the device before the present one ends.",
      });
    }
    if (!renew && !changed) {
      const { validityDays: days } = before.order;
      warnOfDeviceExpiry(before.deviceId, { validUntil: before.validUntil, days });
    }
    return Promise.resolve({ kind: renew ? "renew" : changed ? "update" : "same" });
  },

  create(news) {
    const { deviceId, order } = knownInputs(news);
    return Promise.resolve({ id: deviceId, state: stateOf(news, issue(order, deviceId)) });
  },

  read(_id, state) {
    return Promise.resolve({ kind: "present", state });
  },

  update(_id, olds, news) {
    const before = readState(olds);
    const { deviceId, order } = knownInputs(news);
    if (order.validityDays === before.order.validityDays && !isDue(order, before.validUntil)) {
      return Promise.resolve({ state: { ...olds, declared: news } });
    }
    return Promise.resolve({ state: stateOf(news, issue(order, deviceId, before.privateKey)) });
  },

  /** Forgets certificate and key. What was handed out stays valid until it ends. */
  delete() {
    return Promise.resolve();
  },
};

interface Inputs {
  readonly deviceId: string | undefined;
  readonly order: IssueOrder;
}

function readInputs(fields: Fields): Inputs {
  return {
    deviceId: fields.requiredText("deviceId", explained(checkDeviceId)),
    order: readIssueOrder(fields),
  };
}

function knownInputs(news: LooseObject): { deviceId: string; order: IssueOrder & { ca: string } } {
  const { deviceId, order } = readInputs(new Fields(news));
  if (deviceId === undefined || order.ca === undefined)
    throw new ExpectedError("deviceId and ca must be known.");
  return { deviceId, order: { ...order, ca: order.ca } };
}

function stateOf(news: LooseObject, issued: Issued): LooseObject {
  const { certificate, privateKey, fingerprint, validFrom, validUntil, serial } = issued;
  return { declared: news, certificate, privateKey, fingerprint, validFrom, validUntil, serial };
}

function readState(state: LooseObject): {
  deviceId: string;
  order: IssueOrder;
  validUntil: string;
  privateKey: string | undefined;
} {
  const { validUntil, privateKey } = state;
  const { deviceId, order } = readInputs(new Fields(declaredIn(state)));
  if (deviceId === undefined || typeof validUntil !== "string") {
    throw new ExpectedError("The state of this device certificate is not one that this provider wrote.");
  }
  return {
    deviceId,
    order,
    validUntil,
    privateKey: typeof privateKey === "string" ? privateKey : undefined,
  };
}
