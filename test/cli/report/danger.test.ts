import { describe, expect, it } from "vitest";
import {
  device,
  deviceSet,
  preview,
  refreshedSet,
  step,
  type Row,
  type Step,
} from "../../../tools/picture/preview.mjs";
import { dangersIn, reportFrom, reportOn } from "./reports.js";

const CA = { caCertificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" };
const NEXT_CA = { caCertificate: "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n" };
/** What a preview has in place of a text that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** A record of a certificate that was issued with some CA. */
const ISSUED = {
  validUntil: "2036-01-01T00:00:00Z",
  issuedWith: { ca: "0123456789abcdef", validityDays: 3650 },
};

function one(row: Row, inputs: { before?: object; after?: object } = {}): Step {
  return deviceSet({ "lab-1": row }, { before: { ...inputs.before }, after: { ...inputs.after } });
}

describe("what is dangerous in a set", () => {
  it.each<[string, Step, string]>([
    ["a device that leaves", one({ before: "tags=a" }), "1 device will be deleted"],
    [
      "another sub-type",
      one({ before: "subType=a", after: "subType=b" }),
      "1 device will be deleted and onboarded again, because subType changes",
    ],
    [
      "another rotation",
      one({ before: "", after: "generation=2" }),
      "1 device will get a new key and certificate",
    ],
    [
      "another CSR",
      one({ before: `csr=${"a".repeat(32)}`, after: `csr=${"b".repeat(32)}` }),
      "1 device will get another certificate or key",
    ],
    [
      "another CA",
      one({ before: "", after: "", record: ISSUED }, { before: CA, after: NEXT_CA }),
      "1 device will get a certificate of the new CA, for the same key",
    ],
    [
      "a CA that is not known yet",
      one({ before: "", after: "", record: ISSUED }, { before: CA, after: { caCertificate: UNKNOWN } }),
      "1 device will get a certificate of the new CA, for the same key",
    ],
    [
      "a certificate in its time of renewal",
      one(
        { before: "", after: "", record: { validUntil: "2026-12-01T00:00:00Z" } },
        { before: { earlyRenewalHours: 720 }, after: { earlyRenewalHours: 720 } },
      ),
      "1 device will get a renewed certificate, for the same key",
    ],
    ["a just-in-time device that leaves", one({ before: "via=jitp" }), "1 device will be released"],
    ["a claim that is given up", one({ before: "via=attestation unclaim" }), "1 device will be unclaimed"],
    [
      "another way in",
      one({ before: "", after: "via=jitp" }),
      "1 device will be claimed by ownership code instead",
    ],
    [
      "a device that is taken over with a new certificate",
      one({ after: "adopt=recertify" }),
      "1 device will be onboarded, or adopted with a new certificate",
    ],
    [
      "a device that a refresh did not find",
      one({ after: "", record: {} }),
      "1 device that is missing from the account will be created again",
    ],
    [
      "a device that loses its protection",
      one({ before: "protect", after: "" }),
      "1 device will lose its protection",
    ],
  ])("%s", (_, given, title) => {
    const report = reportOn(given);
    expect(dangersIn(report)).toEqual([[title, ["lab-1"]]]);
    expect(report.dangers[0]?.changes.map(({ id }) => id)).toEqual(["lab-1"]);
  });

  it.each<[string, Step]>([
    ["a new device", one({ after: "" })],
    ["another tag", one({ before: "tags=a", after: "tags=b" })],
    ["a claim by token that stays claimed", one({ before: "via=attestation" })],
    ["a claim that was never made", one({ before: "via=jitp", record: { outcome: { kind: "waiting" } } })],
    [
      "a device that somebody else created again",
      one({ before: "", record: { outcome: { kind: "replaced", createdAt: "2026-11-01T00:00:00Z" } } }),
    ],
    ["a device that the API key can't see", one({ before: "", record: { outcome: { kind: "hidden" } } })],
    ["a device that failed before", one({ after: "", failed: "HTTP 400" })],
    ["a device that may come late", one({ after: "", record: { jobId: "j-1" } })],
    ["a line that is not known yet", one({ before: "", after: UNKNOWN })],
    [
      "another CA for a device that was adopted with its own certificate",
      one(
        { before: "tags=a", after: "tags=b", record: { ...ISSUED, outcome: { kind: "adopted" } } },
        { before: CA, after: CA },
      ),
    ],
  ])("not: %s", (_, given) => {
    const report = reportOn(given);
    expect(report.dangers).toEqual([]);
    expect(report.changes.map(({ id }) => id)).toEqual(["lab-1"]);
  });

  it("is reported by consequence, the worst first, with all ids, for several sets together", () => {
    const report = reportOn(
      deviceSet({
        "a-1": { before: "" },
        "b-1": { before: "subType=x", after: "" },
        "k-1": { before: "via=jitp" },
      }),
      deviceSet({ "a-2": { before: "" }, "a-3": { before: "" } }, { name: "other" }),
    );
    expect(dangersIn(report)).toEqual([
      ["3 devices will be deleted", ["a-1", "a-2", "a-3"]],
      ["1 device will be deleted and onboarded again, because subType changes", ["b-1"]],
      ["1 device will be released", ["k-1"]],
    ]);
  });

  it("is reported for both sets if a device moves between them", () => {
    const report = reportOn(
      deviceSet({ "a-1": { before: "" } }),
      deviceSet({ "a-1": { after: "" } }, { name: "other" }),
    );
    expect(dangersIn(report)).toEqual([["1 device will be deleted", ["a-1"]]]);
    expect(report.changes.map(({ id, action }) => `${action} ${id}`)).toEqual(["delete a-1", "create a-1"]);
  });

  it("is nothing where the set is kept, or others only were chosen", () => {
    const kept = deviceSet({ "a-1": { before: "" } }, { op: "delete", before: { keepOnDestroy: true } });
    expect(reportOn(kept).changes.map(({ id, action }) => `${action} ${id}`)).toEqual([
      "forget a-1",
      "delete fleet",
    ]);
    const chosen = reportOn(
      deviceSet(
        { "a-1": { before: "" }, "b-1": { before: "", after: "tags=x" } },
        { after: { only: "b-*" } },
      ),
    );
    expect(dangersIn(chosen)).toEqual([]);
    expect(chosen.leftOut).toEqual(["a-1"]);
  });
});

describe("what a refresh found", () => {
  it("is drift, missing devices, and foreign devices", () => {
    const report = reportOn(
      step("CaCertificate", "ca", "refresh", { before: {}, after: {} }),
      refreshedSet({
        "lab-1": { was: "tags=a", is: "tags=a" },
        "lab-2": { was: "tags=a" },
        "lab-3": { was: "tags=a", is: "tags=a,stray" },
        "lab-4": { was: "", is: "", found: { outcome: { kind: "hidden" } } },
        "kit-1": { was: "via=jitp" },
      }),
    );
    expect(report.operation).toBe("refresh");
    expect(report.changes.map(({ id, action }) => `${action} ${id}`)).toEqual([
      "vanish kit-1",
      "vanish lab-2",
      "drift lab-3",
      "drift lab-4",
    ]);
    expect(dangersIn(report)).toEqual([
      ["1 device is missing from the account", ["lab-2"]],
      ["1 claim is missing from the account", ["kit-1"]],
    ]);
    expect(report.unchangedDevices).toBe(1);
  });
});

describe("what is dangerous in other resources", () => {
  it.each<[string, Step, string]>([
    [
      "a device of its own that leaves",
      device("lab-1", "delete", { before: {} }),
      "1 device will be deleted",
    ],
    [
      "one that becomes another",
      step("Device", "lab-1", "replace", {
        before: { deviceId: "lab-1", credential: {} },
        after: { deviceId: "lab-2", credential: {} },
        outputs: { line: "", revision: 1 },
        differ: ["deviceId"],
      }),
      "1 device will be deleted",
    ],
    [
      "one with another sub-type",
      device("lab-1", "replace", {
        before: { subType: "a" },
        after: { subType: "b" },
        line: "subType=a",
        differ: ["subType"],
      }),
      "1 device will be deleted and onboarded again, because subType changes",
    ],
    [
      "one with another rotation",
      device("lab-1", "update", {
        before: {},
        after: { credential: {}, rotation: { generation: 2 } },
        differ: ["credential"],
      }),
      "1 device will get a new key and certificate",
    ],
    [
      "one with a CSR that is hidden as a secret",
      device("lab-1", "update", {
        before: { credential: { csr: "[secret]" } },
        after: { credential: { csr: "[secret]" } },
        line: `csr=${"a".repeat(32)}`,
        differ: ["credential.csr"],
      }),
      "1 device will get another certificate or key",
    ],
    [
      "a released claim",
      step("OwnershipClaim", "nrf-1", "delete", {
        before: { deviceId: "nrf-1" },
        outputs: { line: "via=jitp", revision: 1 },
      }),
      "1 device will be released",
    ],
    [
      "a forgotten CA",
      step("CaCertificate", "ca", "delete", { before: { subject: { commonName: "CA" } } }),
      "1 CA will be deleted",
    ],
    [
      "a replaced CA",
      step("CaCertificate", "ca", "replace", {
        before: { subject: { commonName: "CA" } },
        after: { subject: { commonName: "CB" } },
        differ: ["subject.commonName"],
      }),
      "1 CA will be replaced by another key",
    ],
    [
      "a forgotten key",
      step("DeviceCertificate", "c", "delete", {
        before: { deviceId: "f-1" },
        outputs: { privateKey: "[secret]" },
      }),
      "1 device certificate will be deleted with the key",
    ],
    [
      "a reissued certificate",
      step("DeviceCertificate", "c", "update", {
        before: { deviceId: "f-1", validityDays: 30 },
        after: { deviceId: "f-1", validityDays: 31 },
        differ: ["validityDays"],
      }),
      "1 device certificate will be issued again for the same key",
    ],
    [
      "a retained just-in-time certificate",
      step("JitpCertificate", "c", "delete", {
        before: { deviceId: "nrf-1" },
        state: { retainOnDelete: true },
      }),
      "1 just-in-time certificate will be deleted with the key",
    ],
  ])("%s", (_, given, title) => {
    expect(dangersIn(reportOn(given)).map(([said]) => said)).toEqual([title]);
  });

  it.each<[string, Step]>([
    ["a new device", device("lab-1", "create", { after: {} })],
    [
      "another tag",
      device("lab-1", "update", {
        before: { tags: ["a"] },
        after: { tags: ["b"] },
        line: "tags=a",
        differ: ["tags[0]"],
      }),
    ],
    [
      "a claim that was never made",
      step("OwnershipClaim", "nrf-1", "delete", {
        before: { deviceId: "nrf-1" },
        outputs: { line: "via=jitp", revision: 1, outcome: { kind: "waiting" }, pendingConnect: true },
      }),
    ],
    [
      "a claim by token that stays claimed",
      step("AttestationClaim", "u-1", "delete", {
        before: { deviceUuid: "u-1" },
        outputs: { line: "via=attestation", revision: 1 },
      }),
    ],
    [
      "a certificate for a key of the device",
      step("DeviceCertificate", "c", "delete", { before: { deviceId: "f-1", csr: "PEM" } }),
    ],
    ["another provider's", step("aws:s3/bucket:Bucket", "b", "create", { after: { name: "b" } })],
  ])("not: %s", (_, given) => {
    const report = reportOn(given);
    expect(report.dangers).toEqual([]);
    expect(report.changes).toHaveLength(1);
  });

  it("counts a replacement once, although the engine may report it in three steps", () => {
    const replace = device("lab-1", "replace", {
      before: { subType: "a" },
      after: { subType: "b" },
      line: "subType=a",
      differ: ["subType"],
    });
    const { newState: _, ...gone } = replace;
    const report = reportOn({ ...gone, op: "delete-replaced", detailedDiff: null }, replace, {
      ...replace,
      op: "create-replacement",
    });
    expect(report.changes).toHaveLength(1);
    expect(dangersIn(report)).toEqual([
      ["1 device will be deleted and onboarded again, because subType changes", ["lab-1"]],
    ]);
  });
});

describe("ends of certificates", () => {
  const soon = "2027-01-22T08:00:00Z";

  it("are reported for unchanged and changed devices, before and after they are reached", () => {
    const ca = (name: string, op: string, validUntil: string) =>
      step("CaCertificate", name, op, {
        before: { subject: { commonName: name } },
        after: { subject: { commonName: name } },
        outputs: { validUntil },
      });
    const ends = { validUntil: soon };
    const report = reportOn(
      ca("Old CA", "same", soon),
      ca("Dead CA", "same", "2026-11-01T00:00:00Z"),
      ca("New CA", "same", "2036-01-01T00:00:00Z"),
      deviceSet({
        "lab-1": { before: "tags=a", after: "tags=b", record: ends },
        "lab-2": { before: "", record: ends },
        "lab-3": { before: "", after: "", record: ends },
        "lab-4": { before: "", after: "generation=2", record: ends },
        "lab-5": { before: "", after: "" },
        "kit-1": { before: "via=jitp credential=issued", after: "via=jitp credential=issued", record: ends },
      }),
    );
    expect(dangersIn(report)).toEqual([
      ["1 device will be deleted", ["lab-2"]],
      ["1 device will get a new key and certificate", ["lab-4"]],
      ["1 CA has expired", ["Dead CA"]],
      ["The certificates of 2 devices will expire soon", ["lab-1", "lab-3"]],
      ["1 CA will expire soon", ["Old CA"]],
      ["The certificate of 1 just-in-time device will expire soon", ["kit-1"]],
    ]);
    expect(report.dangers[3]?.consequence).toContain("ends on 2027-01-22");
  });

  it("are reported for an unchanged set that the preview names", () => {
    const report = reportOn(
      deviceSet({ "lab-1": { before: "", after: "", record: { validUntil: soon } } }, { op: "same" }),
    );
    expect(dangersIn(report)).toEqual([["The certificate of 1 device will expire soon", ["lab-1"]]]);
    expect(report).toMatchObject({ changes: [], unchangedDevices: 1 });
  });

  it("can't be checked if the preview does not name unchanged resources", () => {
    expect(reportFrom(preview([], { unchanged: 12 }))).toMatchObject({ unchanged: 12, unseen: 12 });
    const named = preview([deviceSet({ "lab-1": { before: "", after: "" } }, { op: "same" })], {
      unchanged: 0,
    });
    expect(reportFrom(named)).toMatchObject({ unchanged: 1, unseen: 0 });
  });
});

describe("guards", () => {
  const guard = (before: object, after: object) =>
    deviceSet({ "lab-1": { before: "", after: "" } }, { before: { ...before }, after: { ...after } });

  it.each<[string, object, object, string | undefined]>([
    [
      "a higher limit",
      { maxDeletes: "5" },
      { maxDeletes: "50" },
      "The limit of 5 deletes in one operation will become 50",
    ],
    [
      "a limit of another kind",
      { maxDeletes: "5" },
      { maxDeletes: "5%" },
      "The limit of 5 deletes in one operation will become 5%",
    ],
    ["no limit any more", { maxDeletes: "5%" }, {}, "The limit of 5% deletes in one operation will end"],
    ["a lower limit", { maxDeletes: "5%" }, { maxDeletes: "1%" }, undefined],
    ["a limit where there was none", {}, { maxDeletes: "5" }, undefined],
    [
      "a longer validity",
      { policy: "maxValidity=2y" },
      { policy: "maxValidity=3y" },
      "The rule for certificates `maxValidity: 2y` will become 3y",
    ],
    [
      "certificates that end sooner",
      { policy: "minRemaining=90d" },
      { policy: "minRemaining=30d" },
      "The rule for certificates `minRemaining: 90d` will become 30d",
    ],
    [
      "no rule for keys",
      { policy: "keyReuse=false" },
      {},
      "The rule for certificates `keyReuse: false` will end",
    ],
    ["stricter rules", { policy: "maxValidity=2y" }, { policy: "maxValidity=1y keyReuse=false" }, undefined],
    [
      "no devices that stay after all",
      { keepOnDestroy: true },
      {},
      "Devices will no longer be kept in the account when their set is destroyed",
    ],
  ])("that change to %s", (_, before, after, title) => {
    expect(dangersIn(reportOn(guard(before, after)))).toEqual(
      title === undefined ? [] : [[title, ["fleet"]]],
    );
  });

  it("by Pulumi that are removed", () => {
    const set = deviceSet({ "lab-1": { before: "", after: "tags=x" } }, { state: { protect: true } });
    // The generator gives both states the same options.
    Object.assign(set.newState ?? {}, { protect: false });
    const report = reportOn(set);
    expect(dangersIn(report)).toEqual([["Pulumi's own protection will be removed", ["fleet"]]]);
    expect(report.changes.map(({ id }) => id)).toEqual(["fleet", "lab-1"]);
  });

  it("that go with their set leave nothing guarded, but for a destroy, which the stack's own going tells", () => {
    const gone = deviceSet({ "lab-1": { before: "" } }, { op: "delete", before: { maxDeletes: "5" } });
    expect(dangersIn(reportOn(gone)).map(([title]) => title)).toEqual([
      "1 device will be deleted",
      "The limit of 5 deletes in one operation will end",
    ]);
  });
});

it("does not say that a key is lost with its CA where a signer has it", () => {
  const signer = { command: ["./sign.sh"] };
  const ca = { before: { certificate: "PEM", signer }, after: { certificate: "OTHER", signer } };
  const consequenceOf = (op: "delete" | "replace") => {
    const { before, after } = ca;
    return reportOn(
      step("CaCertificate", "ca", op, op === "delete" ? { before } : { before, after }),
    ).dangers.map(({ consequence }) => consequence);
  };
  expect(consequenceOf("delete")).toEqual([
    "The signer keeps the private key. Certificates that it signed remain valid until they end.",
  ]);
  expect(consequenceOf("replace").join()).toContain("The signer keeps the old private key.");
});
