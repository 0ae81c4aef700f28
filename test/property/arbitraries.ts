import fc from "fast-check";

/** Texts that mean something to CSV, spreadsheets, shells, JSON or JavaScript, but are legal names. */
export const trickyName = fc.oneof(
  fc.constantFrom(
    '=1+1,"x"|y',
    "+SUM(A1:A9)",
    "@cmd|' /C calc'!A0",
    "-2+3",
    "__proto__",
    "constructor",
    '"',
    "a;b,c",
    " spaces around ",
    "🙂 Sensor (Østfold)",
    "{id}",
    "null",
    "0",
  ),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text)),
);

/** Legal tags, some of which spreadsheets take for formulas, or JavaScript for its own. */
export const tag = fc.oneof(
  fc.constantFrom("a", "b", "c", "lab", "@SUM", "-1", "#x", "a.b", "__proto__", "constructor", "0"),
  fc.stringMatching(/^[a-zA-Z0-9_.@:#-]{1,12}$/),
);

export const tags = fc.array(tag, { maxLength: 5 });

export const subType = fc.option(fc.constantFrom("tracker", "@a/b,c#d", "a-gateway"), { nil: undefined });

export const firmwareTypes = fc.array(fc.constantFrom("APP", "MODEM", "BOOT", "MDM_FULL"), { maxLength: 3 });
