import { runtime } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { containsMarker, isMarker, isUnknown, UNKNOWN } from "../../provider/engine/unknown.js";

/** As the engine's own source spells them. */
const markers = [
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

describe("isMarker", () => {
  it.each([...markers, runtime.unknownValue])("knows the engine's marker %s", (marker) => {
    expect(isMarker(marker)).toBe(true);
  });

  it.each(["", "a", "04da6b54", 0, null, undefined, {}, [runtime.unknownValue]])(
    "takes %j as known",
    (value) => {
      expect(isMarker(value)).toBe(false);
    },
  );
});

describe("containsMarker", () => {
  it("finds a marker at any depth", () => {
    expect(containsMarker(runtime.unknownValue)).toBe(true);
    expect(containsMarker({ a: [{ b: runtime.unknownValue }] })).toBe(true);
  });

  it("finds none where all is known", () => {
    expect(containsMarker({ a: [{ b: "c" }, null, undefined, 1, false] })).toBe(false);
  });
});

describe("isUnknown", () => {
  it("knows what a decoded value says in the place of a marker, and no text", () => {
    expect(isUnknown(UNKNOWN)).toBe(true);
    for (const value of [...markers, undefined, ""]) expect(isUnknown(value)).toBe(false);
  });
});
