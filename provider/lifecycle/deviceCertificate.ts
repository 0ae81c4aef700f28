import { ExpectedError } from "../engine/errors.js";
import type { Fields } from "../engine/fields.js";
import type { LooseObject } from "../engine/outputs.js";
import type { Codec, Resource } from "../engine/resource.js";
import { isUnknown, type Unknowable } from "../engine/unknown.js";
import { FIRST_GENERATION } from "../fleet/rotation.js";
import { checkDeviceId } from "../fleet/rules.js";
import { describeCertificate } from "../pki/certificate.js";
import { parseCsr } from "../pki/csr.js";
import { DEFAULT_PROFILE } from "../pki/profile.js";
import { csrFingerprint } from "../pki/rowFingerprint.js";
import { outsideOf } from "../pki/validity.js";
import { csrNameFinding } from "../ways/preconnect/csrName.js";
import { encodeSigningCa } from "../signers/description.js";
import { daysBetween, endsSoon } from "./expiry.js";
import { isDue, issue, readIssueOrder, type Issued, type IssueOrder } from "./issue.js";
import { PROFILE_IS_FOR_NEW } from "./profile.js";
import { explained } from "./rules.js";
import { serviceTime } from "./session/serviceTime.js";
import type { Session } from "./session/session.js";

interface Inputs {
  readonly deviceId: Unknowable<string>;
  /** `undefined`: a failure names what is missing. */
  readonly order: IssueOrder | undefined;
}

interface State extends Issued {
  readonly declared: Inputs;
}

/**
 * A device certificate without a device. A CA of the program signs it, the state keeps it, and nRF Cloud does not know it until a device is
 * onboarded with it. Its id is the device id.
 */
export const deviceCertificate: Resource<Inputs, State, Session> = {
  inputs: { decode: decodeInputs, encode: encodeInputs },
  state: stateCodec(),

  check({ clock, notices, signers }, { deviceId, order }, olds) {
    if (order === undefined || isUnknown(deviceId)) return Promise.resolve([]);
    const problems: string[] = [];
    const { ca, csr } = order;
    if (!isUnknown(csr) && csr !== undefined && csr !== olds?.order?.csr) {
      const finding = csrNameFinding(deviceId, parseCsr(csr).subject.commonName, () => false);
      if (finding?.kind === "refuse") problems.push(finding.text);
      else if (finding !== undefined) notices.add({ subject: deviceId, text: finding.text });
    }
    if (olds === undefined && !isUnknown(ca)) {
      const outside = outsideOf(describeCertificate(ca.certificatePem), clock.now());
      if (outside !== undefined)
        problems.push(`ca: the CA ${outside}, so it can't sign certificates now; give a valid CA`);
      const cannot = ca.key.kind === "outside" ? signers.problem(ca.key.signer) : undefined;
      if (cannot !== undefined) problems.push(`ca: ${cannot}`);
    }
    return Promise.resolve(problems);
  },

  diff({ clock, notices }, id, state, news) {
    const now = clock.now();
    const { order: before } = state.declared;
    const { order } = news;
    if (order === undefined || before === undefined) return Promise.resolve({ kind: "update" });
    const because = [
      ...(news.deviceId === id ? [] : ["deviceId"]),
      ...(isUnknown(order.ca) || isUnknown(before.ca) || order.ca.certificatePem !== before.ca.certificatePem
        ? ["caCertificate"]
        : []),
      ...(sameCsr(order.csr, before.csr) ? [] : ["csr"]),
      ...(order.generation === before.generation ? [] : ["generation"]),
    ];
    if (because.length > 0) {
      notices.add({
        subject: id,
        text: `its certificate will be replaced because of ${because.join(", ")}. The device can't connect before it has the new one.`,
      });
      return Promise.resolve({ kind: "replace", because, deleteFirst: false });
    }
    const longer = order.validityDays !== before.validityDays;
    const renew = isDue(order, state.validUntil, now);
    if (renew || longer) {
      notices.add({
        subject: id,
        text: "will get a new certificate for the same key. Give it to the device before the present one expires.",
      });
      return Promise.resolve({ kind: longer ? "update" : "renew" });
    }
    if (order.profile !== before.profile) notices.add({ subject: id, text: PROFILE_IS_FOR_NEW });
    if (
      endsSoon({ validUntil: state.validUntil, days: daysBetween(state.validFrom, state.validUntil) }, now)
    ) {
      notices.add({
        subject: id,
        text: "its certificate expires soon. Give the device a new one before that.",
      });
    }
    const changed = order.earlyRenewalHours !== before.earlyRenewalHours || order.profile !== before.profile;
    return Promise.resolve({ kind: changed ? "update" : "same" });
  },

  async create(session, news) {
    const { deviceId, ...order } = known(news);
    const { clock, signers } = session;
    const certify = signers.certifier(order.ca);
    const issued = await issue(order, deviceId, certify, clock.now(), await serviceTime(session));
    return { id: deviceId, state: { declared: news, ...issued }, failures: [] };
  },

  read(_session, _id, state) {
    return Promise.resolve({ kind: "present", state });
  },

  async update(session, id, state, news) {
    const { deviceId, ...order } = known(news);
    const now = session.clock.now();
    const stays =
      order.validityDays === state.declared.order?.validityDays && !isDue(order, state.validUntil, now);
    const issued = stays
      ? state
      : await issue(
          order,
          deviceId,
          session.signers.certifier(order.ca),
          now,
          await serviceTime(session),
          state.privateKey,
        );
    return { id, state: { ...issued, declared: news }, failures: [] };
  },

  /** The certificate is valid until it expires. */
  delete() {
    return Promise.resolve();
  },
};

/** A new CSR with the same key and subject needs the same certificate. */
function sameCsr(one: IssueOrder["csr"], other: IssueOrder["csr"]): boolean {
  if (one === other) return true;
  if (isUnknown(one) || isUnknown(other) || one === undefined || other === undefined) return false;
  return csrFingerprint(one) === csrFingerprint(other);
}

function decodeInputs(fields: Fields): Inputs {
  return {
    deviceId: fields.unknowable(
      "deviceId",
      () => fields.requiredText("deviceId", explained(checkDeviceId)) ?? "",
    ),
    order: readIssueOrder(fields),
  };
}

function encodeInputs({ deviceId, order }: Inputs): LooseObject {
  const ca = order === undefined || isUnknown(order.ca) ? undefined : order.ca;
  return {
    deviceId: isUnknown(deviceId) ? undefined : deviceId,
    ...encodeSigningCa(ca),
    csr: order === undefined || isUnknown(order.csr) ? undefined : order.csr,
    validityDays: order?.validityDays,
    earlyRenewalHours: order?.earlyRenewalHours,
    profile: order?.profile === DEFAULT_PROFILE ? undefined : order?.profile,
    generation: order?.generation === FIRST_GENERATION.generation ? undefined : order?.generation,
  };
}

function stateCodec(): Codec<State> {
  return {
    decode(fields) {
      const certificate = fields.text("certificate");
      const fingerprint = fields.text("fingerprint");
      const validUntil = fields.text("validUntil");
      if (certificate === undefined || fingerprint === undefined || validUntil === undefined)
        throw new ExpectedError(
          "This provider did not write the state of this device certificate. Restore an earlier state (`pulumi stack export --version`).",
        );
      return {
        declared: decodeInputs(fields),
        certificate,
        fingerprint,
        validUntil,
        privateKey: fields.text("privateKey"),
        validFrom: fields.text("validFrom") ?? "",
        serial: fields.text("serial") ?? "",
      };
    },
    encode: ({ declared, ...issued }) => ({ ...encodeInputs(declared), ...issued }),
  };
}

function known({ deviceId, order }: Inputs) {
  if (isUnknown(deviceId) || order === undefined || isUnknown(order.ca) || isUnknown(order.csr))
    throw new ExpectedError("The id of the device, its CA and its CSR must be known.");
  return { ...order, deviceId, ca: order.ca, csr: order.csr };
}
