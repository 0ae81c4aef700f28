import { deflateRawSync, inflateRawSync } from "node:zlib";
import { ExpectedError } from "../../engine/errors.js";
import { readOutcome, type RowRecord, type Records } from "./record.js";
import { bareRotation, readIssuedWith, readRotation, type BareRotation } from "./packRotation.js";

/** A record without its row, certificates and keys. The state keeps failures elsewhere, as plain text. */
export type PackedRecord = Partial<
  Pick<
    RowRecord,
    "createdAt" | "validUntil" | "jobId" | "keepsName" | "issuedWith" | "retiredAt" | "deletedAt" | "outcome"
  >
> & { readonly rotation?: BareRotation | undefined };

/** Packs records into one text: deflated JSON without defaults, base64. */
export function packRecords(records: Records): string {
  const bare = Object.fromEntries(
    [...records].map(
      ([
        id,
        { createdAt, validUntil, jobId, keepsName, issuedWith, rotation, retiredAt, deletedAt, outcome },
      ]): [string, PackedRecord] => {
        const isWritten = outcome.kind !== "done" && outcome.kind !== "failed";
        return [
          id,
          {
            ...(createdAt === undefined ? {} : { createdAt }),
            ...(validUntil === undefined ? {} : { validUntil }),
            ...(jobId === undefined ? {} : { jobId }),
            ...(keepsName ? { keepsName } : {}),
            ...(issuedWith === undefined ? {} : { issuedWith }),
            ...(retiredAt === undefined ? {} : { retiredAt }),
            ...(deletedAt === undefined ? {} : { deletedAt }),
            ...(rotation === undefined ? {} : { rotation: bareRotation(rotation) }),
            ...(isWritten ? { outcome } : {}),
          },
        ];
      },
    ),
  );
  return deflateRawSync(JSON.stringify(bare)).toString("base64");
}

/** @throws ExpectedError for what `packRecords` did not make */
export function unpackRecords(text: string): ReadonlyMap<string, PackedRecord> {
  if (text === "") return new Map();
  try {
    const parsed: unknown = JSON.parse(inflateRawSync(Buffer.from(text, "base64")).toString());
    if (typeof parsed !== "object" || parsed === null) throw new TypeError("no object");
    return new Map(Object.entries(parsed).map(([id, record]) => [id, packedRecord(record)]));
  } catch {
    throw new ExpectedError(
      "The provider can't read the records in the state. Restore an earlier state (`pulumi stack export --version`).",
    );
  }
}

function packedRecord(value: unknown): PackedRecord {
  if (typeof value !== "object" || value === null) throw new TypeError("no object");
  const text = (key: string): string | undefined => {
    const entry: unknown = key in value ? value[key as keyof typeof value] : undefined;
    return typeof entry === "string" ? entry : undefined;
  };
  const [createdAt, validUntil, jobId] = [text("createdAt"), text("validUntil"), text("jobId")];
  const [retiredAt, deletedAt] = [text("retiredAt"), text("deletedAt")];
  return {
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(jobId === undefined ? {} : { jobId }),
    ...("keepsName" in value && value.keepsName === true ? { keepsName: true } : {}),
    ...("issuedWith" in value ? issuedWithOf(value.issuedWith) : {}),
    ...(retiredAt === undefined ? {} : { retiredAt }),
    ...(deletedAt === undefined ? {} : { deletedAt }),
    ...("rotation" in value ? rotationOf(value.rotation) : {}),
    ...("outcome" in value ? { outcome: readOutcome(value.outcome) } : {}),
  };
}

function issuedWithOf(value: unknown): Pick<PackedRecord, "issuedWith"> {
  const issuedWith = readIssuedWith(value);
  return issuedWith === undefined ? {} : { issuedWith };
}

function rotationOf(value: unknown): Pick<PackedRecord, "rotation"> {
  const rotation = readRotation(value);
  return rotation === undefined ? {} : { rotation };
}
