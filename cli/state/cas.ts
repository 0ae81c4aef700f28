import { describeCertificate } from "../../provider/pki/certificate.js";
import { certificatesIn } from "../../provider/pki/pem.js";
import { isSignedBy } from "../../provider/pki/signedBy.js";
import { isKind } from "../report/things.js";
import { caKeyPlace, type CaKeyPlace } from "./caKey.js";
import type { StateResource } from "./export.js";

/** A CA that a stack signs with. */
export interface StateCa {
  /** PEM. */
  readonly certificate: string;
  /** PEM: the certificates above the CA, its issuer first. */
  readonly chain: string | undefined;
  readonly key: CaKeyPlace;
}

/** The CAs in a state. Those that are resources are first, because only they have a chain. */
export function casIn(state: readonly StateResource[]): readonly StateCa[] {
  const own = state.flatMap(({ kind, outputs }): StateCa[] => {
    const certificate = isKind(kind, "CaCertificate") ? pem(outputs.certificate) : undefined;
    const chain = pem(outputs.chain);
    if (certificate === undefined) return [];
    return [
      {
        certificate,
        chain: chain && certificatesIn(chain).join(""),
        key: caKeyPlace(outputs.signer),
      },
    ];
  });
  const used = state.flatMap(({ inputs }): StateCa[] =>
    (["ca", "nextCa"] as const).flatMap((role) => {
      const certificate = pem(inputs[`${role}Certificate`]);
      if (certificate === undefined) return [];
      return [{ certificate, chain: undefined, key: caKeyPlace(inputs[`${role}Signer`]) }];
    }),
  );
  const first = new Map<string, StateCa>();
  for (const ca of [...own, ...used]) if (!first.has(ca.certificate)) first.set(ca.certificate, ca);
  return [...first.values()];
}

/** The CA that issued a certificate, if the state has it. */
export function issuerOf(certificate: string, cas: readonly StateCa[]): StateCa | undefined {
  return cas.find((ca) => isSignedBy(certificate, ca.certificate));
}

/** A CA for people and for JSON. */
export interface CaSummary {
  readonly name: string;
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint: string;
  /** Last second, ISO 8601. */
  readonly validUntil: string;
  readonly key: CaKeyPlace;
}

export function summaryOf({ certificate, key }: StateCa): CaSummary {
  const { subject, fingerprint, notAfter } = describeCertificate(certificate);
  return { name: subject.commonName ?? fingerprint.slice(0, 16), fingerprint, validUntil: notAfter, key };
}

function pem(value: unknown): string | undefined {
  return typeof value === "string" && value.includes("-----BEGIN ") ? value : undefined;
}
