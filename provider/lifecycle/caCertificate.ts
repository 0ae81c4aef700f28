import { isDeepStrictEqual } from "node:util";
import { ExpectedError } from "../engine/errors.js";
import type { Fields } from "../engine/fields.js";
import type { LooseObject } from "../engine/outputs.js";
import type { Codec, Resource } from "../engine/resource.js";
import { isUnknown, UNKNOWN, type Unknowable } from "../engine/unknown.js";
import {
  createCa,
  DEFAULT_KEY_USAGE,
  DEFAULT_PATH_LENGTH,
  takeOverCa,
  type CertificateAuthority,
} from "../pki/ca.js";
import { describeCertificate } from "../pki/certificate.js";
import { readPkcs12 } from "../pki/pkcs12.js";
import { parseSerialNumber } from "../pki/serialNumber.js";
import { issueValidity } from "../pki/issueValidity.js";
import { isRenewalDue, outsideOf, renewAfter } from "../pki/validity.js";
import { encodeCaInputs, readCaInputs, type CaInputs, type Existing, type Generate } from "./caInputs.js";
import { daysBetween, endsSoon } from "./expiry.js";
import { serviceTime } from "./session/serviceTime.js";
import type { Session } from "./session/session.js";

/** A CA in the state. */
interface CaState {
  /** What was declared; of a CA that was taken over only its renewal window, as the rest is secret. */
  readonly declared: Generate | { readonly kind: "existing"; readonly earlyRenewalHours: number };
  readonly certificate: string;
  /** Secret. */
  readonly privateKey: string;
  readonly publicKey: string | undefined;
  readonly commonName: string | undefined;
  readonly serial: string | undefined;
  readonly subjectKeyId: string | undefined;
  readonly validFrom: string | undefined;
  readonly validUntil: string;
  readonly renewAfter: string;
}

/**
 * A CA. It exists in the state only: nRF Cloud keeps no CA, and does not verify who signed a
 * device certificate. Its id is the SHA-256 fingerprint of the certificate.
 */
export const caCertificate: Resource<Unknowable<CaInputs>, CaState, Session> = {
  inputs: {
    decode: (fields) => (fields.anyUnknown() ? UNKNOWN : (readCaInputs(fields) ?? UNKNOWN)),
    encode: (inputs) => (isUnknown(inputs) ? {} : encodeCaInputs(inputs)),
  },
  state: stateCodec(),

  check({ clock }, news, olds) {
    if (isUnknown(news) || news.kind !== "existing") return Promise.resolve([]);
    // Reading an existing CA here makes a wrong password or a foreign key show in the preview.
    const ca = takeOver(news);
    // A CA in use that expires is only a warning: devices still connect, and other changes must be possible.
    if (isDeepStrictEqual(olds, news)) return Promise.resolve([]);
    const outside = outsideOf(ca, clock.now());
    return Promise.resolve(
      outside === undefined
        ? []
        : [`takeOver: the CA ${outside}, so it can't sign certificates now. Take over a valid CA.`],
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
    const { kind, earlyRenewalHours } = state.declared;
    const same = news.kind === kind && news.earlyRenewalHours === earlyRenewalHours;
    return Promise.resolve({ kind: same ? "same" : "update" });
  },

  async create(session, news) {
    const inputs = known(news);
    const ca =
      inputs.kind === "generate"
        ? generate(inputs, session.clock.now(), await serviceTime(session))
        : takeOver(inputs);
    const state = stateOf(ca, inputs);
    warnOfRenewal(session, state, inputs.earlyRenewalHours);
    return { id: ca.fingerprint, state, failures: [] };
  },

  read(_session, _id, state) {
    return Promise.resolve({ kind: "present", state });
  },

  /** Only the renewal window, and whether the CA is generated or taken over, can change without a new CA. */
  update(_session, id, state, news) {
    const inputs = known(news);
    const { earlyRenewalHours } = inputs;
    return Promise.resolve({
      id,
      state: {
        ...state,
        declared: declaredBy(inputs),
        renewAfter: renewAfter(state.validUntil, earlyRenewalHours).toISOString(),
      },
      failures: [],
    });
  },

  /** Forgets the CA. Its certificates are still valid, but it can sign no more. */
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

/** The inputs that make another CA necessary. */
function whyReplace(id: string, { declared }: CaState, inputs: CaInputs): string[] {
  if (inputs.kind === "existing") return fingerprintOf(inputs) === id ? [] : ["takeOver"];
  // A CA that was taken over and is now to be generated.
  if (declared.kind !== "generate") return ["subject"];
  const fixed = ["subject", "validityDays", "serialNumber", "pathLength", "keyUsage"] as const;
  const [one, other] = [meaningOf(declared), meaningOf(inputs)];
  return fixed.filter((key) => !isDeepStrictEqual(one[key], other[key]));
}

/** A CA as its certificate will have it: the same number in other digits, or the same uses in another order, make no other. */
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

function fingerprintOf({ from }: Existing): string {
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
      `expires at ${validUntil}, and device certificates can't be valid for longer. Change its subject, such as a year in the common ` +
      "name, or take over a new CA.",
  });
}

function stateOf(ca: CertificateAuthority, inputs: CaInputs): CaState {
  const { earlyRenewalHours } = inputs;
  return {
    declared: declaredBy(inputs),
    certificate: ca.certificatePem,
    privateKey: ca.privateKeyPem,
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
    : { kind: "existing", earlyRenewalHours: inputs.earlyRenewalHours };
}

function stateCodec(): Codec<CaState> {
  return {
    decode(fields: Fields): CaState {
      const certificate = fields.text("certificate");
      const privateKey = fields.text("privateKey");
      const validUntil = fields.text("validUntil");
      if (certificate === undefined || privateKey === undefined || validUntil === undefined) {
        throw new ExpectedError(
          "The state of the CA lacks its certificate or key. Restore an earlier state (`pulumi stack export --version`), " +
            "or declare the CA with `takeOver` from your own copy of it.",
        );
      }
      const inputs = fields.has("subject") ? readCaInputs(fields) : undefined;
      const earlyRenewalHours = fields.number("earlyRenewalHours") ?? 0;
      return {
        declared: inputs?.kind === "generate" ? inputs : { kind: "existing", earlyRenewalHours },
        certificate,
        privateKey,
        publicKey: fields.text("publicKey"),
        commonName: fields.text("commonName"),
        serial: fields.text("serial"),
        subjectKeyId: fields.text("subjectKeyId"),
        validFrom: fields.text("validFrom"),
        validUntil,
        renewAfter: fields.text("renewAfter") ?? validUntil,
      };
    },
    encode({ declared, ...others }: CaState): LooseObject {
      const inputs =
        declared.kind === "generate"
          ? encodeCaInputs(declared)
          : { earlyRenewalHours: declared.earlyRenewalHours };
      return { ...inputs, ...others };
    },
  };
}

function known(inputs: Unknowable<CaInputs>): CaInputs {
  if (!isUnknown(inputs)) return inputs;
  throw new ExpectedError("The inputs of the CA must be known.");
}
