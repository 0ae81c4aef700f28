import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as cloud from "../../emulator/devices/rules.js";
import { tagProblems } from "../../emulator/identity/bodies.js";
import {
  checkDeviceId,
  checkFirmwareType,
  checkName,
  checkProvisioningTag,
  checkSubType,
  checkTag,
  holdsAttestationToken,
  maxDeviceIdLength,
  type Violation,
} from "../../provider/fleet/rules.js";

/** Legal characters and their neighbors, and lengths around the limits. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...Array.from("aZ09_.,@/:#-=|;\"'\n\r\t\0 \uFEFFåé{}")), maxLength: 12 }),
  fc.stringMatching(/^[a-zA-Z0-9_.,@/:#=-]{0,20}$/),
  fc
    .tuple(
      fc.constantFrom("a", "å", "-"),
      fc.constantFrom(63, 64, 65, 127, 128, 129, 130, 798, 799, 800, 801),
    )
    .map(([character, length]) => character.repeat(length)),
  fc.constantFrom(
    "APP",
    "app",
    "MDM_FULL",
    "SMP",
    "CUSTOM",
    "__proto__",
    "constructor",
    "toString",
    "a\n",
    "\na",
  ),
);

const accepts = (check: (value: string) => Violation | undefined) => (value: string) =>
  check(value) === undefined;
const takes = (rule: cloud.Rule) => (value: string) => rule(value) === undefined;

describe("what we accept and what nRF Cloud accepts, each written from the documentation alone, is the same:", () => {
  it.each([
    ["tags", accepts(checkTag), takes(cloud.tagRule)],
    ["sub-types", accepts(checkSubType), takes(cloud.subTypeRule)],
    ["firmware types of a bulk job", accepts(checkFirmwareType), takes(cloud.bulkFirmwareTypeRule)],
  ])("%s", (_, ours, theirs) => {
    fc.assert(
      fc.property(text, (value) => {
        expect(ours(value)).toBe(theirs(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("device ids, up to the length that a certificate can name", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(accepts(checkDeviceId)(value)).toBe(
          takes(cloud.deviceIdRule)(value) && value.length <= maxDeviceIdLength,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("names, but for those that could not be shown", () => {
    const unshowable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
    const anyName = fc.oneof(
      text,
      fc.string({ unit: "binary-ascii" }),
      fc.constantFrom("\ud83d", "a\u2028b", "\u202eexe"),
    );
    fc.assert(
      fc.property(anyName, (value) => {
        expect(accepts(checkName)(value)).toBe(takes(cloud.nameRule)(value) && !unshowable.test(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("provisioning tags, as far as any are documented: we refuse none that the service takes", () => {
    fc.assert(
      fc.property(text, (value) => {
        fc.pre(tagProblems([value]).length === 0 && !holdsAttestationToken(value));
        expect(checkProvisioningTag(value)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });
});

it("every refusal is one short line and says what to do", () => {
  const checks = [checkDeviceId, checkFirmwareType, checkName, checkProvisioningTag, checkSubType, checkTag];
  fc.assert(
    fc.property(fc.constantFrom(...checks), text, (check, value) => {
      const { message, fix } = check(value) ?? { message: "a", fix: "b" };
      expect(`${message} → ${fix}`).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]{4,400}$/u);
    }),
    { numRuns: 2000 },
  );
});
