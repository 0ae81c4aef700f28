import { createDeviceCertificate } from "../cloud/jitp.js";
import type { JitpCredentials } from "../cloud/answers.js";
import { mayHaveTakenEffect } from "../cloud/errors.js";
import { surely, type Outcome } from "../cloud/surely.js";
import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { Journal } from "../engine/journal.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { describeCertificate } from "../pki/certificate.js";
import { firstCertificate } from "../pki/pem.js";
import { checkDeviceId } from "../fleet/rules.js";
import { declaredIn } from "./declared.js";
import { didNothing, UncertainError } from "./didNothing.js";
import { ownershipCodeRule } from "./ownershipCode.js";
import { orPartly } from "./partly.js";
import { explained } from "./rules.js";
import { session, sessionIfConfigured, type Session } from "./session.js";

const ANSWER_LOST =
  "an earlier run asked nRF Cloud for a certificate, and this stack's state does not have it. If that run was interrupted and " +
  "never saved the answer, its key is lost and the certificate harmless; if the resource was destroyed since, that certificate " +
  "stays valid. Another one is issued.";

const ASKED_AGAIN =
  "the answer with its certificate and key was lost on the way, so another certificate is issued. Nobody has the key of the lost " +
  "one, and nothing needs to be cleaned up.";

/**
 * The life of a certificate that nRF Cloud issues for a just-in-time device. It is issued once, with its key, and then
 * lives in state only: the API can neither read nor delete it. The resource is registered to be retained, so `delete`
 * is not called; its previews say `delete[retain]`.
 */
export const jitpCertificate: Lifecycle = {
  declared: ["deviceId", "ownershipCode", "stack"],

  async check(olds, news) {
    const fields = new Fields(news);
    const { deviceId } = readInputs(fields);
    if (fields.failures.length > 0) return { ok: false, failures: fields.failures };
    const open = await sessionIfConfigured();
    if (
      deviceId !== undefined &&
      Object.keys(olds).length === 0 &&
      open?.journalOf("jitp", news).unfinished(deviceId)
    ) {
      notice({ subject: deviceId, text: ANSWER_LOST });
    }
    return { ok: true, inputs: news };
  },

  async diff(id, olds, news) {
    (await sessionIfConfigured())?.journalOf("jitp", news).settle(id);
    const { deviceId, ownershipCode } = readInputs(new Fields(news));
    const before = readInputs(new Fields(declaredIn(olds)));
    const because = [
      ...(deviceId === before.deviceId ? [] : ["deviceId"]),
      ...(ownershipCode === before.ownershipCode ? [] : ["ownershipCode"]),
    ];
    if (because.length === 0) return { kind: "same" };
    notice({
      subject: id,
      text:
        `a new certificate will be issued because of ${because.join(" and ")}: nRF Cloud refuses that while the device is on the ` +
        "platform, and the device needs the new certificate and key.",
    });
    return { kind: "replace", because, deleteFirst: false };
  },

  async create(news) {
    const { deviceId, ownershipCode } = knownInputs(news);
    const open = await session();
    if ((await open.lookUp(deviceId)) !== undefined) {
      throw new ExpectedError(
        `Device ${deviceId} is in the account already, so nRF Cloud issues no certificate for it. It needs none if it has ` +
          "connected before: leave the JitpCertificate out. To start anew, delete the device first.",
      );
    }
    const journal = open.journalOf("jitp", news);
    if (journal.unfinished(deviceId)) notice({ subject: deviceId, text: ANSWER_LOST });
    journal.intend([{ key: deviceId, mark: "CreateDeviceCertificate" }]);
    const { caCert, clientCert, privateKey } = await issued(open, journal, { deviceId, ownershipCode });
    const state = { declared: news, certificateBundle: clientCert, serverCa: caCert, privateKey };
    // Whatever is wrong with the certificate, the key is in this answer only.
    return orPartly(deviceId, state, () =>
      Promise.resolve({ id: deviceId, state: { ...state, ...described(clientCert) } }),
    );
  },

  async read(id, state) {
    (await sessionIfConfigured())?.journalOf("jitp", declaredIn(state)).settle(id);
    return { kind: "present", state };
  },

  /** Only called where an earlier run could not make sense of the certificate. */
  update(id, olds) {
    return orPartly(id, olds, () =>
      Promise.resolve({ state: { ...olds, ...described(String(olds.certificateBundle)) } }),
    );
  },

  /** Forgets certificate and key. Both stay valid: nRF Cloud offers no way to take the certificate back. */
  delete() {
    return Promise.resolve();
  },
};

/** Has the certificate issued. One whose answer was lost is of no use to anybody, and another can be had. */
async function issued(
  { transport, deadlines }: Session,
  journal: Journal,
  { deviceId, ownershipCode }: { readonly deviceId: string; readonly ownershipCode: string },
): Promise<JitpCredentials> {
  let credentials: JitpCredentials | undefined;
  let tries = 0;
  try {
    const send = async (): Promise<readonly Outcome[]> => {
      if (tries++ > 0) notice({ subject: deviceId, text: ASKED_AGAIN });
      credentials = await createDeviceCertificate(transport, deviceId, ownershipCode);
      return [{ kind: "done" }];
    };
    const [outcome] = await surely([deviceId], { send }, deadlines);
    if (outcome?.kind === "failed")
      throw mayHaveTakenEffect(outcome.error) ? answerLost(deviceId, outcome.error) : outcome.error;
  } catch (error) {
    if (didNothing(error)) journal.withdraw(deviceId);
    throw error;
  }
  if (credentials === undefined) throw new Error("a certificate was issued without an answer");
  return credentials;
}

function described(bundle: string) {
  const certificate = firstCertificate(bundle);
  const { notAfter, fingerprint } = describeCertificate(certificate);
  return { certificate, fingerprint, validUntil: notAfter };
}

function answerLost(deviceId: string, error: Error): Error {
  return new UncertainError(
    `The answer to the request for a certificate of device ${deviceId} was lost: ${error.message}\n` +
      "nRF Cloud may have issued one, but its key was in that answer only, so nobody has it and nobody can use it. " +
      "Run again: another certificate is issued then. Nothing needs to be cleaned up.",
  );
}

function readInputs(fields: Fields) {
  return {
    deviceId: fields.requiredText("deviceId", explained(checkDeviceId)),
    ownershipCode: fields.requiredText("ownershipCode", ownershipCodeRule),
  };
}

function knownInputs(news: LooseObject): { deviceId: string; ownershipCode: string } {
  const { deviceId, ownershipCode } = readInputs(new Fields(news));
  if (deviceId === undefined || ownershipCode === undefined) {
    throw new ExpectedError("The id of the device and its ownership code must be known.");
  }
  return { deviceId, ownershipCode };
}
