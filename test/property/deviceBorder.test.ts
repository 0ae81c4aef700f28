import fc from "fast-check";
import { beforeAll, expect, it, vi } from "vitest";
import { keepConfiguration } from "../../provider/engine/configuration.js";
import {
  checkDeviceId,
  checkFirmwareType,
  checkName,
  checkSubType,
  checkTag,
} from "../../provider/fleet/rules.js";
import { device } from "../../provider/lifecycle/device.js";
import { Refused, Resource } from "../support/resource.js";

// Without an API key a check looks into no account.
beforeAll(() => {
  delete process.env.NRF_CLOUD_API_KEY;
  keepConfiguration(() => undefined);
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
});

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from('",|;=+-@\n\r\t a1_:#./\u2028')), maxLength: 6 }),
  fc.stringMatching(/^[a-z0-9_-]{1,8}$/),
  fc.constantFrom("APP", "__proto__", "=1+1", "a|b"),
);
const value = fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: fc.anything() });

const isText = (check: (text: string) => unknown) => (each: unknown) =>
  each === undefined || each === null || (typeof each === "string" && check(each) === undefined);
const isTexts = (check: (text: string) => unknown) => (each: unknown) =>
  each === undefined || each === null || (Array.isArray(each) && each.every(isText(check)));

it("a device that a program declares passes the same rules as one of a fleet file, whatever it is made of", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        deviceId: value,
        subType: fc.option(value),
        name: fc.option(value),
        tags: fc.option(fc.oneof(fc.array(value, { maxLength: 3 }), value)),
        firmwareTypes: fc.option(
          fc.oneof(fc.array(fc.oneof(fc.constantFrom("APP", "MODEM"), value), { maxLength: 3 }), value),
        ),
      }),
      async (inputs) => {
        // What the engine hands over has been JSON.
        const given = {
          ...(JSON.parse(JSON.stringify(inputs)) as typeof inputs),
          credential: { ca: "of this program" },
        };
        const isGood =
          typeof given.deviceId === "string" &&
          checkDeviceId(given.deviceId) === undefined &&
          isText(checkSubType)(given.subType) &&
          isText(checkName)(given.name) &&
          isTexts(checkTag)(given.tags) &&
          isTexts(checkFirmwareType)(given.firmwareTypes);
        const outcome = await new Resource(device).plan(given).then(
          ({ step }) => step,
          (error: unknown) => (error instanceof Refused ? "refused" : String(error)),
        );
        expect(outcome).toBe(isGood ? "create" : "refused");
      },
    ),
    { numRuns: 1000 },
  );
});
