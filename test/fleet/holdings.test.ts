import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrivals, departures, holdingsOf, idsIn, idText, sizeOf } from "../../provider/fleet/holdings.js";
import { limitText, mostDeletes, readMaxDeletes } from "../../provider/fleet/maxDeletes.js";
import { load } from "./io.js";

describe("what a fleet has in the account", () => {
  it("is told by what devices are, in the patterns of the fleet file", () => {
    const fleet = load(`apiVersion: nrfcloud.dev/v1
kind: Fleet
ca: { subject: { commonName: CA } }
groups:
  a: { ids: ["x-{000..499}", spare], subType: tracker, firmwareTypes: [MODEM, APP] }
  b: { ids: "y-{1..3}", subType: tracker, firmwareTypes: [APP, MODEM] }
  c: { ids: z }
`);
    expect(holdingsOf(fleet)).toEqual({
      "device: tracker, APP+MODEM": "spare, x-{000..499}, y-{1..3}",
      device: "z",
    });
    expect(sizeOf(holdingsOf(fleet))).toBe(505);
  });

  it("loses what is no longer declared, and what can't stay as it is", () => {
    const before = { device: "a-{0..9}", "device: tracker": "b-{0..3}" };
    const after = { device: "a-{0..6}, b-3", "device: tracker": "b-{0..2}, c" };
    expect(departures(before, after)).toEqual({ gone: ["a-7", "a-8", "a-9"], replaced: ["b-3"] });
    expect(arrivals(before, after)).toEqual(["c"]);
  });

  it("keeps claims that stay claimed, whatever is declared", () => {
    const kept = { "claimed by token": "u-{1..5}" };
    const unclaimed = { "claimed by token, unclaimed on destroy": "u-{1..5}" };
    expect(departures(kept, {})).toEqual({ gone: [], replaced: [] });
    expect(departures(kept, unclaimed)).toEqual({ gone: [], replaced: [] });
    expect(departures(unclaimed, kept)).toEqual({ gone: [], replaced: [] });
    expect(departures(unclaimed, {}).gone).toHaveLength(5);
    expect(sizeOf(kept)).toBe(0);
  });

  it("is the same ids when it is read again", () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[a-c0-9:_-]{1,12}$/), { maxLength: 60 });
    fc.assert(
      fc.property(ids, (some) => {
        expect(idsIn(idText(some)).sort()).toEqual([...some].sort());
      }),
    );
  });

  it("leaves and comes by exactly the difference of two sets", () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 40 }).map((n) => `d-${n}`));
    fc.assert(
      fc.property(ids, ids, (some, others) => {
        const [before, after] = [{ device: idText(some) }, { device: idText(others) }];
        expect([...departures(before, after).gone].sort()).toEqual(
          some.filter((id) => !others.includes(id)).sort(),
        );
        expect(arrivals(before, after).sort()).toEqual(others.filter((id) => !some.includes(id)).sort());
      }),
    );
  });
});

describe("maxDeletes", () => {
  it.each([
    [0, 500, 0],
    [10, 500, 10],
    ["5%", 850, 42],
    ["100%", 7, 7],
    ["0%", 7, 0],
  ])("%s of a fleet of %i is %i", (written, size, most) => {
    const limit = readMaxDeletes(written);
    expect(limit && mostDeletes(limit, size)).toBe(most);
    expect(limit && limitText(limit)).toBe(String(written));
  });

  it.each([-1, 1.5, "101%", "five", "5", "5 %", true, null])("%s is none", (written) => {
    expect(readMaxDeletes(written)).toBeUndefined();
  });
});
