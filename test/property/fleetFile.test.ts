import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Fleet } from "../../provider/fleet/fleet.js";
import type { FleetDefinition } from "../../provider/fleet/definition.js";
import { resolveFleet } from "../../provider/fleet/load.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import { load, memoryIo, pem } from "../fleet/io.js";
import { firmwareTypes, subType, tags, trickyName } from "./arbitraries.js";

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
/** Names with braces in them are templates. */
const name = maybe(
  fc.oneof(
    trickyName.filter((text) => !/[{}]/.test(text)),
    fc.constantFrom("{id}", "Unit {id} of {group}"),
  ),
);
const settings = {
  subType,
  tags: maybe(tags),
  firmwareTypes: maybe(firmwareTypes),
  name,
  adopt: maybe(fc.constantFrom<(boolean | "recertify")[]>(true, false, "recertify")),
};

interface Expected {
  readonly deviceId: string;
  readonly group: string;
}

/** A group and the ids that it stands for; `at` makes them unlike those of other groups. */
const group = fc.oneof(
  fc
    .record({ ...settings, size: fc.integer({ min: 1, max: 12 }), padded: fc.boolean() })
    .map(({ size, padded, ...others }) => (at: number) => {
      const width = padded ? 4 : 1;
      const ends = [0, size - 1].map((number) => String(number).padStart(width, "0"));
      return {
        definition: { ...others, ids: `g${at}-{${ends.join("..")}}` },
        ids: Array.from({ length: size }, (_, i) => `g${at}-${String(i).padStart(width, "0")}`),
        rows: undefined,
      };
    }),
  fc
    .record({ ...settings, devices: fc.array(fc.record(settings), { minLength: 1, maxLength: 5 }) })
    .map(({ devices, ...others }) => (at: number) => {
      const listed = devices.map((device, i) => ({ id: `l${at}:${i}`, ...device }));
      return { definition: { ...others, devices: listed }, ids: listed.map(({ id }) => id), rows: undefined };
    }),
  fc
    .record({ ...settings, rows: fc.integer({ min: 1, max: 5 }) })
    .map(({ rows, ...others }) => (at: number) => {
      const ids = Array.from({ length: rows }, (_, i) => `c${at}_${i}`);
      return { definition: { ...others, csv: `c${at}.csv` }, ids, rows: `id\n${ids.join("\n")}\n` };
    }),
);

/** A definition as somebody could write it, the files it names, and the devices that it must mean. */
const written = fc
  .record({
    defaults: maybe(fc.record(settings)),
    certificates: maybe(
      fc.record({ validityDays: fc.integer({ min: 30, max: 36_500 }), earlyRenewalHours: fc.nat(700) }),
    ),
    groups: fc.array(group, { minLength: 1, maxLength: 4 }),
  })
  .map(({ defaults, certificates, groups }) => {
    const made = groups.map((make, at) => ({ group: `group-${at}`, ...make(at) }));
    const definition: unknown = JSON.parse(
      JSON.stringify({
        apiVersion: "nrfcloud.dev/v1",
        kind: "Fleet",
        ca: { subject: { commonName: "Test CA" } },
        defaults,
        certificates,
        groups: Object.fromEntries(made.map(({ group, definition }) => [group, definition])),
      }),
    );
    const files = Object.fromEntries(
      made.flatMap(({ rows }, at) => (rows === undefined ? [] : [[`c${at}.csv`, rows] as const])),
    );
    const expected: Expected[] = made.flatMap(({ group, ids }) =>
      ids.map((deviceId) => ({ deviceId, group })),
    );
    return { definition, files, expected };
  });

/** As YAML in some style: JSON is YAML too. */
const style = fc.constantFrom<((value: unknown) => string)[]>(
  (value) => JSON.stringify(value),
  (value) => stringify(value),
  (value) =>
    `\uFEFF# ours\r\n---\r\n${stringify(value, { indent: 4, lineWidth: 20 }).replaceAll("\n", "\r\n")}`,
  (value) => stringify(value, { defaultStringType: "QUOTE_DOUBLE", aliasDuplicateObjects: true }),
  (value) => stringify(value, { collectionStyle: "flow" }),
);

/** A name can be too long only once its placeholders are filled in; the fleets here have none so long. */
function idsOf({ devices }: Fleet): Expected[] {
  return devices.map(({ deviceId, group }) => ({ deviceId, group }));
}

describe("a fleet", () => {
  it("loads as it was meant, in whatever style it is written, and means the same each time", () => {
    fc.assert(
      fc.property(written, style, ({ definition, files, expected }, write) => {
        const text = write(definition);
        const fleet = load(text, files);
        expect(idsOf(fleet)).toEqual(expected);
        expect(load(text, files)).toEqual(fleet);
        const fromObject = resolveFleet(definition, memoryIo(files));
        const bare = (value: unknown): unknown =>
          JSON.parse(JSON.stringify(value, (key, entry: unknown) => (key === "at" ? undefined : entry)));
        expect(bare(fromObject)).toEqual(bare(fleet));
      }),
      { numRuns: 150 },
    );
  });

  it("gives each device what is nearest to it, and all tags once", () => {
    fc.assert(
      fc.property(written, ({ definition, files }) => {
        const { defaults, groups = {} } = definition as FleetDefinition;
        for (const device of resolveFleet(definition, memoryIo(files)).devices) {
          const own = groups[device.group];
          const listed =
            own && "devices" in own
              ? own.devices.find((each) => typeof each === "object" && each.id === device.deviceId)
              : undefined;
          const levels = [typeof listed === "object" ? listed : undefined, own, defaults];
          expect(device.subType).toEqual(levels.find((level) => level?.subType !== undefined)?.subType);
          expect(device.tags).toEqual([
            ...new Set([...levels].reverse().flatMap((level) => level?.tags ?? [])),
          ]);
          const template = levels.find((level) => level?.name !== undefined)?.name;
          expect(device.name).toEqual(
            template?.replaceAll("{id}", () => device.deviceId).replaceAll("{group}", () => device.group),
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("whatever it is given, loading ends with a fleet or with problems that name their places:", () => {
  const placed = ({ problems }: FleetFileError): boolean =>
    problems.length > 0 &&
    problems.every(
      ({ at, message, fix }) =>
        at !== undefined && at.line >= 1 && at.column >= 1 && message !== "" && fix !== "",
    );

  const endsWell = (attempt: () => Fleet, isGood: (error: FleetFileError) => boolean) => {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof FleetFileError)) throw error;
      expect(isGood(error), error.message).toBe(true);
    }
  };

  const words = fc.constantFrom(
    ..."apiVersion kind Fleet nrfcloud.dev/v1 groups ids devices csv tags name adopt ca subject commonName certificate".split(
      " ",
    ),
    ..."jitp claims token code codes imei uuid env file config << __proto__ constructor prototype toString x-{0..3} *a &a !t".split(
      " ",
    ),
    ...[
      "\n",
      "\n  ",
      "\n    - ",
      ": ",
      ", ",
      "[",
      "]",
      "{",
      "}",
      "'",
      '"',
      "|\n",
      ">\n",
      "#",
      "---\n",
      "\t",
      "%YAML 1.1\n",
      "? ",
    ],
  );

  it("texts of words that it knows", () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        endsWell(() => load(parts.join("")), placed);
      }),
      { numRuns: 1500 },
    );
  });

  it("bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        endsWell(() => load(Buffer.from(bytes).toString("latin1")), placed);
        endsWell(() => load(Buffer.from(bytes).toString("utf8")), placed);
      }),
      { numRuns: 500 },
    );
  });

  it("a good definition in which one value was exchanged for anything", () => {
    fc.assert(
      fc.property(
        written,
        fc.nat(),
        fc.anything({ withBigInt: true, withDate: true, withMap: true }),
        ({ definition, files }, at, value) => {
          const paths = pathsIn(definition);
          const changed = replaceAt(definition, paths[at % paths.length] ?? [], value);
          endsWell(
            () => resolveFleet(changed, memoryIo(files)),
            ({ problems }) =>
              problems.length > 0 && problems.every(({ message, fix }) => message !== "" && fix !== ""),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("PEM texts that were damaged", () => {
    const damage = fc.array(
      fc.tuple(fc.nat(200), fc.nat(3), fc.constantFrom("", "\n", "-", " ", "\r\n", "A", "PRIVATE KEY-----")),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(damage, (damages) => {
        const text = damages.reduce(
          (now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut),
          pem("CERTIFICATE", "a longer content of this certificate, so that it has a second line"),
        );
        const definition = { devices: [{ id: "a", certificate: text }] };
        endsWell(() => {
          const fleet = load(
            JSON.stringify({ apiVersion: "nrfcloud.dev/v1", kind: "Fleet", groups: { lab: definition } }),
          );
          for (const { credential } of fleet.devices) {
            if (credential.kind !== "certificate") throw new Error("not a certificate");
            expect(credential.certificate).toMatch(
              /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/= ]+\n)+-----END CERTIFICATE-----\n$/,
            );
          }
          return fleet;
        }, placed);
      }),
      { numRuns: 500 },
    );
  });
});

type Path = readonly string[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, entry]) => pathsIn(entry, [...path, key]))];
}

function replaceAt(value: unknown, [step, ...rest]: Path, replacement: unknown): unknown {
  if (step === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.map((entry: unknown, i) =>
      String(i) === step ? replaceAt(entry, rest, replacement) : entry,
    );
  }
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.map(([key, entry]) => [
      key,
      key === step ? replaceAt(entry, rest, replacement) : (entry as unknown),
    ]),
  );
}
