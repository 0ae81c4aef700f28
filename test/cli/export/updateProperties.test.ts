import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CloudDevice } from "../../../provider/cloud/answers.js";
import type { DeviceSpec } from "../../../provider/fleet/deviceSpec.js";
import { classifyDevices } from "../../../cli/export/inventory.js";
import { updateFleetFile } from "../../../cli/export/update.js";
import { load, memoryIo } from "../../fleet/io.js";
import { anyAccount, noClaims, TENANT, view } from "./accounts.js";
import { accountOf, anyDrift, anyFile, csvFiles } from "./files.js";

function update(text: string, devices: readonly CloudDevice[]) {
  return updateFleetFile("fleet.yaml", text, memoryIo(csvFiles), view(devices));
}

/** A file, and an account that has drifted away from it and got new devices. */
const anyCase = fc.tuple(anyFile, anyDrift, anyAccount).map(([text, drift, others]) => {
  const now = accountOf(load(text, csvFiles)).flatMap(drift);
  const known = new Set(load(text, csvFiles).devices.map(({ deviceId }) => deviceId));
  return { text, devices: [...now, ...others.filter(({ id }) => !known.has(id))] };
});

/** Would the provider leave the device as it is? */
function saysOf({ tags, subType, name, adopt }: DeviceSpec, found: CloudDevice): boolean {
  const usual = adopt === "no" ? found.id : found.name;
  return (
    isDeepStrictEqual(new Set(tags), new Set(found.tags)) &&
    (subType === undefined || subType === found.subType) &&
    (name ?? usual) === found.name
  );
}

const ownLines = (text: string) => text.match(/^ *# c\d+\r?$/gm) ?? [];

describe("whatever the file and the account", () => {
  it("an account as declared leaves every character of the file", () => {
    fc.assert(
      fc.property(anyFile, (text) => {
        expect(update(text, accountOf(load(text, csvFiles)))).toEqual({ text, changes: [], remarks: [] });
      }),
      { numRuns: 100 },
    );
  });

  it("an update writes correct changes, reports the others, and another update has nothing to do", () => {
    let written = 0;
    fc.assert(
      fc.property(anyCase, ({ text, devices }) => {
        const first = update(text, devices);
        const open = first.remarks.filter(({ kind }) => kind === "open");
        const fleet = load(first.text, csvFiles);
        const found = new Map(devices.map((each) => [each.id, each]));
        const different = fleet.devices.filter((spec) => {
          const each = found.get(spec.deviceId);
          return each !== undefined && !saysOf(spec, each);
        });
        if (open.length === 0) {
          expect(different).toEqual([]);
          const declared = new Set(fleet.devices.map(({ deviceId }) => deviceId));
          const missing = classifyDevices(devices, noClaims, TENANT).devices.filter(
            ({ deviceId }) => !declared.has(deviceId),
          );
          expect(missing).toEqual([]);
        }
        if (first.text === text) expect(first.changes).toEqual([]);
        else written++;

        const second = update(first.text, devices);
        expect(second.text).toBe(first.text);
        expect(second.changes).toEqual([]);
        expect(second.remarks.filter(({ kind }) => kind === "open")).toHaveLength(open.length);
      }),
      { numRuns: 150 },
    );
    expect(written).toBeGreaterThan(30);
  });

  it("comments on separate lines are kept, in their order, and so are line ends", () => {
    fc.assert(
      fc.property(anyCase, ({ text, devices }) => {
        const after = update(text, devices).text;
        expect(ownLines(after)).toEqual(ownLines(text));
        const breaks = (each: string) => new Set(each.match(/\r?\n/g));
        expect(breaks(after)).toEqual(breaks(text));
      }),
      { numRuns: 100 },
    );
  });
});
