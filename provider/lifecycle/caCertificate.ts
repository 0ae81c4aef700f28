import { isDeepStrictEqual } from "node:util";
import { ExpectedError } from "../engine/errors.js";
import type { Resource } from "../engine/resource.js";
import { isUnknown, type Unknowable, UNKNOWN } from "../engine/unknown.js";
import {
  type CaDescription,
  type CertificateAuthority,
  createCa,
  DEFAULT_KEY_USAGE,
  DEFAULT_PATH_LENGTH,
  describeCa,
  takeOverCa,
} from "../pki/ca.js";
import { describeCertificate } from "../pki/certificate.js";
import { readChain } from "../pki/chain.js";
import { issueValidity } from "../pki/issueValidity.js";
import { readPkcs12 } from "../pki/pkcs12.js";
import { parseSerialNumber } from "../pki/serialNumber.js";
import { isRenewalDue, outsideOf, renewAfter } from "../pki/validity.js";
import type { CaKey } from "../signers/description.js";
import { titleOf } from "../signers/title.js";
import {
  type CaInputs,
  encodeCaInputs,
  type Existing,
  type Generate,
  type Outside,
  readCaInputs,
} from "./caInputs.js";
import { type CaState, caStateCodec } from "./caState.js";
import { daysBetween, endsSoon } from "./expiry.js";
import { serviceTime } from "./session/serviceTime.js";
import type { Session } from "./session/session.js";

/**
 * A CA. It exists in the state only: nRF Cloud keeps no CA, and does not verify who signed a device certificate. Its id is the SHA-256
 * fingerprint of its certificate.
 */
export const caCertificate: Resource<Unknowable<CaInputs>, CaState, Session> = {
  inputs: {
    decode: (fields) => (fields.anyUnknown() ? UNKNOWN : (readCaInputs(fields) ?? UNKNOWN)),
    encode: (inputs) => (isUnknown(inputs) ? {} : encodeCaInputs(inputs)),
  },
  state: caStateCodec(),

  check({ clock, notices }, news, olds) {
    if (isUnknown(news) || news.kind === "generate") return Promise.resolve([]);
    // The preview must find a wrong password or a key of another certificate.
    const ca = news.kind === "existing" ? takeOver(news) : describeCa(news.certificate);
    chainOf(ca, news);
    // A used CA that expires is only a warning, because devices still connect and other changes must be possible.
    if (isDeepStrictEqual(olds, news)) return Promise.resolve([]);
    if (news.kind === "outside" && olds === undefined)
      notices.add({
        subject: `CA ${subjectName(news.certificate)}`,
        text: `its private key is kept outside of the state. ${titleOf(news.signer)} signs with it.`,
      });
    const outside = outsideOf(ca, clock.now());
    return Promise.resolve(
      outside === undefined
        ? []
        : [`${inputOf(news)}: the CA ${outside}, so it can't sign certificates now. ${REMEDY[news.kind]}`],
    );
  },

  diff(session, id, state, news) {
    if (isUnknown(news)) return Promise.resolve({ kind: "update" });
    warnOfRenewal(session, state, news.earlyRenewalHours);
    const because = whyReplace(id, state, news);
    if (because.length > 0) {
      session.notices.add({
        subject: `CA ${state.commonName ?? id}`,
        text:
          "will be replaced by a CA with a new key. The provider will issue a new certificate for every device of the old CA. " +
          "The devices can't connect before they have it.",
      });
      return Promise.resolve({ kind: "replace", because, deleteFirst: false });
    }
    if (news.kind === "outside" && state.key.kind === "held")
      session.notices.add({ subject: `CA ${state.commonName ?? id}`, text: KEY_LEAVES });
    const { kind, earlyRenewalHours } = state.declared;
    const same =
      news.kind === kind &&
      news.earlyRenewalHours === earlyRenewalHours &&
      chainOf(state, news) === state.chain &&
      (news.kind !== "outside" || isDeepStrictEqual(state.key, keyOutside(news)));
    return Promise.resolve({ kind: same ? "same" : "update" });
  },

  async create(session, news) {
    const inputs = known(news);
    const state = await stateFrom(session, inputs);
    warnOfRenewal(session, state, inputs.earlyRenewalHours);
    return { id: describeCertificate(state.certificate).fingerprint, state, failures: [] };
  },

  read(_session, _id, state) {
    return Promise.resolve({ kind: "present", state });
  },

  /** Changes the renewal window, the chain or the place of the key. The CA is the same. */
  update(_session, id, state, news) {
    const inputs = known(news);
    const { earlyRenewalHours } = inputs;
    return Promise.resolve({
      id,
      state: {
        ...state,
        declared: declaredBy(inputs),
        key: keyNow(state, inputs),
        chain: chainOf(state, inputs),
        renewAfter: renewAfter(state.validUntil, earlyRenewalHours).toISOString(),
      },
      failures: [],
    });
  },

  /** The certificates of the CA are still valid, but it can't sign any more. */
  delete() {
    return Promise.resolve();
  },
};

function generate(inputs: Generate, now: Date, service: Date | undefined): CertificateAuthority {
  return createCa({
    subject: inputs.subject,
    validity: issueValidity(inputs.validityDays, now, service),
    ...(inputs.serialNumber === undefined ? {} : { serialNumber: inputs.serialNumber }),
    ...(inputs.pathLength === undefined ? {} : { pathLength: inputs.pathLength }),
    ...(inputs.keyUsage === undefined ? {} : { keyUsage: inputs.keyUsage }),
  });
}

function takeOver({ from }: Existing): CertificateAuthority {
  const { password } = from;
  if (from.kind === "pem") {
    const { certificate, privateKey } = from;
    return takeOverCa({ certificatePem: certificate, privateKeyPem: privateKey, keyOrigin: { password } });
  }
  return takeOverCa(readPkcs12(from.archive, password));
}

/** The new state of a CA. */
async function stateFrom(session: Session, inputs: CaInputs): Promise<CaState> {
  if (inputs.kind === "outside") return stateOf(describeCa(inputs.certificate), keyOutside(inputs), inputs);
  const ca =
    inputs.kind === "generate"
      ? generate(inputs, session.clock.now(), await serviceTime(session))
      : takeOver(inputs);
  return stateOf(ca, { kind: "held", privateKeyPem: ca.privateKeyPem }, inputs);
}

/** The declared place of the key of the same CA. */
function keyNow({ key }: CaState, inputs: CaInputs): CaKey {
  switch (inputs.kind) {
    case "generate":
      return key;
    case "existing":
      return { kind: "held", privateKeyPem: takeOver(inputs).privateKeyPem };
    case "outside":
      return keyOutside(inputs);
  }
}

function keyOutside({ signer }: Outside): CaKey {
  return { kind: "outside", signer };
}

/**
 * The declared chain, in order.
 * @throws PkiError
 */
function chainOf(
  ca: Pick<CaState, "certificate"> | Pick<CaDescription, "certificatePem">,
  inputs: CaInputs,
): string | undefined {
  if (inputs.kind === "generate" || inputs.chain === undefined) return undefined;
  return readChain("certificate" in ca ? ca.certificate : ca.certificatePem, inputs.chain);
}

function subjectName(certificate: string): string {
  return describeCertificate(certificate).subject.commonName ?? "";
}

function inputOf({ kind }: Existing | Outside): string {
  return kind === "existing" ? "takeOver" : "certificate";
}

const REMEDY = { existing: "Take over a valid CA.", outside: "Give the certificate of a valid CA." } as const;

const KEY_LEAVES =
  "its private key leaves the state, and the signer signs from now on. Its devices keep their certificates. Earlier versions of the state " +
  "still have the key: delete them, or issue another CA.";

/** The inputs that need another CA. */
function whyReplace(id: string, { declared }: CaState, inputs: CaInputs): string[] {
  if (inputs.kind !== "generate") return fingerprintOf(inputs) === id ? [] : [inputOf(inputs)];
  // A generated CA replaces one that was taken over.
  if (declared.kind !== "generate") return ["subject"];
  const fixed = ["subject", "validityDays", "serialNumber", "pathLength", "keyUsage"] as const;
  const [one, other] = [meaningOf(declared), meaningOf(inputs)];
  return fixed.filter((key) => !isDeepStrictEqual(one[key], other[key]));
}

/** Normalizes inputs: the same number in other digits, or the same key usages in another order, are not a change. */
function meaningOf({
  serialNumber,
  keyUsage = DEFAULT_KEY_USAGE,
  pathLength = DEFAULT_PATH_LENGTH,
  ...others
}: Generate): Generate {
  return {
    ...others,
    pathLength,
    serialNumber: serialNumber === undefined ? undefined : parseSerialNumber(serialNumber),
    keyUsage: [...new Set(keyUsage)].sort(),
  };
}

function fingerprintOf(inputs: Existing | Outside): string {
  if (inputs.kind === "outside") return describeCertificate(inputs.certificate).fingerprint;
  const { from } = inputs;
  const certificate =
    from.kind === "pem" ? from.certificate : readPkcs12(from.archive, from.password).certificatePem;
  return describeCertificate(certificate).fingerprint;
}

function warnOfRenewal(
  { clock, notices }: Session,
  { validFrom, validUntil, commonName }: CaState,
  earlyRenewalHours: number,
): void {
  const now = clock.now();
  const soon = endsSoon({ validUntil, days: daysBetween(validFrom ?? validUntil, validUntil) }, now);
  if (!soon && !isRenewalDue(validUntil, earlyRenewalHours, now)) return;
  notices.add({
    subject: `CA ${commonName ?? ""}`.trim(),
    text:
      `expires at ${validUntil}, and device certificates can't be valid for longer. Declare another CA as ` +
      "`nextCa`, and rotate the devices to it in time.",
  });
}

function stateOf(ca: CaDescription, key: CaKey, inputs: CaInputs): CaState {
  const { earlyRenewalHours } = inputs;
  return {
    declared: declaredBy(inputs),
    certificate: ca.certificatePem,
    key,
    chain: chainOf(ca, inputs),
    publicKey: ca.publicKeyPem,
    commonName: ca.subject.commonName,
    serial: ca.serialNumber,
    subjectKeyId: ca.subjectKeyIdentifier,
    validFrom: ca.notBefore,
    validUntil: ca.notAfter,
    renewAfter: renewAfter(ca.notAfter, earlyRenewalHours).toISOString(),
  };
}

function declaredBy(inputs: CaInputs): CaState["declared"] {
  return inputs.kind === "generate"
    ? inputs
    : { kind: inputs.kind, earlyRenewalHours: inputs.earlyRenewalHours };
}

function known(inputs: Unknowable<CaInputs>): CaInputs {
  if (!isUnknown(inputs)) return inputs;
  throw new ExpectedError("The inputs of the CA must be known.");
}
