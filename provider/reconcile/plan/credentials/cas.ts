import type { TableCas } from "../../../ways/preconnect/cas.js";
import { NO_TABLE_CHANGE, type TableChange } from "../change.js";
import { KEPT } from "../../table/packRotation.js";
import type { IssuedWith, RowRecord } from "../../table/record.js";

export interface KnownCas extends TableCas {
  /** The next CA is declared, and its certificate is not known before `up`. Any certificate of another CA may be one of this CA. */
  readonly isNextUnknown: boolean;
}

/** The part of a record that says which CAs signed its certificates. */
export type IssuedRecord = Pick<RowRecord, "issuedWith"> & {
  readonly rotation?:
    | Partial<Record<(typeof KEPT)[number], { readonly issuedWith: IssuedWith | undefined } | undefined>>
    | undefined;
};

/** Compares the declared CAs and validity with those that the certificates of a row were issued with. */
export function changeSince(record: IssuedRecord | undefined, cas: KnownCas): TableChange {
  if (record === undefined || cas.ca === undefined) return NO_TABLE_CHANGE;
  const undeclared = KEPT.filter((kept) => isUndeclared(record.rotation?.[kept]?.issuedWith, cas));
  const { validityDays } = cas.ca;
  const otherValidity = KEPT.filter((kept) =>
    hasOtherValidity(record.rotation?.[kept]?.issuedWith, validityDays),
  );
  const then = record.issuedWith;
  return {
    ca: isUndeclared(then, cas),
    validity: hasOtherValidity(then, validityDays) && then?.activatedFor !== validityDays,
    ...(undeclared.length === 0 ? {} : { undeclared }),
    ...(otherValidity.length === 0 ? {} : { otherValidity }),
  };
}

function hasOtherValidity(issued: IssuedWith | undefined, validityDays: number): boolean {
  return issued !== undefined && issued.validityDays !== validityDays;
}

function isUndeclared(issued: IssuedWith | undefined, { ca, nextCa, isNextUnknown }: KnownCas): boolean {
  if (issued === undefined || isNextUnknown) return false;
  return issued.ca !== ca?.ca && issued.ca !== nextCa?.ca;
}
