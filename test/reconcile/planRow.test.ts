import { describe, expect, it } from "vitest";
import { NO_TABLE_CHANGE } from "../../provider/reconcile/plan/change.js";
import * as finding from "../../provider/reconcile/plan/finding.js";
import { asRetired, retirementOf } from "../../provider/reconcile/plan/retirement.js";
import { planRow } from "../../provider/reconcile/plan/planRow.js";
import type { KeptCredential, RotationRecord, RowRecord } from "../../provider/reconcile/table/record.js";
import { parseRow } from "../../provider/reconcile/table/parseRow.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import type { Renewal, RowSituation, Seen, Unfinished } from "../../provider/reconcile/plan/situation.js";

/** The machine, case by case: what is declared, recorded, seen in the account and left in the redo log, and what follows. */

const T1 = "2026-01-01T00:00:00.000Z";
const T2 = "2026-02-02T00:00:00.000Z";
const FP = "0123456789abcdef0123456789abcdef";

function row(line: string): Row {
  const parsed = parseRow(line);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.row;
}

function recorded(line: string | undefined, more: Partial<RowRecord> = {}): RowRecord {
  return {
    row: line === undefined ? undefined : row(line),
    createdAt: line === undefined ? undefined : T1,
    certificate: "C1",
    privateKey: "K1",
    validUntil: "2036-01-01T00:00:00Z",
    jobId: undefined,
    keepsName: false,
    outcome: { kind: "done" },
    ...more,
  };
}

const there = (more: Partial<Seen & { kind: "present" }> = {}): Seen => ({
  kind: "present",
  name: undefined,
  subType: undefined,
  tags: [],
  createdAt: T1,
  ...more,
});
const absent: Seen = { kind: "absent" };
const hidden: Seen = { kind: "hidden" };

function logged(
  verdict: Unfinished["verdict"],
  line: string | undefined,
  ...steps: Unfinished["steps"]
): Unfinished {
  return {
    row: line === undefined ? undefined : row(line),
    verdict,
    steps,
    credential: { fingerprint: FP, certificate: "C-log", privateKey: "K-log" },
  };
}

const kept = (generation: number, order = "issue"): KeptCredential => ({
  generation,
  order,
  certificate: `C${generation}`,
  privateKey: `K${generation}`,
  validUntil: "2036-01-01T00:00:00Z",
  issuedWith: undefined,
});

/** What an interrupted run left that created a missing device again, with a certificate of the state. */
function putBack(certificate: string, line: string, ...steps: Unfinished["steps"]): Unfinished {
  return {
    ...logged("ours", line, ...steps),
    credential: { fingerprint: FP, certificate, privateKey: undefined },
  };
}

const LOGGED_NEXT = { fingerprint: FP, certificate: "C-next", privateKey: "K-next" };

/** A row in whose rotation the account has this generation. */
function turned(line: string, generation: number, more: Partial<RotationRecord> = {}): RowRecord {
  const order = line.startsWith("via=attestation") ? "device" : "issue";
  return recorded(line, { rotation: { generation, order, at: T1, ...more } });
}

interface Case {
  readonly declared?: string;
  readonly recorded?: RowRecord;
  readonly seen?: Seen;
  readonly log?: Unfinished;
  readonly renewal?: Renewal;
  readonly ca?: true;
  readonly due?: true;
  /** Days since the epoch of the tests, 2026-01-01. */
  readonly day?: number;
  /** `kind` or `kind(credential)` of each step, then what is recorded. */
  readonly then: string;
  readonly findings?: readonly string[];
  readonly change?: string;
}

function plan({ declared: line, recorded: record, seen, log, renewal, ca, due, day = 0 }: Case) {
  const declared = line === undefined ? undefined : asRetired(record?.row, row(line));
  const now = new Date(Date.parse(T1) + day * 86_400_000);
  const situation: RowSituation = {
    id: "d-1",
    declared,
    record,
    seen,
    log,
    renewal,
    table: ca === true ? { ca: true, validity: false } : NO_TABLE_CHANGE,
    renewalDue: due === true,
    retirement: retirementOf(record, declared, now),
  };
  return planRow(situation);
}

const CONFIG = String.raw`config="{\"interval\":60}"`;
const shadow = (desired: Readonly<Record<string, unknown>>) => there({ shadow: { kind: "read", desired } });

const cases: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  "a configuration": {
    "is set where another stands": {
      declared: CONFIG,
      recorded: recorded(""),
      seen: shadow({ interval: 600, theirs: 1 }),
      then: "configure → declared",
      change: "update",
    },
    "that was read as it is declared is set all the same where it differs from the state": {
      declared: CONFIG,
      recorded: recorded(""),
      seen: shadow({ interval: 60 }),
      then: "configure → declared",
      change: "update",
    },
    "that drifted is set again": {
      declared: CONFIG,
      recorded: recorded(String.raw`config="{\"interval\":5}"`),
      seen: shadow({ interval: 5 }),
      then: "configure → declared",
      change: "update",
    },
    "is set without a look": {
      declared: CONFIG,
      recorded: recorded(""),
      then: "configure → declared",
      change: "update",
    },
    "that is as declared is left as it is": {
      declared: CONFIG,
      recorded: recorded(CONFIG),
      seen: shadow({ interval: 60 }),
      then: "→ as it was",
      change: "same",
    },
    "that is declared no more is removed": {
      declared: "",
      recorded: recorded(CONFIG),
      seen: shadow({ interval: 60, theirs: 1 }),
      then: "configure → declared",
      change: "update",
    },
    "of an interrupted run is set again": {
      declared: CONFIG,
      recorded: recorded(CONFIG),
      seen: shadow({ interval: 60 }),
      log: logged("foreign", CONFIG, "configure"),
      then: "configure → declared",
      change: "same",
    },
    "that an interrupted run set, and that is declared no more, is removed": {
      declared: "",
      recorded: recorded(""),
      seen: shadow({ interval: 60 }),
      log: logged("foreign", CONFIG, "configure"),
      then: "configure → declared",
      change: "same",
    },
    "of a claimed device waits until nRF Cloud has onboarded it": {
      declared: `via=attestation ${CONFIG}`,
      recorded: recorded("via=attestation"),
      seen: there({ shadow: { kind: "not yet" } }),
      then: "→ as it was",
      change: "same",
      findings: [finding.CONFIG_LATER],
    },
    "of a claimed device is set once nRF Cloud has onboarded it": {
      declared: `via=attestation ${CONFIG}`,
      recorded: recorded("via=attestation"),
      seen: shadow({}),
      then: "configure → declared",
      change: "update",
    },
    "of an adopted device is set": {
      declared: `adopt=keep credential=existing ${CONFIG}`,
      seen: shadow({ interval: 600 }),
      then: "configure → declared adopted",
      findings: [finding.ADOPTED],
    },
    "that a shadow has no room for is refused": {
      declared: CONFIG,
      recorded: recorded(""),
      seen: shadow({ theirs: "x".repeat(8200) }),
      then: "configure → declared",
      findings: [finding.SHADOW_FULL],
    },
  },
  "a row that comes": {
    "is onboarded": { declared: "tags=a", seen: absent, then: "onboard(new) → declared", change: "add" },
    "is onboarded and named": {
      declared: 'name="Kit 1"',
      seen: absent,
      then: "onboard(new) rename → declared",
    },
    "is onboarded with what it brings": {
      declared: `certificate=${FP}`,
      seen: absent,
      then: "onboard(brought) → declared",
    },
    "is planned without a look": { declared: "", then: "onboard(new) → declared" },
    "is claimed by its code": { declared: "via=jitp", seen: absent, then: "associate → declared" },
    "gets a certificate of nRF Cloud first": {
      declared: "via=jitp credential=issued",
      seen: absent,
      then: "issue associate → declared",
    },
    "is claimed by its token": { declared: "via=attestation", seen: absent, then: "claim → declared" },
    "is refused where somebody else has it": {
      declared: "",
      seen: there(),
      then: "→ declared",
      findings: [finding.TAKEN],
    },
    "is adopted as it is": {
      declared: "adopt=keep credential=existing tags=a",
      seen: there({ tags: ["b"] }),
      then: "retag → declared adopted",
      findings: [finding.ADOPTED],
    },
    "is adopted with the certificate that it has, whatever is declared": {
      declared: `adopt=keep certificate=${FP}`,
      seen: there(),
      then: "→ declared adopted",
      findings: [finding.ADOPTED_OTHER],
    },
    "keeps its name when it is adopted": {
      declared: "adopt=keep",
      seen: there({ name: "Old" }),
      then: "→ declared adopted",
      findings: [finding.ADOPTED],
    },
    "is adopted with a new certificate": {
      declared: "adopt=recertify",
      seen: there(),
      then: "register(new) → declared",
    },
    "is adopted with the certificate that an interrupted run made for it": {
      declared: "adopt=recertify",
      seen: there(),
      log: logged("foreign", "adopt=recertify", "register"),
      then: "register(logged) → declared",
      findings: [finding.RESUMED],
    },
    "is adopted with another certificate than the interrupted run's where another is declared": {
      declared: "adopt=recertify generation=2",
      seen: there(),
      log: logged("foreign", "adopt=recertify", "register"),
      then: "register(new) → declared",
    },
    "can't be adopted with another sub-type": {
      declared: "adopt=keep subType=x",
      seen: there({ subType: "y" }),
      then: "→ declared adopted",
      findings: [finding.OTHER_SUB_TYPE("y", "x")],
    },
    "can't be adopted where it is not": {
      declared: "adopt=keep credential=existing",
      seen: absent,
      then: "→ declared adopted",
      findings: [finding.NOT_THERE],
    },
  },
  "a row that an interrupted run began": {
    "is onboarded with the key that the run made": {
      declared: "tags=a",
      seen: absent,
      log: logged("foreign", "tags=a", "onboard"),
      then: "onboard(logged) → declared",
    },
    "gets another key where another is declared by now": {
      declared: "generation=2",
      seen: absent,
      log: logged("foreign", "", "onboard"),
      then: "onboard(new) → declared",
    },
    "is recorded where the run brought it": {
      declared: "tags=a",
      seen: there({ tags: ["a"] }),
      log: logged("ours", "tags=a", "onboard"),
      then: "→ logged",
      findings: [finding.RESUMED],
    },
    "gets the tags of today": {
      declared: "tags=b",
      seen: there({ tags: ["a"] }),
      log: logged("ours", "tags=a", "onboard"),
      then: "retag → logged",
      findings: [finding.RESUMED],
    },
    "is replaced where its sub-type changed since": {
      declared: "subType=y",
      seen: there({ subType: "x" }),
      log: logged("ours", "subType=x", "onboard"),
      then: "delete onboard(new) → declared",
      findings: [finding.RESUMED],
    },
    "is waited for while the job of the run goes on": {
      declared: "",
      seen: there(),
      log: logged("running", "", "onboard"),
      then: "→ as it was",
      findings: [finding.UNDER_WAY],
    },
    "is somebody else's where nothing proves it": {
      declared: "",
      seen: there(),
      log: logged("doubt", "", "onboard"),
      then: "→ declared",
      findings: [`${finding.TAKEN}\n${finding.DOUBT}`],
    },
    "is somebody else's where they were faster": {
      declared: "",
      seen: there({ createdAt: T2 }),
      log: logged("foreign", "", "onboard"),
      then: "→ declared",
      findings: [finding.TAKEN],
    },
    "is deleted where nothing declares it any more": {
      seen: there(),
      log: logged("ours", "", "onboard"),
      then: "delete → nothing",
      findings: [finding.ORPHANS],
    },
    "is left where it may be somebody else's": {
      seen: there(),
      log: logged("doubt", "", "onboard"),
      then: "→ as it was",
      findings: [finding.DOUBT],
    },
    "is left where it is somebody else's": {
      seen: there({ createdAt: T2 }),
      log: logged("foreign", "", "onboard"),
      then: "→ as it was",
    },
    "came late, with the key that the state kept": {
      declared: "",
      recorded: recorded(undefined, { outcome: { kind: "failed", reason: "late" }, jobId: "J" }),
      seen: there(),
      log: logged("ours", "", "onboard"),
      then: "→ logged",
      findings: [finding.RESUMED],
    },
    "never came, and is onboarded with the key that the state kept": {
      declared: "",
      recorded: recorded(undefined, { outcome: { kind: "failed", reason: "late" }, jobId: "J" }),
      seen: absent,
      then: "onboard(recorded) → declared",
    },
    "is associated again": {
      declared: "via=jitp",
      seen: there(),
      log: logged("ours", "via=jitp", "associate"),
      then: "associate → logged",
      findings: [finding.RESUMED],
    },
  },
  "a row that stays": {
    "is the same": {
      declared: "tags=a,b",
      recorded: recorded("tags=b,a"),
      then: "→ as it was",
      change: "same",
    },
    "gets other tags": {
      declared: "tags=b",
      recorded: recorded("tags=a"),
      seen: there({ tags: ["a"] }),
      then: "retag → declared",
    },
    "gets other tags though a list that lags shows them": {
      declared: "tags=b",
      recorded: recorded("tags=a"),
      seen: there({ tags: ["b"] }),
      then: "retag → declared",
    },
    "gets another name": {
      declared: "name=n",
      recorded: recorded(""),
      seen: there(),
      then: "rename → declared",
    },
    "loses its name": {
      declared: "",
      recorded: recorded("name=n"),
      seen: there({ name: "n" }),
      then: "rename → declared",
    },
    "is deleted and onboarded for another sub-type": {
      declared: "subType=b",
      recorded: recorded("subType=a"),
      seen: there({ subType: "a" }),
      then: "delete onboard(new) → declared",
      change: "replace",
    },
    "gets another key": {
      declared: "generation=2",
      recorded: recorded(""),
      seen: there(),
      then: "register(new) → declared",
    },
    "gets a certificate of the new CA for its key": {
      declared: "",
      recorded: recorded(""),
      seen: there(),
      ca: true,
      then: "register(same key) → declared",
    },
    "gets a renewed certificate for its key": {
      declared: "",
      recorded: recorded(""),
      seen: there(),
      due: true,
      then: "register(same key) → declared",
    },
    "keeps the certificate that it was adopted with": {
      declared: "adopt=keep",
      recorded: recorded("adopt=keep", {
        outcome: { kind: "adopted" },
        certificate: undefined,
        privateKey: undefined,
      }),
      seen: there(),
      ca: true,
      then: "→ declared adopted",
    },
    "gets a certificate where it is to be recertified": {
      declared: "adopt=recertify",
      recorded: recorded("adopt=keep", {
        outcome: { kind: "adopted" },
        certificate: undefined,
        privateKey: undefined,
      }),
      seen: there(),
      then: "register(new) → declared",
    },
    "is onboarded again with its key where it is gone": {
      declared: "tags=b",
      recorded: recorded("tags=a"),
      seen: absent,
      then: "onboard(recorded) → declared",
      findings: [finding.MISSING],
    },
    "gets a key where it is gone, and asks for one besides what a device can't change": {
      declared: "firmware=APP",
      recorded: recorded(`csr=${FP}`),
      seen: absent,
      then: "onboard(new) → declared",
      findings: [finding.MISSING],
    },
    "is onboarded again with its key and a certificate of the new CA where it is gone": {
      declared: "",
      recorded: recorded(""),
      seen: absent,
      ca: true,
      then: "onboard(same key) → declared",
      findings: [finding.MISSING_RENEWED],
    },
    "is left where the key can't see it": {
      declared: "tags=b",
      recorded: recorded("tags=a"),
      seen: hidden,
      then: "→ as it was hidden",
      findings: [finding.HIDDEN],
    },
    "is left where somebody created it again": {
      declared: "tags=b",
      recorded: recorded("tags=a"),
      seen: there({ createdAt: T2 }),
      then: "→ as it was replaced",
      findings: [finding.REPLACED],
    },
    "is adopted where somebody created it again and that is declared": {
      declared: "adopt=keep",
      recorded: recorded(""),
      seen: there({ createdAt: T2 }),
      then: "→ declared adopted",
      findings: [finding.ADOPTED],
    },
    "goes on waiting for its first connect": {
      declared: "via=jitp pending=allow",
      recorded: recorded("via=jitp pending=allow", { outcome: { kind: "waiting" }, createdAt: undefined }),
      seen: absent,
      then: "associate → declared",
    },
    "comes by another way": {
      declared: "via=jitp",
      recorded: recorded(""),
      seen: there(),
      then: "→ declared",
    },
    "gets a certificate of its own": {
      declared: "",
      recorded: recorded("via=jitp"),
      seen: there(),
      then: "register(new) → declared",
    },
    "is claimed by token besides": {
      declared: "via=attestation",
      recorded: recorded(""),
      seen: absent,
      then: "claim → declared",
    },
  },
  "a row that an interrupted run was changing": {
    "is registered again with what the run made": {
      declared: "generation=2",
      recorded: recorded(""),
      seen: there(),
      log: logged("foreign", "generation=2", "register"),
      then: "register(logged) → logged",
      findings: [finding.RESUMED],
    },
    "is registered again with what the state has, where the change was taken back": {
      declared: "",
      recorded: recorded(""),
      seen: there(),
      log: logged("foreign", "generation=2", "register"),
      then: "register(recorded) → declared",
      findings: [finding.RESTORED],
    },
    "gets its tags again": {
      declared: "tags=a",
      recorded: recorded("tags=a"),
      seen: there({ tags: ["a"] }),
      log: logged("foreign", "tags=b", "retag"),
      then: "retag → declared",
    },
    "was replaced already": {
      declared: "subType=b",
      recorded: recorded("subType=a"),
      seen: there({ subType: "b", createdAt: T2 }),
      log: logged("ours", "subType=b", "delete", "onboard"),
      then: "→ logged",
      findings: [finding.RESUMED],
    },
    "was deleted for a replacement": {
      declared: "subType=b",
      recorded: recorded("subType=a"),
      seen: absent,
      log: logged("foreign", "subType=b", "delete", "onboard"),
      then: "onboard(logged) → declared",
      findings: [finding.MISSING],
    },
  },
  "a rotation": {
    "makes the next credential, and registers nothing": {
      declared: "generation=2 phase=issue",
      recorded: recorded(""),
      seen: there(),
      then: "next(new) → declared",
      change: "update",
    },
    "has nothing more to do in its first phase, whatever CA is declared": {
      declared: "generation=2 phase=issue",
      recorded: turned("generation=2 phase=issue", 1, { next: kept(2) }),
      seen: there(),
      ca: true,
      due: true,
      then: "→ as it was",
      change: "same",
    },
    "uses the next credential that an interrupted run made": {
      declared: "generation=2 phase=issue",
      recorded: recorded(""),
      seen: there(),
      log: {
        ...logged("foreign", "generation=2 phase=issue", "next"),
        next: LOGGED_NEXT,
      },
      then: "next(logged) → declared",
    },
    "registers the next credential": {
      declared: "generation=2",
      recorded: turned("generation=2 phase=issue", 1, { next: kept(2) }),
      seen: there(),
      then: "register(next) → declared",
    },
    "registers the next credential again where a run was interrupted": {
      declared: "generation=2",
      recorded: turned("generation=2 phase=issue", 1, { next: kept(2) }),
      seen: there(),
      log: logged("foreign", "generation=2", "register"),
      then: "register(next) → declared",
    },
    "whose activation was interrupted and taken back registers what the state has": {
      declared: "generation=2 phase=issue",
      recorded: turned("generation=2 phase=issue", 1, { next: kept(2) }),
      seen: there(),
      log: logged("foreign", "generation=2", "register"),
      then: "register(recorded) → declared",
      findings: [finding.RESTORED],
    },
    "goes back to what is kept": {
      declared: "",
      recorded: turned("generation=2", 2, { previous: kept(1) }),
      seen: there(),
      then: "register(previous) → declared",
    },
    "goes on again to what is kept": {
      declared: "generation=2",
      recorded: turned("", 1, { next: kept(2) }),
      seen: there(),
      then: "register(next) → declared",
    },
    "drops what is kept": {
      declared: "generation=2 phase=done",
      recorded: turned("generation=2", 2, { previous: kept(1) }),
      seen: there(),
      then: "→ declared",
      change: "update",
    },
    "can't go back to what was dropped": {
      declared: "",
      recorded: turned("generation=2 phase=done", 2),
      seen: there(),
      then: "→ declared",
      findings: [finding.LOST_GENERATION],
    },
    "is made in one step where nothing was issued before": {
      declared: "generation=3",
      recorded: turned("generation=2", 2, { previous: kept(1) }),
      seen: there(),
      then: "register(new) → declared",
    },
    "makes another next credential for another CSR": {
      declared: `csr=${FP} generation=2 phase=issue`,
      recorded: turned("generation=2 phase=issue", 1, { next: kept(2) }),
      seen: there(),
      then: "next(new) → declared",
    },
    "needs a later generation for another CSR": {
      declared: `csr=${FP} phase=issue`,
      recorded: recorded(""),
      seen: there(),
      then: "→ declared",
      findings: [finding.SAME_GENERATION],
    },
    "is made of a device that was adopted as it is": {
      declared: "adopt=keep generation=2 phase=issue",
      recorded: recorded("adopt=keep", { certificate: undefined, outcome: { kind: "adopted" } }),
      seen: there(),
      then: "next(new) → declared adopted",
    },
    "puts a device that is gone back with the generation that the account had": {
      declared: "generation=2 phase=issue",
      recorded: turned("generation=2 phase=issue", 1, { next: kept(2) }),
      seen: absent,
      then: "onboard(recorded) → declared",
      findings: [finding.MISSING],
    },
    "puts a device that is gone back with the next one, where that is activated": {
      declared: "generation=2",
      recorded: turned("generation=2 phase=issue", 1, { next: kept(2) }),
      seen: absent,
      then: "onboard(next) → declared",
      findings: [finding.MISSING],
    },
    "puts a device that is gone back with the key that it has in the first phase, whatever CA is declared": {
      declared: `csr=${FP} generation=2 phase=issue`,
      recorded: turned(`csr=${FP} generation=2 phase=issue`, 1, { next: kept(2, `csr ${FP}`) }),
      seen: absent,
      ca: true,
      then: "onboard(recorded) → declared",
      findings: [finding.MISSING],
    },
    "of a device that an interrupted run put back with the recorded key goes on from the generation of that key":
      {
        declared: "generation=2 phase=issue",
        recorded: recorded(""),
        seen: there({ createdAt: T2 }),
        log: { ...putBack("C1", "generation=2 phase=issue", "onboard", "next"), next: LOGGED_NEXT },
        then: "next(logged) → logged",
        findings: [finding.RESUMED],
      },
    "of a device that an interrupted run put back makes a next key where that run did not come so far": {
      declared: "generation=2 phase=issue",
      recorded: recorded(""),
      seen: there({ createdAt: T2 }),
      log: putBack("C1", "generation=2 phase=issue", "onboard"),
      then: "next(new) → logged",
      findings: [finding.RESUMED],
    },
    "of a device that an interrupted run could not put back makes a next key": {
      declared: "generation=2 phase=issue",
      recorded: recorded(""),
      seen: absent,
      log: { ...putBack("C1", "generation=2 phase=issue", "onboard"), verdict: "foreign" },
      then: "onboard(logged) next(new) → declared",
      findings: [finding.MISSING],
    },
    "of a device that an interrupted run put back registers the next one, where that is activated": {
      declared: "generation=2",
      recorded: turned("generation=2 phase=issue", 1, { next: kept(2) }),
      seen: there({ createdAt: T2 }),
      log: putBack("C1", "generation=2 phase=issue", "onboard"),
      then: "register(next) → logged",
      findings: [finding.RESUMED],
    },
    "of a device that an interrupted run put back with the next one has nothing more to do": {
      declared: "generation=2",
      recorded: turned("generation=2 phase=issue", 1, { next: kept(2) }),
      seen: there({ createdAt: T2 }),
      log: putBack("C2", "generation=2", "onboard"),
      then: "→ logged",
      findings: [finding.RESUMED],
    },
    "orders a claimed device to make a key": {
      declared: "via=attestation generation=2",
      recorded: recorded("via=attestation"),
      seen: there(),
      then: "renew → declared renewing",
    },
    "does not order what it has ordered": {
      declared: "via=attestation generation=2",
      recorded: {
        ...turned("via=attestation generation=2", 1, { ordered: { command: "c-1", generation: 2 } }),
        outcome: { kind: "renewing" },
      },
      seen: there(),
      renewal: { kind: "waiting", command: "c-1", generation: 2 },
      then: "→ as it was renewing",
      findings: [finding.RENEWING],
    },
    "is done when the claimed device has made its key": {
      declared: "via=attestation generation=2",
      recorded: {
        ...turned("via=attestation generation=2", 1, { ordered: { command: "c-1", generation: 2 } }),
        outcome: { kind: "renewing" },
      },
      seen: there(),
      renewal: { kind: "done", command: "c-1", generation: 2 },
      then: "→ declared",
      findings: [finding.RENEWED],
    },
    "orders again what the claimed device could not do": {
      declared: "via=attestation generation=2",
      recorded: {
        ...turned("via=attestation generation=2", 1, { ordered: { command: "c-1", generation: 2 } }),
        outcome: { kind: "renewing" },
      },
      seen: there(),
      renewal: { kind: "failed", command: "c-1", generation: 2, reason: "no." },
      then: "renew → declared renewing",
      findings: [finding.RENEWAL_FAILED("no.")],
    },
    "does not order again what an interrupted run may have ordered": {
      declared: "via=attestation generation=2",
      recorded: recorded("via=attestation"),
      seen: there(),
      log: logged("foreign", "via=attestation generation=2", "renew"),
      renewal: { kind: "doubt", command: "", generation: 2 },
      then: "→ declared renewing",
      findings: [finding.RENEWAL_IN_DOUBT],
    },
    "does not order a claimed device in its first phase": {
      declared: "via=attestation generation=2 phase=issue",
      recorded: recorded("via=attestation"),
      seen: there(),
      then: "→ declared",
    },
    "does not take a claimed device back": {
      declared: "via=attestation",
      recorded: turned("via=attestation generation=2", 2),
      seen: there(),
      then: "→ declared",
      findings: [finding.LATER_GENERATION],
    },
  },
  "a row that leaves": {
    "is deleted": { recorded: recorded(""), seen: there(), then: "delete → nothing", change: "remove" },
    "is released": { recorded: recorded("via=jitp"), seen: there(), then: "dissociate → nothing" },
    "stays claimed": { recorded: recorded("via=attestation"), seen: there(), then: "→ nothing" },
    "is unclaimed": {
      recorded: recorded("via=attestation unclaim"),
      seen: there(),
      then: "unclaim → nothing",
    },
    "is gone already": { recorded: recorded(""), seen: absent, then: "→ nothing" },
    "is kept where the key can't see it": {
      recorded: recorded(""),
      seen: hidden,
      then: "→ as it was hidden",
      findings: [finding.HIDDEN],
    },
    "is left to somebody who created it again": {
      recorded: recorded(""),
      seen: there({ createdAt: T2 }),
      then: "→ nothing",
      findings: [finding.REPLACED],
    },
    "was never claimed": {
      recorded: recorded("via=jitp", { outcome: { kind: "waiting" }, createdAt: undefined }),
      seen: there(),
      then: "→ nothing",
    },
    "never came": {
      recorded: recorded(undefined, { outcome: { kind: "failed", reason: "refused" } }),
      seen: there(),
      then: "→ nothing",
    },
  },
};

const RETIRED = "tags=retired retired=30d";
const retired = recorded(RETIRED, { retiredAt: T1 });
const deleted = recorded(undefined, {
  certificate: undefined,
  privateKey: undefined,
  retiredAt: T1,
  deletedAt: T2,
});
const retirements: Readonly<Record<string, Case>> = {
  "gets its tag": {
    declared: RETIRED,
    recorded: recorded(""),
    seen: there(),
    then: "retag → declared",
    change: "update",
  },
  "is kept until its time is over": {
    declared: RETIRED,
    recorded: retired,
    seen: there({ tags: ["retired"] }),
    day: 29,
    then: "→ as it was",
  },
  "is deleted then": {
    declared: RETIRED,
    recorded: retired,
    seen: there({ tags: ["retired"] }),
    day: 30,
    then: "delete → retired",
    findings: [finding.RETIRED_OVER],
    change: "remove",
  },
  "is planned without a look": {
    declared: RETIRED,
    recorded: retired,
    day: 30,
    then: "→ retired",
    findings: [finding.RETIRED_OVER],
    change: "remove",
  },
  "is released where it was claimed by its code": {
    declared: `via=jitp ${RETIRED}`,
    recorded: recorded(`via=jitp ${RETIRED}`, { retiredAt: T1 }),
    seen: there({ tags: ["retired"] }),
    day: 31,
    then: "dissociate → retired",
    findings: [finding.RETIRED_OVER],
  },
  "is unclaimed where that is declared": {
    declared: `via=attestation unclaim ${RETIRED}`,
    recorded: recorded(`via=attestation unclaim ${RETIRED}`, { retiredAt: T1 }),
    seen: there({ tags: ["retired"] }),
    day: 31,
    then: "unclaim → retired",
    findings: [finding.RETIRED_OVER],
  },
  "keeps its claim otherwise": {
    declared: `via=attestation ${RETIRED}`,
    recorded: recorded(`via=attestation ${RETIRED}`, { retiredAt: T1 }),
    seen: there({ tags: ["retired"] }),
    day: 31,
    then: "→ as it was",
  },
  "is not deleted where somebody else created it again": {
    declared: RETIRED,
    recorded: retired,
    seen: there({ createdAt: T2 }),
    day: 31,
    then: "→ as it was replaced",
    findings: [finding.REPLACED],
  },
  "is kept where the key can't see it": {
    declared: RETIRED,
    recorded: retired,
    seen: hidden,
    day: 31,
    then: "→ as it was hidden",
    findings: [finding.HIDDEN],
  },
  "is recorded as deleted where it is gone": {
    declared: RETIRED,
    recorded: retired,
    seen: absent,
    day: 3,
    then: "→ retired",
    findings: [finding.RETIRED_MISSING],
  },
  "is not onboarded again once it was deleted": {
    declared: RETIRED,
    recorded: deleted,
    seen: absent,
    then: "→ as it was",
  },
  "is not onboarded where nobody knows it": {
    declared: RETIRED,
    seen: absent,
    then: "→ as it was",
    findings: [finding.RETIRED_ABSENT],
  },
  "gets no certificate of a new CA": {
    declared: RETIRED,
    recorded: retired,
    seen: there({ tags: ["retired"] }),
    ca: true,
    due: true,
    then: "→ as it was",
  },
  ...Object.fromEntries(
    ["generation=2 phase=issue", "generation=2", "generation=2 phase=done"].map((rotation) => [
      `keeps the credential that it has in a rotation to ${rotation}`,
      {
        declared: `${RETIRED} ${rotation}`,
        recorded: retired,
        seen: there({ tags: ["retired"] }),
        then: "→ as it was",
      },
    ]),
  ),
  "does not activate what was issued before it retired": {
    declared: `${RETIRED} generation=2`,
    recorded: { ...turned(`${RETIRED} generation=2 phase=issue`, 1, { next: kept(2) }), retiredAt: T1 },
    seen: there({ tags: ["retired"] }),
    then: "→ as it was",
  },
  "is not ordered to make another key": {
    declared: `via=attestation unclaim ${RETIRED} generation=2`,
    recorded: recorded(`via=attestation unclaim ${RETIRED}`, { retiredAt: T1 }),
    seen: there({ tags: ["retired"] }),
    then: "→ as it was",
  },
  "takes part in the rotation again where it is in use again": {
    declared: "generation=2 phase=issue",
    recorded: retired,
    seen: there({ tags: ["retired"] }),
    then: "next(new) retag → declared",
    change: "update",
  },
  "loses its tag where it is taken into use again": {
    declared: "",
    recorded: retired,
    seen: there({ tags: ["retired"] }),
    then: "retag → declared",
    change: "update",
  },
  "is onboarded again where it is in use again after it was deleted": {
    declared: "",
    recorded: deleted,
    seen: absent,
    then: "onboard(new) → declared",
    change: "add",
  },
  "leaves the state where it was deleted and is removed": {
    recorded: deleted,
    seen: absent,
    then: "→ nothing",
    change: "same",
  },
};

for (const [room, ofRoom] of Object.entries({ ...cases, "a retired row": retirements })) {
  describe(room, () => {
    it.each(Object.entries(ofRoom))("%s", (_, each) => {
      const { steps, then, outcome, findings, change } = plan(each);
      const told = steps.map((step) =>
        "credential" in step ? `${step.kind}(${step.credential.kind})` : step.kind,
      );
      expect([...told, "→", then, ...(outcome === "done" ? [] : [outcome])].join(" ")).toBe(each.then);
      expect(findings.map(({ text }) => text)).toEqual(each.findings ?? []);
      if (each.change !== undefined) expect(change.kind).toBe(each.change);
    });
  });
}
