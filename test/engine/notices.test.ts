import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { notice, noticeLine } from "../../provider/engine/notices.js";

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

describe("notice", () => {
  let printed: string[] = [];

  beforeEach(() => {
    vi.useFakeTimers();
    printed = [];
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("prints one line for the same words about many, and one for other words", async () => {
    for (const subject of names(2)) notice({ subject, text: "comes back." });
    notice({ subject: "device-1", text: "goes away." });
    await vi.runAllTimersAsync();
    expect(printed).toEqual(["2 times: comes back. (device-1, device-2)\n", "device-1: goes away.\n"]);
  });

  it("tells the same of a resource only once, however often it is said", async () => {
    notice({ subject: "device-7", text: "is due." });
    notice({ subject: "device-7", text: "is due." });
    await vi.runAllTimersAsync();
    notice({ subject: "device-7", text: "is due." });
    notice({ subject: "device-8", text: "is due." });
    await vi.runAllTimersAsync();
    expect(printed).toEqual(["device-7: is due.\n", "device-8: is due.\n"]);
  });
});
