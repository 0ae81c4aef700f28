import type { TableCas } from "../../../ways/preconnect/cas.js";
import { NO_TABLE_CHANGE, type TableChange } from "../change.js";
import { KEPT } from "../../table/packRotation.js";
import type { IssuedWith, RowRecord } from "../../table/record.js";

/** The CAs of a table, as far as they are known. */
export interface KnownCas extends TableCas {
  /** The next CA is declared, and is not known before `up`: what is not of the present CA may be of this one. */
  readonly isNextUnknown: boolean;
}

/** What the state has of a row's certificates. */
export type IssuedRecord = Pick<RowRecord, "issuedWith"> & {
  readonly rotation?:
    | Partial<Record<(typeof KEPT)[number], { readonly issuedWith: IssuedWith | undefined } | undefined>>
    | undefined;
};

/** What has changed of the CAs and the validity since the certificates of a row were issued. */
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
