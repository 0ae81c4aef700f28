import { foldIds } from "../../fleet/foldIds.js";
import { takesOut, type Field, type RowChange } from "./change.js";
import { FIRST_GENERATION } from "../../fleet/rotation.js";
import type { Row, RowCredential } from "../table/row.js";
import { orderedBy } from "./turn.js";

/** Something that reviewers should look at first. */
export interface Danger {
  /** What happens to the rows; absent where nothing happens to any, as when a guard is lifted. */
  readonly sign?: Sign;
  /** Such as `2 devices will be deleted`. */
  readonly title: string;
  /** What it means for the devices in the field. */
  readonly consequence: string;
  readonly ids: readonly string[];
}

/** `+` create, `~` update, `-/+` replace, `-` delete. */
export type Sign = "+" | "~" | "-/+" | "-";

/** How many rows something happens to. */
export interface Count {
  readonly sign: Sign;
  /** Such as `3 devices to onboard`. */
  readonly text: string;
  readonly ids: readonly string[];
}

/** What is known of a plan, for people. Each change of a row is told once: what is a danger is not counted again. */
export interface Summary {
  readonly dangers: readonly Danger[];
  readonly counts: readonly Count[];
}

/** Tells in few words what will become of rows: danger first, then counts. */
export function summarize(changes: ReadonlyMap<string, RowChange>): Summary {
  return {
    dangers: gathered(changes, dangersOf, ({ title }) => title(2))
      .sort((one, other) => one.what.rank - other.what.rank || inOrder(one.key, other.key))
      .map(({ what: { sign, title, consequence }, ids }) => ({
        sign,
        title: title(ids.length),
        consequence: consequence(ids.length),
        ids,
      })),
    counts: gathered(changes, countsOf, ({ sign, say }) => `${sign} ${say(2)}`)
      .sort(
        (one, other) =>
          SIGNS.indexOf(one.what.sign) - SIGNS.indexOf(other.what.sign) || inOrder(one.key, other.key),
      )
      .map(({ what: { sign, say }, ids }) => ({ sign, text: say(ids.length), ids })),
  };
}

interface Gathered<What> {
  readonly key: string;
  readonly what: What;
  readonly ids: readonly string[];
}

/** What changes have in common, by its key, with the rows that have it. */
function gathered<What>(
  changes: ReadonlyMap<string, RowChange>,
  read: (change: RowChange) => readonly What[],
  keyOf: (what: What) => string,
): Gathered<What>[] {
  const all = new Map<string, { readonly key: string; readonly what: What; readonly ids: string[] }>();
  for (const [id, change] of changes) {
    for (const what of read(change)) {
      const key = keyOf(what);
      const known = all.get(key);
      if (known === undefined) all.set(key, { key, what, ids: [id] });
      else known.ids.push(id);
    }
  }
  return [...all.values()];
}

const SIGNS: readonly Sign[] = ["+", "~", "-/+", "-"];

function inOrder(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** The summary as lines of plain text. */
export function summaryLines({ dangers, counts }: Summary): string[] {
  return [
    ...dangers.flatMap(({ sign = "!", title, consequence, ids }) => [
      `${sign} ${title}: ${idRanges(ids)}`,
      `    ${consequence}`,
    ]),
    ...counts.map(({ sign, text, ids }) => `${sign} ${text}: ${idRanges(ids)}`),
  ];
}

/** That rows differ, and are not changed, because others were chosen. */
export function leftOutText(count: number): string {
  return count === 1
    ? "1 device differs, and is not changed, because only others were chosen"
    : `${devices(count)} differ, and are not changed, because only others were chosen`;
}

/** Ids in the notation of the fleet file. Thousands of scattered ids are no help to anybody, so the text ends somewhere. */
export function idRanges(ids: readonly string[], mostCharacters = 1000): string {
  const text = foldIds(ids).join(", ");
  if (text.length <= mostCharacters) return text;
  return `${text.slice(0, text.lastIndexOf(", ", mostCharacters))} and more`;
}

/** `1 device`, `12 devices`. */
export function devices(count: number): string {
  return count === 1 ? "1 device" : `${count.toLocaleString("en")} devices`;
}

interface DangerOfRow {
  /** The worst is 0. */
  readonly rank: number;
  readonly sign: Sign;
  readonly title: (n: number) => string;
  readonly consequence: (n: number) => string;
}

function dangersOf(change: RowChange): DangerOfRow[] {
  switch (change.kind) {
    case "replace":
      return [
        {
          rank: 1,
          sign: "-/+",
          title: (n) =>
            `${devices(n)} will be deleted and onboarded again, because ${changing(change.fields)}`,
          consequence: (n) =>
            n === 1
              ? "Its history in nRF Cloud is lost. It can't connect before it has its new certificate."
              : "Their history in nRF Cloud is lost. They can't connect before they have their new certificates.",
        },
      ];
    case "remove":
      return takesOut(change) ? [removalDanger(change.before)] : [];
    case "update":
      return updateDangers(change.after, change.fields);
    case "add":
      return change.after.adopt === "recertify"
        ? [
            {
              rank: 4,
              sign: "+",
              title: (n) =>
                change.adopted
                  ? `${devices(n)} will be adopted with a new certificate`
                  : `${devices(n)} will be onboarded, or adopted with a new certificate`,
              consequence: needsCertificate,
            },
          ]
        : [];
    case "same":
      return [];
  }
}

function changing(fields: readonly Field[]): string {
  return `${fields.join(" and ")} ${fields.length === 1 ? "changes" : "change"}`;
}

function needsCertificate(n: number): string {
  return n === 1 ? "It can't connect before it has it." : "They can't connect before they have it.";
}

function removalDanger(before: Row): DangerOfRow {
  switch (before.way) {
    case "preconnect":
      return {
        rank: 0,
        sign: "-",
        title: (n) => `${devices(n)} will be deleted`,
        consequence: (n) =>
          n === 1
            ? "nRF Cloud deletes its data and certificates. It can't connect any more."
            : "nRF Cloud deletes their data and certificates. They can't connect any more.",
      };
    case "jitp":
      return {
        rank: 2,
        sign: "-",
        title: (n) => `${devices(n)} will be released`,
        consequence: (n) =>
          n === 1
            ? "nRF Cloud keeps it. Whoever has its ownership code can claim it."
            : "nRF Cloud keeps them. Whoever has their ownership codes can claim them.",
      };
    case "attestation":
      return {
        rank: 0,
        sign: "-",
        title: (n) => `${devices(n)} will be unclaimed`,
        consequence: (n) =>
          n === 1
            ? "nRF Cloud deletes the onboarded device and its data. Any team can claim it."
            : "nRF Cloud deletes the onboarded devices and their data. Any team can claim them.",
      };
  }
}

function updateDangers(after: Row, fields: readonly Field[]): DangerOfRow[] {
  if (fields.includes("via")) {
    return [
      {
        rank: 3,
        sign: "~",
        title: (n) => `${devices(n)} will be ${WAYS[after.way]} instead`,
        consequence: (n) =>
          n === 1
            ? "The account keeps the device. What it needs to connect may change."
            : "The account keeps the devices. What they need to connect may change.",
      },
    ];
  }
  const certificate =
    after.way === "preconnect" ? certificateDanger(after.credential.kind, fields) : undefined;
  if (certificate === undefined) return [];
  const { rank, what } = certificate;
  return [
    {
      rank,
      sign: "~",
      title: (n) => `${devices(n)} will get ${what}`,
      consequence: needsCertificate,
    },
  ];
}

/** What certificate or key devices get, of several reasons the one that changes most. */
function certificateDanger(
  kind: RowCredential["kind"],
  fields: readonly Field[],
): { readonly rank: number; readonly what: string } | undefined {
  if (fields.includes("credential") || fields.includes("rotation"))
    return { rank: 3, what: kind === "issue" ? "a new key and certificate" : "another certificate or key" };
  const reason = RENEWALS.find((field) => fields.includes(field));
  return reason && { rank: 4, what: `${CHANGES[reason]}, for the same key` };
}

const RENEWALS = ["ca", "validity", "renewal"] as const;

/** Changes of a rotation, which are told in words of their own. */
type Turned = "rotation" | "next" | "activation" | "return" | "drop";

const WAYS: Readonly<Record<Row["way"], string>> = {
  preconnect: "onboarded",
  jitp: "claimed by ownership code",
  attestation: "claimed by attestation token",
};

interface CountOfRow {
  readonly sign: Sign;
  readonly say: (n: number) => string;
}

/** What of a change is no danger. */
function countsOf(change: RowChange): CountOfRow[] {
  switch (change.kind) {
    case "same":
    case "replace":
      return [];
    case "add":
      if (dangersOf(change).length > 0) return [];
      return [
        {
          sign: "+",
          say: (n) => `${devices(n)} ${change.adopted ? "to adopt" : ARRIVALS[change.after.way]}`,
        },
      ];
    case "remove":
      return takesOut(change)
        ? []
        : [{ sign: "-", say: (n) => `${devices(n)} to forget (nRF Cloud keeps the claim)` }];
    case "update":
      return change.fields
        .filter((field) => !isDanger(change.after, field))
        .map((field) => ({ sign: "~", say: (n) => countText(n, field, change) }));
  }
}

function countText(n: number, field: Field, change: RowChange & { readonly kind: "update" }): string {
  const { after } = change;
  const generation = orderedBy(after)?.rotation.generation ?? FIRST_GENERATION.generation;
  switch (field) {
    case "rotation":
      return `${devices(n)} will be ordered to make ${n === 1 ? "its key" : "their keys"} of generation ${generation}`;
    case "next":
      return `${devices(n)} will get ${n === 1 ? "its" : "their"} next certificate issued`;
    case "activation":
      return `${devices(n)} will activate generation ${generation}`;
    case "return":
      return `${devices(n)} will go back to generation ${generation}`;
    case "drop":
      return `${devices(n)} will drop ${n === 1 ? "its" : "their"} other kept credentials`;
    case "via":
    case "subType":
    case "firmwareTypes":
    case "credential":
    case "ca":
    case "validity":
    case "renewal":
    case "name":
    case "tags":
    case "config":
    case "phase":
    case "unclaim":
    case "securityTag":
    case "retired":
    case "adopt":
    case "protect":
    case "wait":
      return `${devices(n)} will ${becomes(field, change)}`;
  }
}

function becomes(
  field: Exclude<Field, Turned>,
  { before, after }: { readonly before: Row; readonly after: Row },
): string {
  if (field !== "retired" || (before.retired !== undefined && after.retired !== undefined))
    return `get ${CHANGES[field]}`;
  if (after.retired === undefined) return "not be retired any more";
  return `be retired, and deleted or released after ${after.retired.text}`;
}

function isDanger(after: Row, field: Field): boolean {
  return updateDangers(after, [field]).length > 0;
}

const ARRIVALS: Readonly<Record<Row["way"], string>> = {
  preconnect: "to onboard",
  jitp: "to claim by ownership code",
  attestation: "to claim by attestation token",
};

const CHANGES: Readonly<Record<Exclude<Field, Turned>, string>> = {
  via: "another way into the account",
  subType: "another sub-type",
  firmwareTypes: "other firmware types",
  credential: "another credential",
  ca: "a certificate of the new CA",
  validity: "a certificate of another validity",
  renewal: "a renewed certificate",
  name: "another name",
  tags: "other tags",
  config: "another configuration",
  phase: "another phase of the rotation",
  unclaim: "another rule for unclaiming",
  securityTag: "another security tag",
  adopt: "another rule for adoption",
  protect: "another protection",
  retired: "another time for which retired devices are kept",
  wait: "another wait for the first connect",
};
