/** What is done to a row, in the words of the log. */
export const STEPS = [
  "onboard",
  "register",
  "next",
  "renew",
  "issue",
  "claim",
  "associate",
  "retag",
  "configure",
  "rename",
  "delete",
  "dissociate",
  "unclaim",
] as const;
export type LogStep = (typeof STEPS)[number];

/** A row as it is written down: all that is needed to do the same again. */
export interface LogRow {
  readonly id: string;
  readonly line: string;
  readonly fingerprint?: string | undefined;
  readonly certificate?: string | undefined;
  /** Secret. */
  readonly privateKey?: string | undefined;
}

/** How a step ended for its rows. `unsettled`: it may have taken effect, or may yet. */
export interface Ending {
  readonly done: readonly string[];
  readonly refused: readonly string[];
  readonly unsettled: readonly string[];
}

/** One line of a log. All times are the service's (ISO 8601). */
export type LogEntry =
  | {
      readonly kind: "started";
      readonly seq: number;
      /** Of the state that will know of this. */
      readonly revision: number;
      readonly at: string;
      readonly step: LogStep;
      readonly rows: readonly LogRow[];
    }
  | { readonly kind: "accepted"; readonly of: number; readonly jobId: string; readonly at: string }
  | ({ readonly kind: "ended"; readonly of: number; readonly at: string } & Ending)
  /** The table was destroyed: where no state of it is left, all before this is done with. */
  | { readonly kind: "emptied" }
  /** First line of a compacted log: what it still knows of revisions that are in the state. */
  | {
      readonly kind: "history";
      /** Latest revision that a state had. */
      readonly floor: number;
      readonly revisions: readonly Changed[];
    };

/** Whose credentials changed in a revision. */
export interface Changed {
  readonly revision: number;
  /** In the notation of the fleet file; `undefined` where they were too many to be kept. */
  readonly patterns: readonly string[] | undefined;
}

/** The entry of a line; `undefined` for anything that is not one to the last detail. */
export function readEntry(value: unknown): LogEntry | undefined {
  const bag = bagOf(value);
  switch (bag?.kind) {
    case "started":
      return readStarted(bag);
    case "accepted":
      return isCount(bag.of) && isText(bag.jobId) && isTime(bag.at)
        ? { kind: "accepted", of: bag.of, jobId: bag.jobId, at: bag.at }
        : undefined;
    case "ended":
      return readEnded(bag);
    case "emptied":
      return { kind: "emptied" };
    case "history":
      return readHistory(bag);
    default:
      return undefined;
  }
}

type Bag = Readonly<Record<string, unknown>>;

function readStarted({ seq, revision, at, step: name, rows: list }: Bag): LogEntry | undefined {
  const step = STEPS.find((each) => each === name);
  const rows = readAll(list, readRow);
  if (!isCount(seq) || !isCount(revision) || !isTime(at) || step === undefined || rows === undefined)
    return undefined;
  return { kind: "started", seq, revision, at, step, rows };
}

function readRow(value: unknown): LogRow | undefined {
  const { id, line, fingerprint, certificate, privateKey } = bagOf(value) ?? {};
  if (!isText(id) || !isText(line)) return undefined;
  if (!isOptional(fingerprint) || !isOptional(certificate) || !isOptional(privateKey)) return undefined;
  return { id, line, fingerprint, certificate, privateKey };
}

function readEnded({ of, at, ...lists }: Bag): LogEntry | undefined {
  const [done, refused, unsettled] = [lists.done, lists.refused, lists.unsettled].map((list) =>
    readAll(list, asText),
  );
  if (!isCount(of) || !isTime(at) || done === undefined || refused === undefined || unsettled === undefined)
    return undefined;
  return { kind: "ended", of, at, done, refused, unsettled };
}

function readHistory({ floor, revisions: list }: Bag): LogEntry | undefined {
  const revisions = readAll(list, readChanged);
  if (!isCount(floor) || revisions === undefined) return undefined;
  return { kind: "history", floor, revisions };
}

function readChanged(value: unknown): Changed | undefined {
  const { revision, patterns: list } = bagOf(value) ?? {};
  const patterns = list === undefined ? undefined : readAll(list, asText);
  if (!isCount(revision) || (list !== undefined && patterns === undefined)) return undefined;
  return { revision, patterns };
}

/** All of a list; `undefined` where it is none, or where any of it can't be read. */
function readAll<Item>(list: unknown, read: (value: unknown) => Item | undefined): Item[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const items: Item[] = [];
  for (const value of list as readonly unknown[]) {
    const item = read(value);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function bagOf(value: unknown): Bag | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function asText(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isOptional(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isTime(value: unknown): value is string {
  return isText(value) && !Number.isNaN(Date.parse(value));
}
