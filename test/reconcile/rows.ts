import fc from "fast-check";
import { EMPTY_RECORD, type RowRecord } from "../../provider/reconcile/table/record.js";
import { readDuration } from "../../provider/fleet/duration.js";
import { MAX_GENERATION, phases } from "../../provider/fleet/rotation.js";
import { LARGEST_SECURITY_TAG, NRF_CLOUD_SECURITY_TAG } from "../../provider/fleet/securityTag.js";
import { DEFAULT_WAIT_SECONDS, type Row } from "../../provider/reconcile/table/row.js";
import { parseRow } from "../../provider/reconcile/table/parseRow.js";
import { firmwareTypes, subType, tags, trickyName } from "../property/arbitraries.js";

/** The row that a line says. */
export function row(line: string): Row {
  const parsed = parseRow(line);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.row;
}

/** What a state has of a device, which was reached as the line says. */
export function recorded(line: string | undefined, more: Partial<RowRecord> = {}): RowRecord {
  return {
    ...EMPTY_RECORD,
    row: line === undefined ? undefined : row(line),
    createdAt: line === undefined ? undefined : "2026-01-01T00:00:00.000Z",
    ...more,
  };
}

const name = fc.option(trickyName, { nil: undefined });
const fingerprint = fc.stringMatching(/^[0-9a-f]{32}$/);
const rotation = fc.record({
  generation: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: MAX_GENERATION })),
  phase: fc.constantFrom(...phases),
});
const provisioningTags = fc.array(
  fc.oneof(
    fc.constantFrom("location=Trondheim", "a\\b", "'", "é"),
    fc.string({ minLength: 1, maxLength: 8 }).filter((text) => /^[^\s,"]+$/.test(text)),
  ),
  { maxLength: 4 },
);

/** `undefined` where a row has none. */
const config = fc.option(
  fc.dictionary(
    fc.stringMatching(/^[a-z ="\\]{1,6}$/),
    fc.oneof(trickyName, fc.integer(), fc.boolean(), fc.constant({ inner: [1, "two"] })),
    { minKeys: 1, maxKeys: 3 },
  ),
  { nil: undefined },
);
const retired = fc.constantFrom(undefined, readDuration("30d"), readDuration("2y"));

const preconnect = fc.record({
  way: fc.constant("preconnect" as const),
  config,
  tags,
  adopt: fc.constantFrom("no" as const, "keep" as const, "recertify" as const),
  protect: fc.boolean(),
  retired,
  subType,
  firmwareTypes,
  name,
  credential: fc.oneof(
    fc.record({ kind: fc.constant("issue" as const), rotation }),
    fc.record({ kind: fc.constant("csr" as const), fingerprint, rotation }),
    fc.record({ kind: fc.constant("certificate" as const), fingerprint }),
    fc.record({ kind: fc.constant("publicKey" as const), fingerprint }),
    fc.record({ kind: fc.constant("existing" as const) }),
  ),
});

const jitp = fc.record({
  way: fc.constant("jitp" as const),
  config,
  tags,
  adopt: fc.constantFrom("no" as const, "keep" as const),
  protect: fc.boolean(),
  retired,
  subType,
  name,
  issued: fc.boolean(),
  waitSeconds: fc.oneof(fc.constant(DEFAULT_WAIT_SECONDS), fc.integer({ min: 0, max: 3600 })),
  pending: fc.constantFrom("fail" as const, "allow" as const),
});

const attestation = fc.record({
  way: fc.constant("attestation" as const),
  config,
  tags: provisioningTags,
  adopt: fc.constantFrom("no" as const, "keep" as const),
  protect: fc.boolean(),
  retired,
  unclaim: fc.boolean(),
  rotation,
  securityTag: fc.oneof(
    fc.constant(NRF_CLOUD_SECURITY_TAG),
    fc.integer({ min: 0, max: LARGEST_SECURITY_TAG }),
  ),
});

/** Any row that nRF Cloud would take. */
export const anyRow: fc.Arbitrary<Row> = fc.oneof(preconnect, jitp, attestation);
