import { describe, expect, it } from "vitest";
import { NO_TABLE_CHANGE } from "../../provider/reconcile/plan/change.js";
import { planRow } from "../../provider/reconcile/plan/planRow.js";
import type { RowRecord } from "../../provider/reconcile/table/record.js";
import { formatRow } from "../../provider/reconcile/table/formatRow.js";
import { recordAfter } from "../../provider/reconcile/run/record/recordAfter.js";
import { RowRun } from "../../provider/reconcile/run/rowRun.js";
import type { Seen, Unfinished } from "../../provider/reconcile/plan/situation.js";
import type { Step } from "../../provider/reconcile/plan/step.js";
import { recorded, row } from "./rows.js";

/** What the state has of a row, by how far a run came with it. */

const T1 = "2026-01-01T00:00:00.000Z";
const T2 = "2026-02-02T00:00:00.000Z";
type Present = Seen & { kind: "present" };
const there = (more: Partial<Present> = {}): Present => ({
  kind: "present",
  name: undefined,
  subType: undefined,
  tags: [],
  createdAt: T1,
  ...more,
});
const absent: Seen = { kind: "absent" };
const MADE = {
  pem: "C2",
  fingerprint: "F2",
  certificate: "C2",
  privateKey: "K2",
  validUntil: "2036-01-01T00:00:00Z",
};
const ISSUED = { certificate: "C1", privateKey: "K1", validUntil: "2035-01-01T00:00:00Z" };

interface Case {
  readonly declared?: string;
  readonly recorded?: RowRecord;
  readonly seen?: Seen;
  /** The line of the row that an interrupted run created. */
  readonly created?: string;
  /** Steps that were carried out. */
  readonly did?: readonly Step["kind"][];
  /** Whether a credential was made before it failed or ended. */
  readonly made?: true;
  readonly jobId?: string;
  /** As the account has it after the run. */
  readonly seenThen?: Present;
  readonly waits?: true;
  readonly fails?: string;
  readonly mayBeThere?: true;
  /** The line, the outcome, then what is kept: `C` certificate, `K` key, `T1` time, `J` job, the generation where the state has it. `gone` where the row leaves. */
  readonly then: string;
}

const LOGGED = { ...MADE, certificate: "C0", privateKey: "K0" };

function after(given: Case): string {
  const log: Unfinished | undefined =
    given.created === undefined
      ? undefined
      : { row: row(given.created), verdict: "ours", steps: ["onboard"], credential: LOGGED };
  const declared = given.declared === undefined ? undefined : row(given.declared);
  const plan = planRow({
    id: "d",
    declared,
    record: given.recorded,
    seen: given.seen,
    log,
    table: NO_TABLE_CHANGE,
    renewalDue: false,
    retirement: undefined,
  });
  const now = new Date("2026-11-28T00:00:00Z");
  const run = new RowRun("d", plan, declared, given.recorded, log, given.seen, now);
  if (log !== undefined) run.logged = LOGGED;
  if (given.made === true) run.made = MADE;
  for (const kind of given.did ?? []) run.succeed(kind);
  run.jobId = given.jobId;
  if (given.seenThen !== undefined) run.seen = given.seenThen;
  if (given.waits === true) run.wait();
  if (given.fails !== undefined) run.fail(given.fails, given.mayBeThere);
  const result = recordAfter(run);
  if (result === undefined) return "gone";
  const { outcome, certificate, privateKey, createdAt, jobId } = result;
  return [
    result.row === undefined ? "not there" : `[${formatRow(result.row)}]`,
    outcome.kind === "failed" ? `failed: ${outcome.reason}` : outcome.kind,
    certificate,
    privateKey,
    createdAt === undefined ? undefined : createdAt === T1 ? "T1" : "T2",
    jobId,
    result.keepsName ? "keeps its name" : undefined,
    result.rotation === undefined ? undefined : `generation ${result.rotation.generation}`,
  ]
    .filter((each) => each !== undefined)
    .join(" ");
}

const cases: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  "a row that was to come": {
    "is as declared": {
      declared: "tags=a",
      seen: absent,
      made: true,
      did: ["onboard"],
      jobId: "J",
      seenThen: there({ tags: ["a"], createdAt: T2 }),
      then: "[tags=a] done C2 K2 T2",
    },
    "was refused: the next try makes another key": {
      declared: "",
      seen: absent,
      made: true,
      jobId: "J",
      fails: "taken",
      then: "not there failed: taken",
    },
    "has not shown in time: its key and its job are kept": {
      declared: "",
      seen: absent,
      made: true,
      did: ["onboard"],
      jobId: "J",
      fails: "late",
      mayBeThere: true,
      then: "not there failed: late C2 K2 J",
    },
    "came, but could not be named": {
      declared: "name=n tags=a",
      seen: absent,
      made: true,
      did: ["onboard"],
      seenThen: there({ tags: ["a"], createdAt: T2 }),
      fails: "no name",
      then: "[tags=a] failed: no name C2 K2 T2",
    },
    "waits for its first connect": {
      declared: "via=jitp pending=allow",
      seen: absent,
      waits: true,
      then: "[via=jitp pending=allow] waiting",
    },
    "was adopted as it was": {
      declared: "adopt=keep",
      seen: there({ name: "Old" }),
      then: "[adopt=keep] adopted T1 keeps its name",
    },
    "was to be adopted, but not retagged": {
      declared: "adopt=keep tags=a",
      seen: there({ tags: ["b"] }),
      fails: "no tags",
      then: "not there failed: no tags",
    },
  },
  "a row that was to change": {
    "did not get its tags": {
      declared: "tags=b",
      recorded: recorded("tags=a", ISSUED),
      seen: there({ tags: ["a"] }),
      fails: "no tags",
      then: "[tags=a] failed: no tags C1 K1 T1",
    },
    "got its name, but not its tags": {
      declared: "name=n tags=b",
      recorded: recorded("tags=a", ISSUED),
      seen: there({ tags: ["a"] }),
      did: ["rename"],
      fails: "no tags",
      then: "[tags=a name=n] failed: no tags C1 K1 T1",
    },
    "got another certificate, but not its tags": {
      declared: "tags=b generation=2",
      recorded: recorded("tags=a", ISSUED),
      seen: there({ tags: ["a"] }),
      made: true,
      did: ["register"],
      fails: "no tags",
      then: "[tags=a generation=2] failed: no tags C2 K2 T1 generation 2",
    },
    "got no other certificate: it keeps the one that it has": {
      declared: "generation=2",
      recorded: recorded("", ISSUED),
      seen: there(),
      made: true,
      fails: "refused",
      then: "[] failed: refused C1 K1 T1",
    },
    "was deleted for a replacement that was refused": {
      declared: "subType=b",
      recorded: recorded("subType=a", ISSUED),
      seen: there({ subType: "a" }),
      made: true,
      did: ["delete"],
      fails: "refused",
      then: "not there failed: refused",
    },
    "was deleted for a replacement that may come": {
      declared: "subType=b",
      recorded: recorded("subType=a", ISSUED),
      seen: there({ subType: "a" }),
      made: true,
      did: ["delete"],
      jobId: "J",
      fails: "lost",
      mayBeThere: true,
      then: "not there failed: lost C2 K2 J",
    },
    "could not be deleted for a replacement": {
      declared: "subType=b",
      recorded: recorded("subType=a", ISSUED),
      seen: there({ subType: "a" }),
      fails: "refused",
      then: "[subType=a] failed: refused C1 K1 T1",
    },
    "could not be seen": {
      declared: "tags=b",
      recorded: recorded("tags=a", ISSUED),
      seen: { kind: "hidden" },
      then: "[tags=a] hidden C1 K1 T1",
    },
    "was created again by somebody else": {
      declared: "tags=b",
      recorded: recorded("tags=a", ISSUED),
      seen: there({ createdAt: T2 }),
      then: "[tags=a] replaced C1 K1 T1",
    },
    "failed the last time, and is as declared now": {
      declared: "tags=b",
      recorded: recorded("tags=a", { ...ISSUED, outcome: { kind: "failed", reason: "no tags" } }),
      seen: there({ tags: ["a"] }),
      did: ["retag"],
      then: "[tags=b] done C1 K1 T1",
    },
    "failed the last time, and was put right by hand": {
      declared: "tags=b",
      recorded: recorded("tags=b", { ...ISSUED, outcome: { kind: "failed", reason: "late" } }),
      seen: there({ tags: ["b"] }),
      then: "[tags=b] done C1 K1 T1",
    },
    "still waits": {
      declared: "via=jitp pending=allow",
      recorded: recorded("via=jitp pending=allow", { outcome: { kind: "waiting" }, createdAt: undefined }),
      seen: absent,
      waits: true,
      then: "[via=jitp pending=allow] waiting",
    },
    "was adopted, and only got other tags": {
      declared: "adopt=keep tags=b",
      recorded: recorded("adopt=keep", { outcome: { kind: "adopted" }, keepsName: true }),
      seen: there({ name: "Old" }),
      did: ["retag"],
      then: "[tags=b adopt=keep] adopted T1 keeps its name",
    },
    "was adopted, and got a name": {
      declared: "adopt=keep name=n",
      recorded: recorded("adopt=keep", { outcome: { kind: "adopted" }, keepsName: true }),
      seen: there({ name: "Old" }),
      did: ["rename"],
      then: "[name=n adopt=keep] adopted T1",
    },
  },
  "a row that an interrupted run created, which the log says to this run only": {
    "could not be deleted for a replacement": {
      declared: "subType=b",
      created: "subType=a tags=a",
      seen: there({ subType: "a", tags: ["a"] }),
      made: true,
      fails: "no answer",
      then: "[subType=a tags=a] failed: no answer C0 K0 T1",
    },
    "was deleted for a replacement that was refused": {
      declared: "subType=b",
      created: "subType=a",
      seen: there({ subType: "a" }),
      made: true,
      did: ["delete"],
      fails: "refused",
      then: "not there failed: refused",
    },
    "could not be retagged": {
      declared: "tags=b",
      created: "tags=a",
      seen: there({ tags: ["a"] }),
      fails: "no tags",
      then: "[tags=a] failed: no tags C0 K0 T1",
    },
    "with the key of the state could not be retagged: its generation is the one of that key": {
      declared: "tags=b generation=2 phase=issue",
      recorded: recorded("tags=a", { ...ISSUED, certificate: "C0", privateKey: "K0" }),
      created: "tags=a generation=2 phase=issue",
      seen: there({ tags: ["a"], createdAt: T2 }),
      fails: "no tags",
      then: "[tags=a generation=2 phase=issue] failed: no tags C0 K0 T2 generation 1",
    },
    "with the key of the state could not be replaced: its generation is the one of that key": {
      declared: "subType=b generation=2 phase=issue",
      recorded: recorded("subType=a", { ...ISSUED, certificate: "C0", privateKey: "K0" }),
      created: "subType=a generation=2 phase=issue",
      seen: there({ subType: "a", createdAt: T2 }),
      fails: "no answer",
      then: "[subType=a generation=2 phase=issue] failed: no answer C0 K0 T2 generation 1",
    },
    "got another certificate, but not its tags": {
      declared: "tags=b generation=2",
      created: "tags=a",
      seen: there({ tags: ["a"] }),
      made: true,
      did: ["register"],
      fails: "no tags",
      then: "[tags=a generation=2] failed: no tags C2 K2 T1 generation 2",
    },
    "is declared no more, and could not be deleted": {
      created: "tags=a",
      seen: there({ tags: ["a"] }),
      fails: "no answer",
      then: "[tags=a] failed: no answer C0 K0 T1",
    },
    "took the place of a device, and could not be deleted": {
      declared: "subType=b",
      recorded: recorded("", ISSUED),
      created: "subType=a",
      seen: there({ subType: "a", createdAt: T2 }),
      fails: "no answer",
      then: "[subType=a] failed: no answer C0 K0 T2",
    },
  },
  "a row that was to leave": {
    left: { recorded: recorded("", ISSUED), seen: there(), did: ["delete"], then: "gone" },
    "is still there": {
      recorded: recorded("", ISSUED),
      seen: there(),
      fails: "refused",
      then: "[] failed: refused C1 K1 T1",
    },
    "could not be seen: its only key is kept": {
      recorded: recorded("", ISSUED),
      seen: { kind: "hidden" },
      then: "[] hidden C1 K1 T1",
    },
    "never came": {
      recorded: recorded(undefined, { outcome: { kind: "failed", reason: "taken" } }),
      seen: absent,
      then: "gone",
    },
  },
};

for (const [room, ofRoom] of Object.entries(cases)) {
  describe(room, () => {
    it.each(Object.entries(ofRoom))("%s", (_, each) => {
      expect(after(each)).toBe(each.then);
    });
  });
}
