/** Accounts and fleet files made up for tests. */
import fc from "fast-check";
import type { CloudDevice } from "../../../provider/cloud/answers.js";
import type { AccountView, Claims } from "../../../cli/export/account.js";

export const TENANT = "11111111-1111-4111-8111-111111111111";
export const noClaims: Claims = { known: true, byUuid: new Map() };

/** An account as an update sees it. */
export function view(devices: readonly CloudDevice[], more: Partial<AccountView> = {}): AccountView {
  return { devices, claims: noClaims, tenantId: TENANT, unselected: new Set(), ...more };
}

/** A device as ListDevices gives it. */
export function device(id: string, more: Partial<CloudDevice> = {}): CloudDevice {
  return { id, name: id, type: "Generic", subType: "unknown", tags: [], ...more };
}

/** Ids that fold, ids that YAML would take for something else, and such as no certificate can have. */
const anyId = fc.oneof(
  { weight: 8, arbitrary: fc.nat(30).map((n) => `lab-${String(n).padStart(3, "0")}`) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(3), fc.nat(12)).map(([rack, slot]) => `rack-${rack}-slot-${slot}`),
  },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9:_-]{1,8}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "1e3",
      "0x1F",
      "true",
      "null",
      "-",
      ":a",
      "a:",
      "123",
      "2026-11-23",
      "no",
      "2dn3hQFQ",
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("a".repeat(65), "a b", "ø", "") },
);

const anyTag = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom("lab", "acme", "lot-7", "lot-8", "#1", "@home", "a:b", "x.y", "123", "true"),
  },
  { weight: 1, arbitrary: fc.constantFrom("two words", "ø", "", "0oRDoQEm", "a,b") },
);

const anySubType = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "unknown",
      "tracker",
      "asset/tracker,v2",
      "my-gateway",
      "constructor",
      "__proto__",
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("", "two words", "123", "jitp-generic", "#") },
);

/** Names that are plain, that follow a template, and that no fleet file can say. */
const anyName = (id: string) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(id) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        `Sensor ${id}`,
        `${id} (${id})`,
        "Unit",
        "a: b",
        "# no comment",
        "it's",
        '"q"',
        "[x]",
        " x ",
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "{id}",
        "{x",
        "x}",
        "two\nlines",
        "\ud800",
        "é😀\u2028",
        "-----BEGIN PRIVATE KEY-----",
        "~",
        "x".repeat(129),
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 12 }) },
  );

const settingKey = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("interval", "gnss", "led", "a.b", "true", "1", "a: b", "<<", "~", ""),
  },
  { weight: 1, arbitrary: fc.constantFrom("password", "constructor") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
);
const { settings: anySettings } = fc.letrec<{ value: unknown; settings: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      true,
      false,
      0,
      -1,
      1.5,
      1e300,
      2 ** 60,
      "",
      "on",
      "null",
      "1e3",
      "a\nb\n",
      " x ",
      "# c",
      "{x}",
    ),
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.array(fc.constantFrom(1, "a, b", [], {}, { k: "v: w" }, null), { maxLength: 3 }),
    tie("settings"),
  ),
  settings: fc.dictionary(settingKey, tie("value"), { maxKeys: 3, noNullPrototype: true }),
}));

const anyFirmware = fc.subarray(["APP", "MODEM", "BOOT", "SMP"]);

export const anyDevice: fc.Arbitrary<CloudDevice> = anyId.chain((id) =>
  fc.record({
    id: fc.constant(id),
    name: anyName(id),
    type: fc.constant("Generic"),
    subType: anySubType,
    tags: fc.array(anyTag, { maxLength: 3 }),
    firmware: anyFirmware.map((supports) => ({ supports })),
    state: fc.oneof(
      fc.constant({ desired: {} }),
      fc.constant({ desired: { interval: 600, gnss: { enabled: true } } }),
      anySettings.map((desired) => ({ desired })),
    ),
  }),
);

/** Devices with ids of their own. */
export const anyAccount = fc.uniqueArray(anyDevice, { selector: ({ id }) => id, maxLength: 40 });
