import { describe, expect, test } from "vitest";
import { onlyWaits, rowChanges as changesOf } from "../../cli/pulumi/rows.js";
import { EMPTY_RECORD } from "../../provider/reconcile/table/record.js";
import { packRecords } from "../../provider/reconcile/table/packRecords.js";
import { issuedWith } from "../../provider/ways/preconnect/cas.js";
import type { State } from "../../cli/report/digest.js";

/** A set as it was reached, with certificates of its first CA, or with none that is known. */
function reached(
  devices: Record<string, string>,
  { inputs = {}, more = { issuedWith: issuedWith({ caCertificate: "CA 1", validityDays: 3650 }) } } = {},
): State {
  const record = {
    ...EMPTY_RECORD,
    validUntil: "2026-12-01T00:00:00Z",
    ...more,
  };
  const records = new Map(Object.keys(devices).map((id) => [id, record]));
  return state(inputs, { devices, records: packRecords(records) });
}

/** A set as it is declared. */
function declared(devices: Record<string, string>, inputs = {}): State {
  return state({ devices, validityDays: 3650, caCertificate: "CA 1", ...inputs }, {});
}

function state(inputs: object, outputs: object): State {
  return {
    id: "fleet",
    inputs: { ...inputs },
    outputs: { ...outputs },
    protect: false,
    retainOnDelete: false,
    unfinished: false,
  };
}

const urn = "urn:pulumi:dev::test::pulumi-nodejs:dynamic/nrfcloud:DeviceSet::fleet";

const rowChanges = (states: { readonly before: State | undefined; readonly after: State | undefined }) =>
  changesOf({ urn, ...states }, new Date("2026-11-27T00:00:00Z"));

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function kinds(before: State | undefined, after: State | undefined): Record<string, string> {
  return Object.fromEntries(
    [...rowChanges({ before, after }).changes].map(([id, change]) => [
      id,
      "fields" in change ? `${change.kind} ${change.fields.join()}` : change.kind,
    ]),
  );
}

describe("a row that waits for the first connect of its device", () => {
  const waiting = (inputs = {}) => {
    const devices = { kit: "via=jitp", lab: "" };
    const before = reached(devices, { inputs: { devices, ...inputs } });
    const done = { certificate: undefined, privateKey: undefined, createdAt: undefined, jobId: undefined };
    const record = { ...done, row: undefined, validUntil: undefined, keepsName: false };
    const records = packRecords(
      new Map([
        ["kit", { ...record, outcome: { kind: "waiting" as const } }],
        ["lab", { ...record, outcome: { kind: "done" as const } }],
      ]),
    );
    return { ...before, outputs: { ...before.outputs, records } };
  };

  test("is no change, and reported apart", () => {
    const before = waiting();
    const found = rowChanges({ before, after: state(before.inputs, {}) });
    expect(found).toMatchObject({ same: 2, waiting: ["kit"], changes: new Map() });
    expect(onlyWaits({ urn, before, after: state(before.inputs, {}) })).toBe(true);
  });

  test.each([
    ["another row changes", { devices: { kit: "via=jitp", lab: "tags=x" } }],
    ["it changes itself", { devices: { kit: "via=jitp tags=x", lab: "" } }],
    ["another input changes", { earlyRenewalHours: 24 }],
  ])("does not hide that %s", (_, inputs) => {
    const before = waiting();
    expect(onlyWaits({ urn, before, after: state({ ...before.inputs, ...inputs }, {}) })).toBe(false);
  });
});

describe("the rows of a step", () => {
  test.each([
    {
      what: "a new set",
      before: undefined,
      after: declared({ a: "", b: "tags=x" }),
      is: { a: "add", b: "add" },
    },
    { what: "nothing", before: reached({ a: "tags=x,y" }), after: declared({ a: "tags=y,x" }), is: {} },
    {
      what: "tags, a sub-type, one that comes and one that goes",
      before: reached({ a: "tags=x", b: "subType=one", c: "" }),
      after: declared({ a: "tags=y", b: "subType=two", d: "" }),
      is: { a: "update tags", b: "replace subType", c: "remove", d: "add" },
    },
    {
      what: "another CA",
      before: reached({ a: "", b: "credential=existing adopt=keep" }),
      after: declared({ a: "", b: "credential=existing adopt=keep" }, { caCertificate: "CA 2" }),
      is: { a: "update ca" },
    },
    {
      what: "a CA that is being made",
      before: reached({ a: "" }),
      after: declared({ a: "" }, { caCertificate: UNKNOWN }),
      is: { a: "update ca" },
    },
    {
      what: "a next CA, with certificates of either",
      before: reached({ a: "" }),
      after: declared({ a: "" }, { caCertificate: "CA 0", nextCaCertificate: "CA 1" }),
      is: {},
    },
    {
      what: "a next CA that is being made",
      before: reached({ a: "" }),
      after: declared({ a: "generation=2 phase=issue" }, { nextCaCertificate: UNKNOWN }),
      is: { a: "update next" },
    },
    {
      what: "a next CA, where the certificates are of neither",
      before: reached({ a: "" }),
      after: declared({ a: "" }, { caCertificate: "CA 2", nextCaCertificate: "CA 3" }),
      is: { a: "update ca" },
    },
    {
      what: "certificates of which is not known what they were issued with",
      before: reached({ a: "" }, { more: { issuedWith: undefined } }),
      after: declared({ a: "" }),
      is: {},
    },
    {
      what: "another validity",
      before: reached({ a: "" }),
      after: declared({ a: "" }, { validityDays: 30 }),
      is: { a: "update validity" },
    },
    {
      what: "a validity that is the default",
      before: reached({ a: "" }),
      after: declared({ a: "" }, { validityDays: undefined }),
      is: {},
    },
    {
      what: "certificates that are due",
      before: reached({ a: "", b: "publicKey=00112233445566778899aabbccddeeff" }),
      after: declared(
        { a: "tags=x", b: "publicKey=00112233445566778899aabbccddeeff" },
        { earlyRenewalHours: 240 },
      ),
      is: { a: "update tags,renewal" },
    },
    {
      what: "certificates that are not due yet",
      before: reached({ a: "" }),
      after: declared({ a: "" }, { earlyRenewalHours: 24 }),
      is: {},
    },
    {
      what: "a set that is destroyed",
      before: reached({ a: "", b: "" }),
      after: undefined,
      is: { a: "remove", b: "remove" },
    },
  ])("$what", ({ before, after, is }) => {
    expect(kinds(before, after)).toEqual(is);
  });

  test("that were not selected are left out, and reported if they differ", () => {
    const before = reached({ "lab-1": "", "lab-2": "", "kit-1": "", "kit-2": "" });
    const after = declared(
      { "lab-1": "tags=x", "lab-2": "", "kit-1": "tags=x" },
      { only: "lab-*, spare-{1..9}" },
    );
    const rows = rowChanges({ before, after });
    expect([...rows.changes.keys()]).toEqual(["lab-1"]);
    expect(rows.leftOut).toEqual(["kit-1", "kit-2"]);
    expect(rows.same).toBe(1);
  });

  test("that are not known yet are no change, and no deletion", () => {
    const rows = rowChanges({ before: reached({ a: "" }), after: declared({ a: UNKNOWN, b: UNKNOWN }) });
    expect(rows.changes.size).toBe(0);
    expect(rows.unknown).toEqual(["a", "b"]);
  });

  test("of a set that is kept remain in the account", () => {
    const rows = rowChanges({
      before: reached({ a: "" }, { inputs: { keepOnDestroy: true } }),
      after: undefined,
    });
    expect(rows.changes.size).toBe(0);
    expect(rows.forgotten).toEqual(["a"]);
  });
});

describe("a retired row", () => {
  const line = "tags=retired retired=30d";
  const retired = (retiredAt: string) =>
    reached({ a: line }, { more: { issuedWith: undefined, ...{ retiredAt } } });

  test("is as declared until its time is over, and is deleted then", () => {
    expect(kinds(retired("2026-11-01T00:00:00Z"), declared({ a: line }))).toEqual({});
    expect(kinds(retired("2026-10-01T00:00:00Z"), declared({ a: line }))).toEqual({ a: "remove" });
    expect(kinds(reached({ a: "" }), declared({ a: line }))).toEqual({ a: "update tags,retired" });
    // What else is declared of it has no effect.
    expect(kinds(retired("2026-11-01T00:00:00Z"), declared({ a: `subType=x ${line}` }))).toEqual({});
  });

  test("that is missing or unknown is not onboarded", () => {
    const { outputs } = retired("2026-10-01T00:00:00Z");
    expect(kinds({ ...state({}, outputs), outputs: { records: gone() } }, declared({ a: line }))).toEqual({});
    expect(kinds(reached({}), declared({ a: line }))).toEqual({});
    expect(kinds({ ...state({}, outputs), outputs: { records: gone() } }, declared({ a: "" }))).toEqual({
      a: "add",
    });
  });

  function gone(): string {
    const times = { retiredAt: "2026-10-01T00:00:00Z", deletedAt: "2026-11-01T00:00:00Z" };
    return packRecords(new Map([["a", { ...EMPTY_RECORD, ...times }]]));
  }
});
