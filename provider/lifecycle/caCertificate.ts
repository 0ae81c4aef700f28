import { isDeepStrictEqual } from "node:util";
import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { containsUnknown } from "../engine/unknown.js";
import { createCa, DEFAULT_KEY_USAGE, takeOverCa, type CertificateAuthority } from "../pki/ca.js";
import { describeCertificate } from "../pki/certificate.js";
import { readPkcs12 } from "../pki/pkcs12.js";
import { parseSerialNumber } from "../pki/serialNumber.js";
import { isRenewalDue, renewAfter } from "../pki/validity.js";
import { daysBetween, endsSoon } from "./expiry.js";
import { readCaInputs, type CaInputs, type Existing, type Generate } from "./caInputs.js";
import { offerCa } from "./signers.js";

/** Not `takeOver`: it is secret, and recognised by the fingerprint of its certificate. */
const DECLARED = ["subject", "validityDays", "serialNumber", "pathLength", "keyUsage", "earlyRenewalHours"];

/**
 * The life of a CA. It never leaves the user's side: nRF Cloud has no place for one, and does not ask who signed a
 * device certificate. Its id is the SHA-256 fingerprint of the certificate.
 */
export const caCertificate: Lifecycle = {
  declared: DECLARED,

  check(_olds, news) {
    const fields = new Fields(news);
    const inputs = readCaInputs(fields);
    // Reading an existing CA here makes a wrong password or a foreign key show in the preview.
    if (inputs?.kind === "existing" && !containsUnknown(news))
      fields.attempt("takeOver", () => takeOver(inputs));
    if (fields.failures.length > 0) return Promise.resolve({ ok: false, failures: fields.failures });
    return Promise.resolve({ ok: true, inputs: news });
  },

  diff(id, olds, news) {
    const ca = readState(olds);
    offerCa(id, { certificatePem: ca.certificate, privateKeyPem: ca.privateKey });

    const inputs = readCaInputs(new Fields(news));
    if (inputs !== undefined) warnOfRenewal(ca, inputs.earlyRenewalHours);
    const because = inputs === undefined || containsUnknown(news) ? [] : whyReplace(id, ca, inputs);
    if (because.length > 0) {
      notice({
        subject: `CA ${ca.commonName ?? id}`,
        text:
          "will be replaced by one with a new key. Every device certificate it signed will be issued anew, and the devices " +
          "must be given theirs before they can connect again.",
      });
      return Promise.resolve({ kind: "replace", because, deleteFirst: false });
    }
    const same = DECLARED.every((key) => isDeepStrictEqual(news[key], ca.declared[key]));
    return Promise.resolve({ kind: same ? "same" : "update" });
  },

  create(news) {
    const inputs = knownInputs(news);
    const ca = inputs.kind === "generate" ? generate(inputs) : takeOver(inputs);
    offerCa(ca.fingerprint, ca);
    const { notBefore: validFrom, notAfter: validUntil, subject } = ca;
    warnOfRenewal({ validFrom, validUntil, commonName: subject.commonName }, inputs.earlyRenewalHours);
    return Promise.resolve({ id: ca.fingerprint, state: stateOf(ca, news, inputs.earlyRenewalHours) });
  },

  read(_id, state) {
    return Promise.resolve({ kind: "present", state });
  },

  /** Only the renewal window can change without a new CA. */
  update(id, olds, news) {
    const ca = readState(olds);
    offerCa(id, { certificatePem: ca.certificate, privateKeyPem: ca.privateKey });
    const { earlyRenewalHours } = knownInputs(news);
    return Promise.resolve({
      state: {
        ...olds,
        declared: news,
        renewAfter: renewAfter(ca.validUntil, earlyRenewalHours).toISOString(),
      },
    });
  },

  /** Forgets the CA. Certificates it signed stay valid, but no more can be signed. */
  delete() {
    return Promise.resolve();
  },
};

function generate(inputs: Generate): CertificateAuthority {
  return createCa({
    subject: inputs.subject,
    validity: { notBefore: new Date(), days: inputs.validityDays },
    ...(inputs.serialNumber === undefined ? {} : { serialNumber: inputs.serialNumber }),
    ...(inputs.pathLength === undefined ? {} : { pathLength: inputs.pathLength }),
    ...(inputs.keyUsage === undefined ? {} : { keyUsage: inputs.keyUsage }),
  });
}

function takeOver({ from }: Existing): CertificateAuthority {
  if (from.kind === "pem")
    return takeOverCa({ certificatePem: from.certificate, privateKeyPem: from.privateKey });
  return takeOverCa(readPkcs12(from.archive, from.password));
}

/** The inputs that make another CA necessary. */
function whyReplace(id: string, ca: CaState, inputs: CaInputs): string[] {
  if (inputs.kind === "existing") return fingerprintOf(inputs) === id ? [] : ["takeOver"];
  const before = readCaInputs(new Fields(ca.declared));
  // A CA that was taken over and is now to be generated.
  if (before?.kind !== "generate") return ["subject"];
  const fixed = ["subject", "validityDays", "serialNumber", "pathLength", "keyUsage"] as const;
  const [one, other] = [meaningOf(before), meaningOf(inputs)];
  return fixed.filter((key) => !isDeepStrictEqual(one[key], other[key]));
}

/** A CA as its certificate will have it: the same number in other digits, or the same uses in another order, make no other. */
function meaningOf({ serialNumber, keyUsage = DEFAULT_KEY_USAGE, ...others }: Generate): Generate {
  return {
    ...others,
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
  { validFrom, validUntil, commonName }: Pick<CaState, "validFrom" | "validUntil" | "commonName">,
  earlyRenewalHours: number,
): void {
  const soon = endsSoon({ validUntil, days: daysBetween(validFrom ?? validUntil, validUntil) });
  if (!soon && !isRenewalDue(validUntil, earlyRenewalHours, new Date())) return;
  notice({
    subject: `CA ${commonName ?? ""}`.trim(),
    text:
      `expires at ${validUntil} and should be renewed. Change its subject (a year in the common name, say) or take over a new one; ` +
      "device certificates can't outlive it.",
  });
}

function stateOf(ca: CertificateAuthority, news: LooseObject, earlyRenewalHours: number): LooseObject {
  return {
    declared: news,
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

interface CaState {
  readonly certificate: string;
  readonly privateKey: string;
  readonly validFrom: string | undefined;
  readonly validUntil: string;
  readonly commonName: string | undefined;
  readonly declared: LooseObject;
}

function readState(state: LooseObject): CaState {
  const { certificate, privateKey, validFrom, validUntil, commonName, declared } = state;
  if (typeof certificate !== "string" || typeof privateKey !== "string" || typeof validUntil !== "string") {
    throw new ExpectedError(
      "The state of the CA lacks its certificate or key. Restore an earlier state (`pulumi stack export --version`), " +
        "or declare the CA with `takeOver` from your own copy of it.",
    );
  }
  return {
    certificate,
    privateKey,
    validFrom: typeof validFrom === "string" ? validFrom : undefined,
    validUntil,
    commonName: typeof commonName === "string" ? commonName : undefined,
    declared: typeof declared === "object" && declared !== null ? { ...declared } : {},
  };
}

function knownInputs(news: LooseObject): CaInputs {
  const fields = new Fields(news);
  const inputs = readCaInputs(fields);
  if (inputs !== undefined && fields.failures.length === 0) return inputs;
  throw new ExpectedError(fields.failures.map(({ property, reason }) => `${property} ${reason}`).join("\n"));
}
