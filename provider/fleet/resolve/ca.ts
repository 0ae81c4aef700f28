/** The `ca` and `certificates` sections of a fleet. */
import { checkCaContents } from "./caContents.js";
import { isRecord, textAt, wholeNumberAt } from "../data.js";
import type { Fleet } from "../fleet.js";
import type {
  CaSpec,
  CaSubject,
  CertificateTerm,
  ExistingCaSpec,
  IssueSettings,
  SignerCaSpec,
  SignerSpec,
} from "../caSpec.js";
import type { CaRole } from "../caRole.js";
import type { Path, Report } from "../problems.js";
import type { FleetIo } from "../sources/io.js";
import { readSecretReference, readSecretSource } from "../sources/secret.js";
import { readCaCertificate, readCertificates } from "../sources/pem.js";
import type { ReadResult } from "../readResult.js";

/** Defaults: ten years, as in Nordic's own tool, and for a CA a warning one month before it expires. */
const caTerm: CertificateTerm = { validityDays: 3650, earlyRenewalHours: 720 };
const deviceTerm: CertificateTerm = { validityDays: 3650, earlyRenewalHours: 0 };

/** How device certificates are issued. */
export function readIssueSettings(value: unknown, report: Report): IssueSettings {
  const profile = textAt(value, "profile");
  return {
    ...readTerm(value, ["certificates"], deviceTerm, report),
    ...((profile === "rfc5280" || profile === "bare") && { profile }),
  };
}

/** Reads `ca` and `nextCa`. One that is absent or invalid is left out; its problems are in the report. */
export function readCas(
  root: { readonly ca?: unknown; readonly nextCa?: unknown },
  folder: string,
  io: FleetIo,
  report: Report,
): Pick<Fleet, "ca" | "nextCa"> {
  const ca = readCa(root.ca, "ca", { folder, io, report });
  const nextCa = readCa(root.nextCa, "nextCa", { folder, io, report });
  if (root.nextCa !== undefined) reportWrongNames(root, report);
  return { ...(ca && { ca }), ...(nextCa && { nextCa }) };
}

function reportWrongNames(
  { ca, nextCa }: { readonly ca?: unknown; readonly nextCa?: unknown },
  report: Report,
): void {
  const place = report.place(["nextCa"], "key");
  if (ca === undefined) {
    report.add(place, {
      message: "the fleet has a nextCa but no ca that it can replace",
      fix: "write ca instead of nextCa",
    });
  }
  const name = textAt(nextCa, "name");
  if (name === undefined) {
    report.add(place, {
      message: "the next CA has no name, and the state needs one to recognize it when it becomes ca",
      fix: "add name: … to it, and keep the name when you move it",
    });
  } else if (name === textAt(ca, "name")) {
    report.add(report.place(["nextCa", "name"]), {
      message: `ca and nextCa are both named ${JSON.stringify(name)}`,
      fix: "give the next CA another name",
    });
  }
}

function readCa(
  value: unknown,
  role: CaRole,
  { folder, io, report }: { readonly folder: string; readonly io: FleetIo; readonly report: Report },
): CaSpec | undefined {
  if (!isRecord(value)) return undefined;
  const source = report.place([role], "key");
  const name = textAt(value, "name");
  const named = name === undefined ? {} : { name };
  const valueAt = <T>(key: string, read: ReadResult<T> | undefined): T | undefined => {
    if (read && !read.ok) report.add(report.place([role, key]), read);
    return read?.ok ? read.value : undefined;
  };
  const secret = (key: string) =>
    valueAt(key, readSecretSource(value[key], folder, io, { mayBeEmpty: key === "password" }));
  if ("subject" in value) {
    const term = readTerm(value, [role], caTerm, report);
    const subject = readSubject(value.subject);
    return subject && { kind: "generate", ...named, subject, ...term, source };
  }
  const earlyRenewalHours = wholeNumberAt(value, "earlyRenewalHours", 0) ?? caTerm.earlyRenewalHours;
  const certificate = valueAt("certificate", readCaCertificate(value.certificate, folder, io));
  const [privateKey, pkcs12, password] = [secret("privateKey"), secret("pkcs12"), secret("password")];
  if ("password" in value && password === undefined) return undefined;
  const chain = valueAt("chain", "chain" in value ? readCertificates(value.chain, folder, io) : undefined);
  if ("chain" in value && chain === undefined) return undefined;
  const shared = { ...named, ...(chain !== undefined && { chain }), earlyRenewalHours, source };
  const signer = readSigner(value.signer, folder);
  if (certificate && signer)
    return withContentsReported({ kind: "signer", certificate, signer, ...shared }, role, io, report);
  const common = { ...(password && { password }), ...shared };
  if (certificate && privateKey)
    return withContentsReported({ kind: "pem", certificate, privateKey, ...common }, role, io, report);
  if (pkcs12) return withContentsReported({ kind: "pkcs12", pkcs12, ...common }, role, io, report);
  return undefined;
}

function readSigner(value: unknown, folder: string): SignerSpec | undefined {
  if (!isRecord(value)) return undefined;
  const [inFlight, timeout] = [wholeNumberAt(value, "inFlight", 1), wholeNumberAt(value, "timeout", 1)];
  const pace = { ...(inFlight !== undefined && { inFlight }), ...(timeout !== undefined && { timeout }) };
  const { command, pkcs11 } = value;
  if (Array.isArray(command) && command.every((part) => typeof part === "string"))
    return { kind: "command", command, ...pace };
  const [uri, module] = [textAt(pkcs11, "uri"), textAt(pkcs11, "module")];
  if (uri === undefined || module === undefined || !isRecord(pkcs11)) return undefined;
  const pin = readSecretReference(pkcs11.pin, folder);
  return { kind: "pkcs11", uri, module, ...(pin && { pin }), ...pace };
}

function withContentsReported<Spec extends ExistingCaSpec | SignerCaSpec>(
  spec: Spec,
  role: CaRole,
  io: FleetIo,
  report: Report,
): Spec {
  const wrong = checkCaContents(spec, io);
  if (wrong) report.add(report.place([role, wrong.key]), wrong);
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
  // The default must not make a short-lived CA due for renewal from the start.
  const earlyRenewalHours =
    wholeNumberAt(value, "earlyRenewalHours", 0) ?? Math.min(fallback.earlyRenewalHours, validityDays * 8);
  if (earlyRenewalHours >= validityDays * 24) {
    report.add(report.place([...path, "earlyRenewalHours"]), {
      message: `${earlyRenewalHours} hours are at least the whole validity (${validityDays * 24} hours), so the certificate would always be due for renewal`,
      fix: `write less than ${validityDays * 24}`,
    });
  }
  return { validityDays, earlyRenewalHours };
}
