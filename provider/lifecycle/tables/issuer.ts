import { ExpectedError } from "../../engine/errors.js";
import { isUnknown } from "../../engine/unknown.js";
import type { CaRole } from "../../fleet/caRole.js";
import type { Certify } from "../../pki/deviceCertificate.js";
import type { Issuer } from "../../ways/preconnect/credential.js";
import type { Cloud, Session } from "../session/session.js";
import { certificateOf } from "./issuers.js";
import type { DeclaredTable } from "./table.js";

export function issuerOf({ clock, signers }: Session, { transport }: Cloud, table: DeclaredTable): Issuer {
  const { validityDays, profile, title } = table;
  const certifiers = new Map<CaRole, Certify>();
  return {
    validityDays,
    caCertificate: certificateOf(table.ca),
    nextCaCertificate: certificateOf(table.nextCa),
    profile,
    now: () => clock.now(),
    serviceTime: () => transport.serverTime(),
    async certify(request, role) {
      const ca = table[role];
      if (isUnknown(ca) || ca === undefined)
        throw new ExpectedError(`${title} has no CA to sign certificates. Give it \`ca\`.`);
      const certify = certifiers.get(role) ?? signers.certifier(ca);
      certifiers.set(role, certify);
      return certify(request);
    },
  };
}
