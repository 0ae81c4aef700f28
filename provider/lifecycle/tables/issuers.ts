import { isUnknown, type Unknowable } from "../../engine/unknown.js";
import { groupPairs } from "../../fleet/groupBy.js";
import type { KnownCas } from "../../reconcile/plan/credentials/cas.js";
import type { TablePlan } from "../../reconcile/plan/tablePlan.js";
import type { SigningCa } from "../../signers/description.js";
import { casOf, roleOf, roleOfNew } from "../../ways/preconnect/cas.js";
import type { DeclaredTable, RecordedTable } from "./table.js";

type DeclaredCas = Pick<DeclaredTable, "ca" | "nextCa" | "validityDays">;

/** A CA that signs in a plan, with the devices that it signs for. */
export interface IssuerInPlan {
  readonly ca: SigningCa;
  readonly ids: readonly string[];
}

/** The certificate of a CA (PEM), where it is declared and known. */
export function certificateOf(ca: Unknowable<SigningCa | undefined>): string | undefined {
  return isUnknown(ca) ? undefined : ca?.certificatePem;
}

/** The CAs and the validity of a table. */
export function tableCas({ ca, nextCa, validityDays }: DeclaredCas): KnownCas {
  return {
    ...casOf({ caCertificate: certificateOf(ca), nextCaCertificate: certificateOf(nextCa), validityDays }),
    isNextUnknown: isUnknown(nextCa),
  };
}

/** The CAs that sign in a plan, as far as they are known. */
export function issuersIn(
  table: DeclaredCas,
  { records }: Pick<RecordedTable, "records">,
  { rows }: Pick<TablePlan, "rows">,
): readonly IssuerInPlan[] {
  const cas = tableCas(table);
  const hasNext = isUnknown(table.nextCa) || table.nextCa !== undefined;
  const signings = [...rows].flatMap(([id, { steps }]) => {
    const sources = new Set(steps.flatMap((step) => ("credential" in step ? [step.credential.kind] : [])));
    const roles = new Set([
      ...(sources.has("new") ? [roleOfNew(hasNext)] : []),
      ...(sources.has("same key") ? [roleOf(records.get(id)?.issuedWith, cas)] : []),
    ]);
    return [...roles].map((role) => [role, id] as const);
  });
  return [...groupPairs(signings)].flatMap(([role, ids]) => {
    const ca = table[role];
    return isUnknown(ca) || ca === undefined ? [] : [{ ca, ids }];
  });
}
