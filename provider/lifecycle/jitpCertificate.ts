import { ExpectedError } from "../engine/errors.js";
import type { Fields } from "../engine/fields.js";
import type { Resource } from "../engine/resource.js";
import { isUnknown, type Unknowable } from "../engine/unknown.js";
import { fetchDevice } from "../cloud/devices.js";
import { checkDeviceId } from "../fleet/rules.js";
import { describeCertificate } from "../pki/certificate.js";
import { firstCertificate } from "../pki/pem.js";
import { codeProblem } from "../ways/jitp/code.js";
import { issueCertificate } from "../ways/jitp/issue.js";
import { explained } from "./rules.js";
import type { Session } from "./session/session.js";

interface Inputs {
  readonly stack: string;
  readonly deviceId: Unknowable<string>;
  /** Secret. */
  readonly ownershipCode: Unknowable<string>;
}

interface State {
  readonly inputs: Inputs;
  /** The certificate and Nordic's intermediate (PEM). */
  readonly certificateBundle: string;
  readonly serverCa: string;
  /** Secret. */
  readonly privateKey: string;
}

/**
 * A certificate that nRF Cloud issues for a just-in-time device. nRF Cloud sends it once, with its key, and the API can neither read nor delete
 * it. The resource is registered with `retainOnDelete`, so `delete` is not called, and previews say `delete[retain]`.
 */
export const jitpCertificate: Resource<Inputs, State, Session> = {
  inputs: {
    decode: decodeInputs,
    encode: ({ stack, deviceId, ownershipCode }) => ({ stack, deviceId, ownershipCode }),
  },
  state: {
    decode: (fields) => ({
      inputs: decodeInputs(fields),
      certificateBundle: fields.text("certificateBundle") ?? "",
      serverCa: fields.text("serverCa") ?? "",
      privateKey: fields.text("privateKey") ?? "",
    }),
    encode: ({ inputs, certificateBundle, serverCa, privateKey }) => ({
      ...inputs,
      certificateBundle,
      serverCa,
      privateKey,
      ...described(certificateBundle),
    }),
  },

  check(_session, { ownershipCode }) {
    const problem = isUnknown(ownershipCode) ? undefined : codeProblem(ownershipCode);
    return Promise.resolve(problem === undefined ? [] : [problem]);
  },

  diff({ notices }, id, { inputs }, news) {
    const because = [
      ...(news.deviceId === inputs.deviceId ? [] : ["deviceId"]),
      ...(news.ownershipCode === inputs.ownershipCode ? [] : ["ownershipCode"]),
    ];
    if (because.length === 0) return Promise.resolve({ kind: "same" });
    notices.add({
      subject: id,
      text:
        `nRF Cloud will issue a new certificate because of ${because.join(" and ")}. It refuses to while the device is on the platform. ` +
        "The device can't connect before it has the new certificate and key.",
    });
    return Promise.resolve({ kind: "replace", because, deleteFirst: false });
  },

  async create(session, news) {
    const { deviceId, ownershipCode } = news;
    if (isUnknown(deviceId) || isUnknown(ownershipCode))
      throw new ExpectedError("The id of the device and its ownership code must be known.");
    const { transport, deadlines } = await session.cloud();
    if ((await fetchDevice(transport, deviceId)) !== undefined) {
      throw new ExpectedError(
        `The account has device ${deviceId} already, so nRF Cloud issues no certificate for it. If the device has connected before, ` +
          "it needs none: remove the JitpCertificate. To start again, delete the device first.",
      );
    }
    const issued = await issueCertificate(transport, deviceId, ownershipCode, deadlines);
    if (issued.kind === "failed") throw new ExpectedError(`Device ${deviceId}: ${issued.reason}`);
    const { clientCert: certificateBundle, caCert: serverCa, privateKey } = issued.credentials;
    return { id: deviceId, state: { inputs: news, certificateBundle, serverCa, privateKey }, failures: [] };
  },

  read: (_session, _id, state) => Promise.resolve({ kind: "present", state }),
  update: (_session, id, state) => Promise.resolve({ id, state, failures: [] }),

  /** The certificate is still valid, because nRF Cloud can't revoke it. */
  delete: () => Promise.resolve(),
};

function decodeInputs(fields: Fields): Inputs {
  return {
    stack: fields.text("stack") ?? "",
    deviceId: fields.unknowable(
      "deviceId",
      () => fields.requiredText("deviceId", explained(checkDeviceId)) ?? "",
    ),
    ownershipCode: fields.unknowable("ownershipCode", () => fields.requiredText("ownershipCode") ?? ""),
  };
}

/** Describes the certificate where it can be read. nRF Cloud sends the key only once, so an unreadable certificate must not lose it. */
function described(bundle: string) {
  try {
    const certificate = firstCertificate(bundle);
    const { notAfter, fingerprint } = describeCertificate(certificate);
    return { certificate, fingerprint, validUntil: notAfter };
  } catch {
    return {};
  }
}
