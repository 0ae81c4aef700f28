import type { Unknowable } from "../../engine/unknown.js";
import { describeCertificate } from "../../pki/certificate.js";
import { changeSince } from "../../reconcile/plan/credentials/cas.js";
import { isDueForRenewal } from "../../reconcile/plan/credentials/renewal.js";
import { asRetired } from "../../reconcile/plan/retirement.js";
import type { Tables } from "../../reconcile/plan/tablePlan.js";
import type { SigningCa } from "../../signers/description.js";
import { roleOf } from "../../ways/preconnect/cas.js";
import type { Session } from "../session/session.js";
import { certificateOf, tableCas } from "./issuers.js";
import type { DeclaredTable, RecordedTable } from "./table.js";

export function tablesOf({ clock }: Session, table: DeclaredTable, state: RecordedTable): Tables {
  const { unknown, isChosen, lanes, earlyRenewalHours } = table;
  const declared = new Map(
    [...table.declared].map(([id, row]) => [id, asRetired(state.records.get(id)?.row, row)]),
  );
  const cas = tableCas(table);
  const ends = { ca: endOf(table.ca), nextCa: endOf(table.nextCa) };
  const now = clock.now();
  return {
    declared,
    unknown,
    recorded: state.records,
    tableOf: (record) => changeSince(record, cas),
    isChosen,
    lanes,
    isDue: (record, row) =>
      isDueForRenewal(record, row, {
        earlyRenewalHours,
        caEnd: ends[roleOf(record.issuedWith, cas)],
        now,
      }),
    now,
  };
}

function endOf(ca: Unknowable<SigningCa | undefined>): Date | undefined {
  const certificate = certificateOf(ca);
  return certificate === undefined ? undefined : new Date(describeCertificate(certificate).notAfter);
}

export function guardsOf({ allowedDeletes }: Session, { maxDeletes, isDestroyed }: DeclaredTable) {
  return { maxDeletes, allowedDeletes, keepsRetired: !isDestroyed };
}
