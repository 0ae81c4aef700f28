/** The `ca` and `certificates` sections of a fleet. */
import { judgeExistingCa } from "./caContents.js";
import { isRecord, textAt, wholeNumberAt } from "./data.js";
import type { CaSpec, CaSubject, CertificateTerm, ExistingCaSpec } from "./fleet.js";
import type { Path, Report } from "./problems.js";
import { readCaCertificate, readSecretSource, type FleetIo, type Read } from "./sources.js";

/** Terms where a fleet does not say: ten years, as Nordic's own tool has it; a CA's end announces itself a month before. */
const caTerm: CertificateTerm = { validityDays: 3650, earlyRenewalHours: 720 };
const deviceTerm: CertificateTerm = { validityDays: 3650, earlyRenewalHours: 0 };

/** Term of issued device certificates. */
export function readCertificateTerm(value: unknown, report: Report): CertificateTerm {
  return readTerm(value, ["certificates"], deviceTerm, report);
}

/** The authority, or undefined where it is absent or too wrong to be read (then that has been reported). */
export function readCa(value: unknown, folder: string, io: FleetIo, report: Report): CaSpec | undefined {
  if (!isRecord(value)) return undefined;
  const source = report.place(["ca"], "key");
  const take = <T>(key: string, read: Read<T> | undefined): T | undefined => {
    if (read && !read.ok) report.add(report.place(["ca", key]), read);
    return read?.ok ? read.value : undefined;
  };
  const secret = (key: string) =>
    take(key, readSecretSource(value[key], folder, io, { mayBeEmpty: key === "password" }));
  if ("subject" in value) {
    const term = readTerm(value, ["ca"], caTerm, report);
    const subject = readSubject(value.subject);
    return subject && { kind: "generate", subject, ...term, source };
  }
  const earlyRenewalHours = wholeNumberAt(value, "earlyRenewalHours", 0) ?? caTerm.earlyRenewalHours;
  const certificate = take("certificate", readCaCertificate(value.certificate, folder, io));
  const [privateKey, pkcs12, password] = [secret("privateKey"), secret("pkcs12"), secret("password")];
  if ("password" in value && password === undefined) return undefined;
  const common = { ...(password && { password }), earlyRenewalHours, source };
  if (certificate && privateKey)
    return judged({ kind: "pem", certificate, privateKey, ...common }, io, report);
  if (pkcs12) return judged({ kind: "pkcs12", pkcs12, ...common }, io, report);
  return undefined;
}

function judged(spec: ExistingCaSpec, io: FleetIo, report: Report): ExistingCaSpec {
  const wrong = judgeExistingCa(spec, io);
  if (wrong) report.add(report.place(["ca", wrong.key]), wrong);
  return spec;
}

const optionalAttributes = [
  "organization",
  "organizationalUnit",
  "country",
  "state",
  "locality",
  "emailAddress",
] as const satisfies readonly (keyof CaSubject)[];

function readSubject(value: unknown): CaSubject | undefined {
  const commonName = textAt(value, "commonName");
  if (commonName === undefined) return undefined;
  const attributes = optionalAttributes.flatMap((key) => {
    const text = textAt(value, key);
    return text === undefined ? [] : [[key, text] as const];
  });
  return { commonName, ...Object.fromEntries(attributes) };
}

function readTerm(value: unknown, path: Path, fallback: CertificateTerm, report: Report): CertificateTerm {
  const validityDays = wholeNumberAt(value, "validityDays", 1) ?? fallback.validityDays;
  // A short-lived CA must not be due from the start because of a default that nobody wrote.
  const earlyRenewalHours =
    wholeNumberAt(value, "earlyRenewalHours", 0) ?? Math.min(fallback.earlyRenewalHours, validityDays * 8);
  if (earlyRenewalHours >= validityDays * 24) {
    report.add(report.place([...path, "earlyRenewalHours"]), {
      message: `${earlyRenewalHours} hours are no less than the whole validity (${validityDays * 24} hours), so it would always be due for renewal`,
      fix: `write less than ${validityDays * 24}`,
    });
  }
  return { validityDays, earlyRenewalHours };
}
