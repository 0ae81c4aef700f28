import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { noticeLine, Notices } from "../../provider/engine/notices.js";

const names = (count: number) => Array.from({ length: count }, (_, i) => `device-${i + 1}`);

describe("noticeLine", () => {
  it("begins with the one resource that it is about", () => {
    expect(noticeLine("will be renewed.", ["device-1"])).toBe("device-1: will be renewed.");
  });

  it("counts several, and names them", () => {
    expect(noticeLine("will be renewed.", names(3))).toBe(
      "3 times: will be renewed. (device-1, device-2, device-3)",
    );
  });

  it("names eight and counts the rest", () => {
    expect(noticeLine("x", names(8))).not.toContain("more");
    expect(noticeLine("x", names(9))).toMatch(/^9 times: x \(.*device-8 and 1 more\)$/);
    expect(noticeLine("x", names(3000))).toMatch(/^3000 times: x \(device-1, .*device-8 and 2992 more\)$/);
  });
});

describe("Notices", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function printed() {
    const lines: string[] = [];
    return { lines, notices: new Notices((text) => lines.push(text)) };
  }

  it("print one line for the same words about many, and one for other words", async () => {
    const { lines, notices } = printed();
    for (const subject of names(2)) notices.add({ subject, text: "comes back." });
    notices.add({ subject: "device-1", text: "goes away." });
    expect(lines).toEqual([]);
    await vi.runAllTimersAsync();
    expect(lines).toEqual(["2 times: comes back. (device-1, device-2)", "device-1: goes away."]);
  });

  it("show the same message of a resource only once", async () => {
    const { lines, notices } = printed();
    notices.add({ subject: "device-7", text: "is due." });
    notices.add({ subject: "device-7", text: "is due." });
    await vi.runAllTimersAsync();
    notices.add({ subject: "device-7", text: "is due." });
    notices.add({ subject: "device-8", text: "is due." });
    await vi.runAllTimersAsync();
    expect(lines).toEqual(["device-7: is due.", "device-8: is due."]);
  });

  it("say a text of several lines at once, as one, and once", () => {
    const { lines, notices } = printed();
    notices.print("DeviceSet fleet:\n  + 3 devices to onboard");
    notices.print("DeviceSet fleet:\n  + 3 devices to onboard");
    notices.print("DeviceSet other:");
    expect(lines).toEqual(["DeviceSet fleet:\n  + 3 devices to onboard", "DeviceSet other:"]);
  });

  it("print what is being gathered when the process ends, and not again", async () => {
    const { lines, notices } = printed();
    notices.add({ subject: "device-1", text: "is due." });
    notices.flush();
    expect(lines).toEqual(["device-1: is due."]);
    notices.flush();
    await vi.runAllTimersAsync();
    expect(lines).toHaveLength(1);
  });

  it("share nothing with others", () => {
    const [one, other] = [printed(), printed()];
    for (const { notices } of [one, other]) notices.print("the same");
    expect([...one.lines, ...other.lines]).toEqual(["the same", "the same"]);
  });
});
