import { runtime } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Fields } from "../../provider/engine/fields.js";
import { UNKNOWN } from "../../provider/engine/unknown.js";

const unknown = runtime.unknownValue;
const short = (text: string) => (text.length > 3 ? "is too long" : undefined);

describe("Fields", () => {
  it("reads values of the asked kind", () => {
    const fields = new Fields({ text: "a", number: 0, texts: ["a", "b"], bag: { inner: "c" } });
    expect(fields.text("text")).toBe("a");
    expect(fields.requiredText("text")).toBe("a");
    expect(fields.number("number")).toBe(0);
    expect(fields.texts("texts")).toEqual(["a", "b"]);
    expect(fields.nested("bag")?.text("inner")).toBe("c");
    expect(fields.failures).toEqual([]);
  });

  it("reads what is absent or null as undefined, and complains only where it is required", () => {
    const fields = new Fields({ nothing: null });
    for (const key of ["absent", "nothing"]) {
      expect(fields.has(key)).toBe(false);
      expect(fields.text(key)).toBeUndefined();
      expect(fields.number(key)).toBeUndefined();
      expect(fields.texts(key)).toBeUndefined();
      expect(fields.nested(key)).toBeUndefined();
    }
    expect(fields.failures).toEqual([]);
    expect(fields.requiredText("absent")).toBeUndefined();
    expect(fields.failures).toEqual([{ property: "absent", reason: "is missing" }]);
  });

  it("takes what is unknown as given, and says nothing against it", () => {
    const fields = new Fields({
      text: unknown,
      number: unknown,
      texts: unknown,
      bag: unknown,
      mixed: ["a", unknown],
    });
    expect(fields.has("text")).toBe(true);
    expect(fields.requiredText("text", () => "is bad")).toBeUndefined();
    expect(fields.number("number", () => "is bad")).toBeUndefined();
    expect(fields.texts("texts", () => "is bad")).toBeUndefined();
    expect(fields.nested("bag")).toBeUndefined();
    expect(fields.texts("mixed")).toEqual(["a"]);
    expect(fields.failures).toEqual([]);
  });

  it("distinguishes what is not known yet from what is not given", () => {
    const fields = new Fields({ text: "a", later: unknown, bag: { inner: ["b", unknown] } });
    const reads = ["text", "later", "bag", "absent"].map((key) =>
      fields.unknowable(key, () => fields.has(key)),
    );
    expect(reads).toEqual([true, UNKNOWN, UNKNOWN, false]);
    expect(fields.isUnknown("bag")).toBe(true);
    expect(fields.anyUnknown()).toBe(true);
    expect(new Fields({ text: "a", bag: { inner: ["b"] } }).anyUnknown()).toBe(false);
  });

  it("reads a map of texts, some of which are not known yet", () => {
    const fields = new Fields({ devices: { "lab-1": "tags=lab", "lab-2": unknown, "lab-3": "", wrong: 1 } });
    expect(fields.textMap("devices")).toEqual(
      new Map<string, unknown>([["lab-1", "tags=lab"], ["lab-2", UNKNOWN], ["lab-3", ""]]), // prettier-ignore
    );
    expect(fields.failures).toEqual([{ property: "devices.wrong", reason: "must be a string" }]);
    expect(fields.textMap("absent")).toBeUndefined();
  });

  it("gathers everything that is wrong, each under its own property", () => {
    const fields = new Fields({
      id: 7,
      tags: ["ok", "too long", 3],
      days: "1",
      list: "no",
      bag: [],
      deep: { in: { text: 1 } },
    });
    fields.text("id");
    fields.texts("tags", short);
    fields.number("days");
    fields.texts("list");
    fields.nested("bag");
    fields.nested("deep")?.nested("in")?.text("text");
    fields.nested("deep")?.requiredText("missing");
    expect(fields.failures).toEqual([
      { property: "id", reason: "must be a string" },
      { property: "tags[1]", reason: "is too long" },
      { property: "tags[2]", reason: "must be a string" },
      { property: "days", reason: "must be a number" },
      { property: "list", reason: "must be a list" },
      { property: "bag", reason: "must be an object" },
      { property: "deep.in.text", reason: "must be a string" },
      { property: "deep.missing", reason: "is missing" },
    ]);
  });

  it("names an element of a nested list by its whole path", () => {
    const fields = new Fields({ bag: { tags: ["too long"] } });
    fields.nested("bag")?.texts("tags", short);
    expect(fields.failures).toEqual([{ property: "bag.tags[0]", reason: "is too long" }]);
  });

  it("asks no rule about a value of the wrong kind", () => {
    const fields = new Fields({ days: "many" });
    fields.number("days", () => "asked");
    expect(fields.failures).toEqual([{ property: "days", reason: "must be a number" }]);
  });
});
