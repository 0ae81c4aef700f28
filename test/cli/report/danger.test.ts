import { describe, expect, it } from "vitest";
import { device, preview, step, type Step } from "../../../tools/picture/preview.mjs";
import { dangersIn, reportFrom, reportOn } from "./reports.js";

const PENDING = { pendingConnect: true };

/** A device whose certificate is issued on these terms. */
function certified(terms: object, more: object = {}): Record<string, unknown> {
  return { deviceId: "lab-1", credential: { ca: "a".repeat(64), ...terms }, ...more };
}

function update(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  differ: string[],
  outputs = {},
): Step {
  return step("Device", "lab-1", "update", {
    before,
    after,
    differ,
    outputs: { certificate: "PEM", validUntil: "2036-01-01T00:00:00Z", ...outputs },
  });
}

describe("what is dangerous", () => {
  it.each<[string, Step, string]>([
    ["a deleted device", device("lab-1", "delete", { before: {} }), "1 device is deleted"],
    [
      "a replaced device",
      device("lab-1", "replace", { before: { subType: "a" }, after: { subType: "b" }, differ: ["subType"] }),
      "1 device is deleted and onboarded anew",
    ],
    [
      "another key",
      update(certified({}), certified({ rotation: "2" }), ["credential.rotation"]),
      "The certificate of 1 device is replaced",
    ],
    [
      "another CA",
      update(certified({}), certified({ ca: "b".repeat(64) }), ["credential.ca"]),
      "The certificate of 1 device is replaced",
    ],
    [
      "a CA that is not known yet",
      update(certified({}), certified({ ca: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }), ["credential.ca"]),
      "The certificate of 1 device is replaced",
    ],
    [
      "a certificate that is hidden as a secret",
      update(certified({ csr: "[secret]" }), certified({ csr: "[secret]" }), ["credential.csr"]),
      "The certificate of 1 device is replaced",
    ],
    [
      "a renewal",
      update(certified({ earlyRenewalHours: 720 }), certified({ earlyRenewalHours: 720 }), [], {
        validUntil: "2020-01-01T00:00:00Z",
      }),
      "The certificate of 1 device is replaced",
    ],
    [
      "what an interrupted run left",
      update(certified({}), certified({}), []),
      "1 device is set right after an interrupted run",
    ],
    [
      "a released claim",
      step("OwnershipClaim", "nrf-1", "delete", { before: { deviceId: "nrf-1" } }),
      "1 claim is released",
    ],
    [
      "a claim that moves to another device",
      step("OwnershipClaim", "nrf-1", "replace", {
        before: { deviceId: "nrf-1" },
        after: { deviceId: "nrf-2" },
        differ: ["deviceId"],
      }),
      "1 claim is released",
    ],
    [
      "a claim given up",
      step("AttestationClaim", "u-1", "delete", { before: { deviceUuid: "u-1", unclaimOnDestroy: true } }),
      "1 attestation claim is given up",
    ],
    [
      "a forgotten CA",
      step("CaCertificate", "ca", "delete", { before: { subject: { commonName: "CA" } } }),
      "1 CA is forgotten",
    ],
    [
      "a replaced CA",
      step("CaCertificate", "ca", "replace", {
        before: { subject: { commonName: "CA" } },
        after: { subject: { commonName: "CB" } },
        differ: ["subject.commonName"],
      }),
      "1 CA is replaced by another key",
    ],
    [
      "a forgotten key",
      step("DeviceCertificate", "c", "delete", {
        before: { deviceId: "f-1" },
        outputs: { privateKey: "[secret]" },
      }),
      "1 device certificate is forgotten with the key",
    ],
    [
      "a reissued certificate",
      step("DeviceCertificate", "c", "update", {
        before: { deviceId: "f-1", validityDays: 30 },
        after: { deviceId: "f-1", validityDays: 31 },
        differ: ["validityDays"],
      }),
      "The certificate of 1 device is replaced",
    ],
    [
      "a retained just-in-time certificate",
      step("JitpCertificate", "c", "delete", {
        before: { deviceId: "nrf-1" },
        state: { retainOnDelete: true },
      }),
      "1 just-in-time certificate is forgotten with the key",
    ],
    [
      "protection by Pulumi that is taken off",
      step("Device", "lab-1", "update", {
        before: certified({}, { tags: ["a"] }),
        after: certified({}),
        differ: ["tags"],
        state: { protect: true },
      }),
      "",
    ],
  ])("%s", (name, one, title) => {
    // The generator gives both states the same options, so that this one is changed by hand.
    if (name.startsWith("protection")) Object.assign(one.newState ?? {}, { protect: false });
    const found = dangersIn(reportOn(one)).map(([said]) => said);
    expect(found).toEqual([title === "" ? "Pulumi's own protection is taken off" : title]);
  });

  it.each<[string, Step]>([
    ["a new device", device("lab-1", "create", { after: {} })],
    [
      "another tag",
      device("lab-1", "update", { before: { tags: ["a"] }, after: { tags: ["b"] }, differ: ["tags[0]"] }),
    ],
    [
      "another window of renewal",
      update(certified({}), certified({ earlyRenewalHours: 1 }), ["credential.earlyRenewalHours"]),
    ],
    [
      "work left over from an earlier run",
      {
        ...update(certified({}), certified({}), []),
        oldState: { ...update(certified({}), certified({}), []).oldState, initErrors: ["half done"] },
      },
    ],
    [
      "a claim that was never made",
      step("OwnershipClaim", "nrf-1", "delete", { before: { deviceId: "nrf-1" }, outputs: PENDING }),
    ],
    [
      "a retained claim",
      step("AttestationClaim", "u-1", "delete", {
        before: { deviceUuid: "u-1" },
        state: { retainOnDelete: true },
      }),
    ],
    [
      "a certificate for a key of the device",
      step("DeviceCertificate", "c", "delete", { before: { deviceId: "f-1", csr: "PEM" } }),
    ],
    ["another provider's", step("aws:s3/bucket:Bucket", "b", "create", { after: { name: "b" } })],
  ])("not: %s", (_, one) => {
    const report = reportOn(one);
    expect(report.dangers).toEqual([]);
    expect(report.changes).toHaveLength(1);
  });

  it("is told for each consequence apart, with all ids", () => {
    const report = reportOn(
      ...["a-1", "a-2", "a-3"].map((id) => device(id, "delete", { before: {} })),
      device("b-1", "replace", { before: { subType: "x" }, after: {}, differ: ["subType"] }),
    );
    expect(dangersIn(report)).toEqual([
      ["3 devices are deleted", ["a-1", "a-2", "a-3"]],
      ["1 device is deleted and onboarded anew", ["b-1"]],
    ]);
  });

  it("counts a replacement once, though the engine may tell it in three steps", () => {
    const replace = device("lab-1", "replace", {
      before: { subType: "a" },
      after: { subType: "b" },
      differ: ["subType"],
    });
    const { newState: _, ...gone } = replace;
    const report = reportOn({ ...gone, op: "delete-replaced", detailedDiff: null }, replace, {
      ...replace,
      op: "create-replacement",
    });
    expect(report.changes).toHaveLength(1);
    expect(dangersIn(report)).toEqual([["1 device is deleted and onboarded anew", ["lab-1"]]]);
  });
});

describe("ends of certificates", () => {
  const soon = "2027-01-22T08:00:00Z";

  it("are told of what stays and of what changes, before and after they are reached", () => {
    const ca = (name: string, op: string, validUntil: string) =>
      step("CaCertificate", name, op, {
        before: { subject: { commonName: name } },
        after: { subject: { commonName: name } },
        outputs: { validUntil },
      });
    const report = reportOn(
      ca("Old CA", "same", soon),
      ca("Dead CA", "same", "2026-11-01T00:00:00Z"),
      ca("New CA", "same", "2036-01-01T00:00:00Z"),
      device("lab-1", "update", {
        before: { tags: ["a"] },
        after: { tags: ["b"] },
        differ: ["tags[0]"],
        validUntil: soon,
      }),
      device("lab-2", "delete", { before: {}, validUntil: soon }),
    );
    expect(dangersIn(report)).toEqual([
      ["1 device is deleted", ["lab-2"]],
      ["1 CA has expired", ["Dead CA"]],
      ["The certificate of 1 device expires soon", ["lab-1"]],
      ["1 CA expires soon", ["Old CA"]],
    ]);
    expect(report.dangers.at(-1)?.consequence).toContain("ends on 2027-01-22");
  });

  it("are not told of certificates that are replaced anyway", () => {
    const report = reportOn(
      update(certified({}), certified({ rotation: "2" }), ["credential.rotation"], { validUntil: soon }),
    );
    expect(dangersIn(report)).toEqual([["The certificate of 1 device is replaced", ["lab-1"]]]);
  });

  it("could not be looked at where the preview does not name what stays", () => {
    expect(reportFrom(preview([], { unchanged: 12 }))).toMatchObject({ unchanged: 12, unseen: 12 });
    const named = preview([device("lab-1", "same", { before: {}, after: {} })], { unchanged: 0 });
    expect(reportFrom(named)).toMatchObject({ unchanged: 1, unseen: 0 });
  });
});

describe("guards", () => {
  const guard = (before: object, after: object, op = "update") =>
    step("FleetGuard", "fleet-guard", op, {
      before: { ...before },
      after: { ...after },
      differ: ["maxDeletes"],
    });

  it.each<[string, object, object, [string, string[]][]]>([
    [
      "a higher limit",
      { maxDeletes: 5 },
      { maxDeletes: 50 },
      [["50 deletes are allowed in one operation, where it was 5", ["fleet-guard"]]],
    ],
    [
      "a limit of another kind",
      { maxDeletes: "5" },
      { maxDeletes: "5%" },
      [["5% deletes are allowed in one operation, where it was 5", ["fleet-guard"]]],
    ],
    [
      "no limit any more",
      { maxDeletes: "5%" },
      {},
      [["Deletes are no longer limited (it was 5% in one operation)", ["fleet-guard"]]],
    ],
    ["a lower limit", { maxDeletes: "5%" }, { maxDeletes: "1%" }, []],
    [
      "an override",
      { maxDeletes: 5 },
      { maxDeletes: 5, allowedDeletes: 40 },
      [["An override allows 40 deletes in this operation", ["fleet-guard"]]],
    ],
    [
      "a group that loses its protection",
      { protected: [{ group: "field", ids: ["f-{1..3}", "g"] }] },
      { protected: [{ group: "field", ids: "f-{1..2}" }] },
      [["Group field is no longer protected", ["f-3", "g"]]],
    ],
    [
      "groups in a map",
      { protected: { field: "f-{1..2}" } },
      {},
      [["Group field is no longer protected", ["f-1", "f-2"]]],
    ],
    ["more protection", {}, { maxDeletes: 5, protected: { field: "f-1" } }, []],
  ])("that change to %s", (_, before, after, dangers) => {
    expect(dangersIn(reportOn(guard(before, after)))).toEqual(dangers);
  });

  it("that go leave nothing guarded, but for a destroy, which the stack's own going tells", () => {
    const { newState: _, ...gone } = guard({ maxDeletes: 5, protected: { field: "f-1" } }, {}, "delete");
    expect(dangersIn(reportOn(gone)).map(([title]) => title)).toEqual([
      "Group field is no longer protected",
      "Deletes are no longer limited (it was 5 in one operation)",
    ]);
  });
});
