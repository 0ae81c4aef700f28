import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_TABLE_CHANGE } from "../../provider/reconcile/plan/change.js";
import * as finding from "../../provider/reconcile/plan/finding.js";
import { idsToRead } from "../../provider/reconcile/plan/idsToRead.js";
import { planTable } from "../../provider/reconcile/plan/planTable.js";
import type { Observations, TablePlan, Tables } from "../../provider/reconcile/plan/tablePlan.js";
import { planText, refusals } from "../../provider/reconcile/plan/planText.js";
import type { Guards } from "../../provider/reconcile/plan/guards.js";
import type { RowRecord } from "../../provider/reconcile/table/record.js";
import type { Seen, Unfinished } from "../../provider/reconcile/plan/situation.js";
import { anyRow, recorded, row } from "./rows.js";

const T1 = "2026-01-01T00:00:00.000Z";
const there = (more: Partial<Seen & { kind: "present" }> = {}): Seen => ({
  kind: "present",
  name: undefined,
  subType: undefined,
  tags: [],
  createdAt: T1,
  ...more,
});
const orphan = (line: string, verdict: Unfinished["verdict"] = "ours"): Unfinished => ({
  row: row(line),
  verdict,
  steps: ["onboard"],
  credential: undefined,
});

interface World {
  /** Lines by id. */
  readonly declared?: Readonly<globalThis.Record<string, string>>;
  readonly recorded?: Readonly<globalThis.Record<string, string | RowRecord>>;
  readonly seen?: Readonly<globalThis.Record<string, Seen>>;
  readonly log?: Readonly<globalThis.Record<string, Unfinished>>;
  readonly unknown?: readonly string[];
  readonly only?: readonly string[];
}

function tablesOf({ declared = {}, recorded: states = {}, unknown = [], only }: World): Tables {
  return {
    declared: new Map(Object.entries(declared).map(([id, line]) => [id, row(line)])),
    recorded: new Map(
      Object.entries(states).map(([id, state]) => [id, typeof state === "string" ? recorded(state) : state]),
    ),
    unknown: new Set(unknown),
    tableOf: () => NO_TABLE_CHANGE,
    isDue: () => false,
    lanes: [],
    now: new Date("2026-01-11T00:00:00.000Z"),
    isChosen: (id) => only === undefined || only.includes(id),
  };
}

const around = ({ seen = {}, log = {} }: World): Observations => ({
  seen: new Map(Object.entries(seen)),
  log: new Map(Object.entries(log)),
});

function plan(world: World, guards: Partial<Guards> = {}): TablePlan {
  return planTable(tablesOf(world), around(world), {
    maxDeletes: undefined,
    allowedDeletes: undefined,
    keepsRetired: true,
    ...guards,
  });
}

const count = (most: number) => ({ maxDeletes: { kind: "count", count: most } as const });
const share = (percent: number) => ({ maxDeletes: { kind: "percent", percent } as const });
const fleet = (size: number, line = "") =>
  Object.fromEntries(Array.from({ length: size }, (_, i) => [`d-${i + 1}`, line]));
const seenAll = (size: number) =>
  Object.fromEntries(Array.from({ length: size }, (_, i) => [`d-${i + 1}`, there()]));

describe("maxDeletes", () => {
  /** One row of each kind that takes a device out of the account. */
  const leaving: World = {
    declared: { "d-replaced": "subType=b", "d-stays": "" },
    recorded: {
      "d-deleted": "",
      "d-replaced": "subType=a",
      "d-released": "via=jitp",
      "d-unclaimed": "via=attestation unclaim",
      "d-stays": "",
      "d-forgotten": "via=attestation",
    },
    seen: {
      "d-deleted": there(),
      "d-replaced": there(),
      "d-released": there(),
      "d-unclaimed": there(),
      "d-forgotten": there(),
      "d-orphan": there(),
    },
    log: { "d-orphan": orphan("") },
  };

  it("counts every row that leaves, for whatever reason, orphans of interrupted runs included", () => {
    expect([...plan(leaving).leaving].sort()).toEqual([
      "d-deleted",
      "d-orphan",
      "d-released",
      "d-replaced",
      "d-unclaimed",
    ]);
    expect(refusals(plan(leaving, count(5)))).toEqual([]);
    const [refused, ...others] = refusals(plan(leaving, count(4)));
    expect(others).toEqual([]);
    expect(refused).toContain("would delete, replace or release 5 devices of 6, but maxDeletes (4) allows 4");
    expect(refused).toContain(
      "- 4 devices deleted or released: d-deleted, d-orphan, d-released, d-unclaimed",
    );
    expect(refused).toContain("- 1 device replaced: d-replaced");
    expect(refused).toContain("NRF_CLOUD_ALLOW_DELETES=5");
  });

  it("of nothing at all refuses even one", () => {
    expect(refusals(plan({ recorded: fleet(1), seen: seenAll(1) }, count(0)))).toHaveLength(1);
    expect(refusals(plan({ log: { d: orphan("") }, seen: { d: there() } }, count(0)))).toHaveLength(1);
  });

  it("as a share counts from the recorded table, rounded down", () => {
    const world = { declared: { "d-1": "" }, recorded: fleet(40), seen: seenAll(40) };
    expect(refusals(plan(world, share(97)))).toHaveLength(1);
    expect(refusals(plan(world, share(98)))).toEqual([]);
  });

  it("is lifted for one run by the allowed count, and for no more", () => {
    const world = { recorded: fleet(12), seen: seenAll(12) };
    expect(refusals(plan(world, { ...count(1), allowedDeletes: 12 }))).toEqual([]);
    expect(refusals(plan(world, { ...count(1), allowedDeletes: 11 }))).toHaveLength(1);
  });

  it("counts removals even without a read of the account", () => {
    expect(refusals(plan({ recorded: fleet(3) }, count(2)))).toHaveLength(1);
  });

  it("does not count missing, hidden and foreign devices", () => {
    const seen = {
      "d-1": { kind: "absent" },
      "d-2": { kind: "hidden" },
      "d-3": there({ createdAt: "2026-02-02T00:00:00.000Z" }),
    } as const;
    const made = plan({ recorded: fleet(3), seen }, count(0));
    expect(made.leaving).toEqual([]);
    expect(refusals(made)).toEqual([]);
  });

  it("does not count unknown rows", () => {
    expect(plan({ recorded: fleet(2), unknown: ["d-1", "d-2"] }, count(0)).rows.size).toBe(0);
  });
});

describe("protect", () => {
  it.each<[string, World]>([
    ["deleted", { recorded: { d: "protect" }, seen: { d: there() } }],
    [
      "replaced",
      { declared: { d: "subType=b" }, recorded: { d: "subType=a protect" }, seen: { d: there() } },
    ],
    ["released", { recorded: { d: "via=jitp protect" }, seen: { d: there() } }],
    ["unclaimed", { recorded: { d: "via=attestation unclaim protect" }, seen: { d: there() } }],
  ])("keeps a row from being %s, whatever maxDeletes allows", (_, world) => {
    const [refused] = refusals(plan(world, { allowedDeletes: 1000 }));
    expect(refused).toContain(
      "This operation would delete, replace or release protected devices: d. Nothing was changed.",
    );
  });

  it("is as the state has it: taking it out and deleting in one run is refused, in two runs not", () => {
    const both = { declared: {}, recorded: { d: "protect" }, seen: { d: there() } };
    expect(refusals(plan(both))).toHaveLength(1);
    expect(refusals(plan({ declared: { d: "" }, recorded: { d: "protect" } }))).toEqual([]);
    expect(refusals(plan({ ...both, recorded: { d: "" } }))).toEqual([]);
  });

  it("does not keep other changes away", () => {
    const world = { declared: { d: "tags=b protect" }, recorded: { d: "protect" }, seen: { d: there() } };
    expect(refusals(plan(world))).toEqual([]);
  });
});

describe("findings", () => {
  it("are reported once each, with their devices as ranges", () => {
    const world = { declared: fleet(300), seen: seenAll(300) };
    const made = plan(world);
    expect(made.findings).toHaveLength(1);
    expect(refusals(made)[0]).toBe(`300 devices (d-{1..300}): ${finding.TAKEN}`);
  });

  it("follow the refusals of guards", () => {
    const made = plan(
      { declared: { new: "" }, recorded: { old: "" }, seen: { new: there(), old: there() } },
      count(0),
    );
    expect(made.findings.map(({ kind }) => kind)).toEqual(["refuse", "refuse"]);
    expect(made.findings[0]?.text).toContain("maxDeletes");
  });

  it("that refuse are not part of the text of a plan, which is what would be done", () => {
    const text = planText("DeviceSet fleet", plan({ declared: { d: "" }, seen: { d: there() } }));
    expect(text).not.toContain(finding.TAKEN.slice(0, 30));
  });
});

describe("the text of a plan", () => {
  it("refuses to leave out rows of an interrupted run, because the next state makes its journal entries old", () => {
    const world = { declared: { a: "", b: "", c: "" }, log: { b: orphan(""), gone: orphan("") } };
    expect(refusals(plan({ ...world, only: ["a"] }))).toEqual([
      "An interrupted run began to change 2 devices that `--only` leaves out: b, gone. Nothing was changed.\n" +
        "Only the next run can resume it. Run without `--only` first, or choose these devices too.",
    ]);
    expect(refusals(plan({ ...world, only: ["a", "b", "gone"] }))).toEqual([]);
    expect(refusals(plan(world))).toEqual([]);
  });

  it("names the set, the changes of its rows, and the rows that are left out", () => {
    expect(
      planText(
        "DeviceSet fleet",
        plan({
          declared: { "lab-1": "tags=b", "lab-2": "", "lab-3": "", "lab-4": "tags=b" },
          recorded: { "lab-1": "tags=a", "lab-3": "", "lab-4": "tags=a", "lab-5": "" },
          seen: {
            "lab-1": there({ tags: ["a"] }),
            "lab-2": { kind: "absent" },
            "lab-5": { kind: "hidden" },
          },
          only: ["lab-1", "lab-2", "lab-3", "lab-5"],
        }),
      ),
    ).toMatchInlineSnapshot(`
      "DeviceSet fleet:
        + 1 device to onboard: lab-2
        ~ 1 device will get other tags: lab-1
        Note: 1 device (lab-5): The API key may not see these devices, so they may still exist. The provider keeps them and their keys in the state. Use the API key of an owner or admin.
        1 device differs, and is not changed, because only others were chosen: lab-4"
    `);
  });

  it("is none where there is nothing to say", () => {
    expect(planText("DeviceSet fleet", plan({ declared: fleet(3), recorded: fleet(3) }))).toBeUndefined();
  });
});

describe("rows that were not chosen", () => {
  const world: World = {
    declared: { a: "tags=x", b: "tags=x", c: "" },
    recorded: { b: "", d: "" },
    seen: { a: there(), d: there() },
    log: { e: orphan("") },
    only: ["a"],
  };

  it("are not changed, and are reported where they differ", () => {
    const made = plan(world, count(0));
    expect([...made.rows.keys()]).toEqual(["a"]);
    expect([...made.leftOut].sort()).toEqual(["b", "c", "d"]);
    expect(made.leaving).toEqual([]);
  });

  it("are not read", () => {
    expect(idsToRead(tablesOf(world), ["e"])).toEqual(["a"]);
  });
});

describe("what is read", () => {
  it("is what is new, changed, removed, failed or in the journal, and nothing else", () => {
    const world: World = {
      declared: { same: "", changed: "tags=b", failed: "", waits: "via=jitp", new: "" },
      recorded: {
        same: "",
        changed: "tags=a",
        failed: recorded("", { outcome: { kind: "failed", reason: "x" } }),
        waits: recorded("via=jitp", { outcome: { kind: "waiting" } }),
        leaves: "",
      },
      unknown: ["later"],
    };
    expect(idsToRead(tablesOf(world), ["logged", "later"]).sort()).toEqual([
      "changed",
      "failed",
      "leaves",
      "logged",
      "new",
      "waits",
    ]);
  });

  it("is enough: if the account is as recorded, a read of all rows gives the same plan", () => {
    const table = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), anyRow);
    fc.assert(
      fc.property(table, table, (before, after) => {
        const tables: Tables = {
          ...tablesOf({}),
          declared: new Map(Object.entries(after)),
          recorded: new Map(Object.entries(before).map(([id, each]) => [id, { ...recorded(""), row: each }])),
        };
        const all = new Map(
          Object.entries(before).map(([id, each]): [string, Seen] => [
            id,
            there({
              tags: each.tags,
              ...(each.way === "attestation" ? {} : { name: each.name, subType: each.subType }),
            }),
          ]),
        );
        const looked = new Set(idsToRead(tables, []));
        const some = new Map([...all].filter(([id]) => looked.has(id)));
        const guards = { maxDeletes: undefined, allowedDeletes: undefined, keepsRetired: true };
        const planned = (seen: ReadonlyMap<string, Seen>) => [
          ...planTable(tables, { seen, log: new Map() }, guards).rows,
        ];
        expect(planned(some)).toEqual(planned(all));
      }),
    );
  });
});

describe("any table", () => {
  const table = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "__proto__", "constructor"), anyRow);

  it("that was reached needs nothing more", () => {
    fc.assert(
      fc.property(table, (rows) => {
        const tables: Tables = {
          ...tablesOf({}),
          declared: new Map(Object.entries(rows)),
          recorded: new Map(Object.entries(rows).map(([id, each]) => [id, { ...recorded(""), row: each }])),
        };
        const made = planTable(
          tables,
          { seen: new Map(), log: new Map() },
          { maxDeletes: undefined, allowedDeletes: 0, keepsRetired: true },
        );
        expect(made.rows.size).toBe(0);
        expect(idsToRead(tables, [])).toEqual([]);
      }),
    );
  });

  it("never changes, re-keys or deletes a device with another creation time", () => {
    fc.assert(
      fc.property(table, table, (before, after) => {
        const tables: Tables = {
          ...tablesOf({}),
          declared: new Map(
            Object.entries(after).map(([id, each]) => [id, { ...each, adopt: "no" as const }]),
          ),
          recorded: new Map(Object.entries(before).map(([id, each]) => [id, { ...recorded(""), row: each }])),
        };
        const another = there({ createdAt: "2026-02-02T00:00:00.000Z", tags: ["theirs"] });
        const seen = new Map(
          [...tables.declared.keys(), ...tables.recorded.keys()].map((id) => [id, another]),
        );
        const made = planTable(
          tables,
          { seen, log: new Map() },
          { maxDeletes: undefined, allowedDeletes: 0, keepsRetired: true },
        );
        for (const [id, { steps }] of made.rows) {
          // A claim and the device itself are two things, so that the time of one says nothing of the other.
          const ways = [before[id], after[id]].map((each) =>
            each === undefined ? undefined : each.way === "attestation",
          );
          if (!(ways.includes(true) && ways.includes(false))) expect(steps).toEqual([]);
        }
      }),
    );
  });

  it("never has anything done to a device that the key can't see", () => {
    fc.assert(
      fc.property(table, table, (before, after) => {
        const tables: Tables = {
          ...tablesOf({}),
          declared: new Map(Object.entries(after)),
          recorded: new Map(Object.entries(before).map(([id, each]) => [id, { ...recorded(""), row: each }])),
        };
        const seen = new Map<string, Seen>([...tables.recorded.keys()].map((id) => [id, { kind: "hidden" }]));
        const made = planTable(
          tables,
          { seen, log: new Map() },
          { maxDeletes: undefined, allowedDeletes: 0, keepsRetired: true },
        );
        for (const id of tables.recorded.keys()) {
          expect(made.rows.get(id)?.steps ?? []).toEqual([]);
          expect(made.rows.get(id)?.then ?? "as it was").toBe("as it was");
        }
      }),
    );
  });
});

describe("a retired device", () => {
  const line = "tags=retired retired=30d";
  const world: World = {
    declared: { "d-1": "" },
    recorded: {
      "d-1": "",
      "d-2": recorded(line, { retiredAt: T1 }),
      "d-3": recorded(line, { retiredAt: "2025-12-01T00:00:00.000Z" }),
    },
    seen: { "d-2": there({ tags: ["retired"] }), "d-3": there({ tags: ["retired"] }) },
  };

  it("may not leave before its time, even if its row is removed", () => {
    expect(refusals(plan(world))).toEqual([
      "This operation would delete, replace or release 1 device before the end of the time for which retired devices are kept. " +
        "Nothing was changed.\n- kept until 2026-01-31: d-2\nDeclare them as retired until then. If you want to delete them now, run again " +
        "with NRF_CLOUD_ALLOW_DELETES=2.",
    ]);
  });

  it("leaves where that is allowed for once, or where all is destroyed", () => {
    expect(refusals(plan(world, { allowedDeletes: 1 }))).toEqual([]);
    expect(refusals(plan(world, { keepsRetired: false }))).toEqual([]);
  });

  it("counts for maxDeletes when its time is over, and is protected by protect", () => {
    const over = { "d-1": recorded(`protect ${line}`, { retiredAt: "2025-12-01T00:00:00.000Z" }) };
    const due: World = {
      declared: { "d-1": `protect ${line}` },
      recorded: over,
      seen: { "d-1": there({ tags: ["retired"] }) },
    };
    const told = refusals(plan(due, count(0))).join("\n");
    expect(told).toContain("protected devices: d-1");
    expect(told).toContain("maxDeletes (0) allows 0");
  });
});
