/** The names of steps in a log. */
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

/** A row in a log, with everything that is needed to repeat the step. */
export interface LogRow {
  readonly id: string;
  readonly line: string;
  readonly fingerprint?: string | undefined;
  readonly certificate?: string | undefined;
  /** Secret. */
  readonly privateKey?: string | undefined;
}

/** The outcomes of a step's rows. `unsettled`: the step may have taken effect, or still may. */
export interface StepOutcomes {
  readonly done: readonly string[];
  readonly refused: readonly string[];
  readonly unsettled: readonly string[];
}

/** One line of a log. All times are by the service's clock (ISO 8601). */
export type LogEntry =
  | {
      readonly kind: "started";
      readonly seq: number;
      /** The revision of the state that will include the step. */
      readonly revision: number;
      readonly at: string;
      readonly step: LogStep;
      readonly rows: readonly LogRow[];
    }
  | { readonly kind: "accepted"; readonly of: number; readonly jobId: string; readonly at: string }
  | ({ readonly kind: "ended"; readonly of: number; readonly at: string } & StepOutcomes)
  /** The table was destroyed. If it has no state any more, all earlier lines have no effect. */
  | { readonly kind: "emptied" }
  /** The first line of a compacted log: a summary of revisions that the state includes. */
  | {
      readonly kind: "history";
      /** The latest revision that a state had. */
      readonly floor: number;
      readonly revisions: readonly CredentialChange[];
    };

/** The devices whose credentials changed in a revision. */
export interface CredentialChange {
  readonly revision: number;
  /** Patterns of the fleet file; `undefined` if they were too many to keep. */
  readonly patterns: readonly string[] | undefined;
}

/** Decodes an entry; `undefined` if any part of it is invalid. */
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

function readChanged(value: unknown): CredentialChange | undefined {
  const { revision, patterns: list } = bagOf(value) ?? {};
  const patterns = list === undefined ? undefined : readAll(list, asText);
  if (!isCount(revision) || (list !== undefined && patterns === undefined)) return undefined;
  return { revision, patterns };
}

/** Decodes a list; `undefined` if it is not a list, or if any item is invalid. */
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
