import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SharedPoll } from "../../provider/engine/sharedPoll.js";

const INTERVAL_MS = 400;
const FOR_EVER_MS = 60 * 60_000;

const never = () => false;
const present = (seen: string | undefined) => seen !== undefined;
const late = (seen: string | undefined) => new Error(`too late, saw ${seen ?? "nothing"}`);

/** A poll of a remote world that tests change while it runs. */
function watched(world: Map<string, string>) {
  const looks: string[][] = [];
  const poll = new SharedPoll<string>({
    intervalMs: () => INTERVAL_MS,
    look: (keys) => {
      looks.push([...keys]);
      return Promise.resolve(new Map(world));
    },
  });
  return { poll, looks };
}

describe("SharedPoll", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("looks once for all who wait together, and resolves each with what was seen of its key", async () => {
    const { poll, looks } = watched(new Map([["a", "1"], ["b", "2"]])); // prettier-ignore
    const seen = Promise.all(["a", "b", "a"].map((key) => poll.wait(key, present, FOR_EVER_MS, late)));
    await vi.runAllTimersAsync();
    expect(await seen).toEqual(["1", "2", "1"]);
    expect(looks).toEqual([["a", "b"]]);
  });

  it("goes on looking for those alone whom the last look did not satisfy", async () => {
    const world = new Map([["a", "1"]]);
    const { poll, looks } = watched(world);
    const early = poll.wait("a", present, FOR_EVER_MS, late);
    const patient = poll.wait("b", present, FOR_EVER_MS, late);
    await vi.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    expect(await early).toBe("1");
    world.set("b", "2");
    await vi.runAllTimersAsync();
    expect(await patient).toBe("2");
    expect(looks[0]).toEqual(["a", "b"]);
    expect(looks.length).toBeGreaterThan(1);
    for (const keys of looks.slice(1)) expect(keys).toEqual(["b"]);
  });

  it("waits for something to vanish", async () => {
    const world = new Map([["a", "1"]]);
    const { poll } = watched(world);
    const gone = poll.wait("a", (seen) => seen === undefined, FOR_EVER_MS, late);
    await vi.advanceTimersByTimeAsync(3 * INTERVAL_MS);
    world.delete("a");
    await vi.runAllTimersAsync();
    expect(await gone).toBeUndefined();
  });

  it("lets those who come during a look share the next one", async () => {
    const looks: string[][] = [];
    const joining: Promise<string | undefined>[] = [];
    const poll: SharedPoll<string> = new SharedPoll<string>({
      intervalMs: () => INTERVAL_MS,
      look: (keys) => {
        looks.push([...keys]);
        if (looks.length === 1) {
          joining.push(...["b", "c"].map((key) => poll.wait(key, present, FOR_EVER_MS, late)));
        }
        return Promise.resolve(new Map(keys.map((key) => [key, "here"])));
      },
    });
    await Promise.all([poll.wait("a", present, FOR_EVER_MS, late), vi.runAllTimersAsync()]);
    expect(await Promise.all(joining)).toEqual(["here", "here"]);
    expect(looks).toEqual([["a"], ["b", "c"]]);
  });

  it("makes at least one look, and then fails with the error made of what it saw last", async () => {
    const { poll, looks } = watched(new Map([["a", "old"]]));
    const waiting = expect(poll.wait("a", never, 0, late)).rejects.toThrow("too late, saw old");
    await vi.runAllTimersAsync();
    await waiting;
    expect(looks).toHaveLength(1);
  });

  it("lets one who is late alone give up, and stops looking after the last", async () => {
    const world = new Map<string, string>();
    const { poll, looks } = watched(world);
    const impatient = expect(poll.wait("a", present, INTERVAL_MS, late)).rejects.toThrow("saw nothing");
    const patient = poll.wait("b", present, FOR_EVER_MS, late);
    await vi.advanceTimersByTimeAsync(4 * INTERVAL_MS);
    await impatient;
    world.set("b", "2");
    await vi.runAllTimersAsync();
    expect(await patient).toBe("2");
    expect(vi.getTimerCount()).toBe(0);

    const before = looks.length;
    const again = poll.wait("b", present, FOR_EVER_MS, late);
    await vi.runAllTimersAsync();
    expect(await again).toBe("2");
    expect(looks).toHaveLength(before + 1);
  });

  it("fails those who wait for a look that fails, and serves those who come later", async () => {
    let broken = true;
    const poll = new SharedPoll<string>({
      intervalMs: () => INTERVAL_MS,
      look: () => (broken ? Promise.reject(new Error("no network")) : Promise.resolve(new Map([["a", "1"]]))),
    });
    const failing = expect(poll.wait("a", present, FOR_EVER_MS, late)).rejects.toThrow("no network");
    await vi.runAllTimersAsync();
    await failing;
    broken = false;
    const later = poll.wait("a", present, FOR_EVER_MS, late);
    await vi.runAllTimersAsync();
    expect(await later).toBe("1");
  });

  it("does not let one whose condition throws harm those who share its looks", async () => {
    const world = new Map<string, string>();
    const { poll } = watched(world);
    const patient = poll.wait("a", present, FOR_EVER_MS, late);
    const broken = expect(
      poll.wait(
        "b",
        () => {
          throw new Error("a mistake");
        },
        FOR_EVER_MS,
        late,
      ),
    ).rejects.toThrow("a mistake");
    const alsoPatient = poll.wait("c", present, FOR_EVER_MS, late);
    await vi.advanceTimersByTimeAsync(INTERVAL_MS);
    await broken;
    world.set("a", "1").set("c", "3");
    await vi.runAllTimersAsync();
    expect(await Promise.all([patient, alsoPatient])).toEqual(["1", "3"]);
  });
});
