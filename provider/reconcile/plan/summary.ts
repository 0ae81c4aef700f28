import { foldIds } from "../../fleet/foldIds.js";
import { takesOut, type Field, type RowChange } from "./change.js";
import type { Row } from "../table/row.js";

/** Something that reviewers should look at first. */
export interface Danger {
  /** Such as `2 devices are deleted`. */
  readonly title: string;
  /** What it means for the devices in the field. */
  readonly consequence: string;
  readonly ids: readonly string[];
}

/** How many rows something happens to. */
export interface Count {
  /** `+` create, `~` update, `-` delete, `-/+` replace. */
  readonly sign: "+" | "~" | "-" | "-/+";
  /** Such as `3 devices to onboard`. */
  readonly text: string;
  readonly ids: readonly string[];
}

/** What is known of a plan, for people. */
export interface Summary {
  readonly dangers: readonly Danger[];
  readonly counts: readonly Count[];
}

/** Tells in few words what would become of rows: danger first, then counts. */
export function summarize(changes: ReadonlyMap<string, RowChange>): Summary {
  const dangers = new Map<string, Danger & { ids: string[] }>();
  const counts = new Map<string, { sign: Count["sign"]; say: (n: number) => string; ids: string[] }>();
  for (const [id, change] of changes) {
    for (const { key, title, consequence } of dangersOf(change)) {
      const known = dangers.get(key);
      if (known === undefined) dangers.set(key, { title, consequence, ids: [id] });
      else known.ids.push(id);
    }
    for (const { sign, say } of countsOf(change)) {
      const key = `${sign} ${say(2)}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { sign, say, ids: [id] });
      else known.ids.push(id);
    }
  }
  return {
    dangers: [...dangers.entries()]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { title, consequence, ids }]) => ({
        title: title.replace("#", devices(ids.length)).replace("(is)", ids.length === 1 ? "is" : "are"),
        consequence,
        ids,
      })),
    counts: [...counts.values()]
      .sort((one, other) => SIGNS.indexOf(one.sign) - SIGNS.indexOf(other.sign))
      .map(({ sign, say, ids }) => ({ sign, text: say(ids.length), ids })),
  };
}

const SIGNS: readonly Count["sign"][] = ["+", "~", "-/+", "-"];

/** The summary as lines of plain text. */
export function summaryLines({ dangers, counts }: Summary): string[] {
  return [
    ...dangers.flatMap(({ title, consequence, ids }) => [`! ${title}: ${idRanges(ids)}`, `  ${consequence}`]),
    ...counts.map(({ sign, text, ids }) => `${sign} ${text}: ${idRanges(ids)}`),
  ];
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
  /** Sorts the worst first. */
  readonly key: string;
  readonly title: string;
  readonly consequence: string;
}

function dangersOf(change: RowChange): DangerOfRow[] {
  switch (change.kind) {
    case "replace":
      return [
        {
          key: `1 ${change.fields.join()}`,
          title: `# (is) deleted and onboarded again because of ${change.fields.join(" and ")}`,
          consequence:
            "Their history in nRF Cloud is lost. They can't connect before they have their new certificates.",
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
              key: "4 recertify",
              title: "# that the account may have already would get a new certificate",
              consequence: NEEDS_CERTIFICATE,
            },
          ]
        : [];
    case "same":
      return [];
  }
}

const NEEDS_CERTIFICATE = "They can't connect before they have it.";

function removalDanger(before: Row): DangerOfRow {
  switch (before.way) {
    case "preconnect":
      return {
        key: "0 delete",
        title: "# (is) deleted",
        consequence: "nRF Cloud deletes their data and certificates. They can't connect any more.",
      };
    case "jitp":
      return {
        key: "2 release",
        title: "# (is) released",
        consequence: "They stay on the platform. Whoever has their ownership codes can claim them.",
      };
    case "attestation":
      return {
        key: "0 unclaim",
        title: "# (is) unclaimed",
        consequence: "nRF Cloud deletes the onboarded devices and their data. Any team can claim them.",
      };
  }
}

function updateDangers(after: Row, fields: readonly Field[]): DangerOfRow[] {
  if (fields.includes("via")) {
    return [
      {
        key: "3 via",
        title: `# will come into the account in another way (${after.way})`,
        consequence: "The devices stay in the account. What they need to connect may change.",
      },
    ];
  }
  if (after.way !== "preconnect") return [];
  if (fields.includes("credential")) {
    const brings = after.credential.kind !== "issue";
    return [
      {
        key: `3 ${brings ? "brought" : "issued"}`,
        title: brings ? "# will have another certificate or key" : "# will have a new key and certificate",
        consequence: NEEDS_CERTIFICATE,
      },
    ];
  }
  if (fields.some((field) => field === "ca" || field === "validity" || field === "renewal")) {
    return [
      {
        key: "4 renewed",
        title: "# will have a new certificate for the same key",
        consequence: NEEDS_CERTIFICATE,
      },
    ];
  }
  return [];
}

interface CountOfRow {
  readonly sign: Count["sign"];
  readonly say: (n: number) => string;
}

function countsOf(change: RowChange): CountOfRow[] {
  switch (change.kind) {
    case "same":
      return [];
    case "add":
      return [{ sign: "+", say: (n) => `${devices(n)} ${ARRIVALS[change.after.way]}` }];
    case "replace":
      return [
        { sign: "-/+", say: (n) => `${devices(n)} to replace because of ${change.fields.join(" and ")}` },
      ];
    case "remove":
      return [{ sign: "-", say: (n) => `${devices(n)} ${departure(change.before)}` }];
    case "update":
      return [...new Set(change.fields.map((field) => CHANGES[field]))].map((what) => ({
        sign: "~" as const,
        say: (n) => `${devices(n)} ${n === 1 ? "gets" : "get"} ${what}`,
      }));
  }
}

const ARRIVALS: Readonly<Record<Row["way"], string>> = {
  preconnect: "to onboard",
  jitp: "to claim by ownership code",
  attestation: "to claim by attestation token",
};

function departure(before: Row): string {
  switch (before.way) {
    case "preconnect":
      return "to delete";
    case "jitp":
      return "to release";
    case "attestation":
      return before.unclaim ? "to unclaim" : "to forget (they stay claimed)";
  }
}

const CHANGES: Readonly<Record<Field, string>> = {
  via: "another way into the account",
  subType: "another sub-type",
  firmwareTypes: "other firmware types",
  credential: "another credential",
  ca: "a certificate of the new CA",
  validity: "a certificate of another validity",
  renewal: "a renewed certificate",
  name: "another name",
  tags: "other tags",
  unclaim: "another rule for unclaiming",
  adopt: "another rule for adoption",
  protect: "another protection",
  wait: "another wait for the first connect",
};
