/** What is done to a row, in the words of the log. */
export const STEPS = [
  "onboard",
  "register",
  "issue",
  "claim",
  "associate",
  "retag",
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

/** One line of a log. All times are the service's (ISO 8601). */
export type LogEntry =
  | {
      readonly kind: "begun";
      readonly seq: number;
      /** Of the state that will know of this. */
      readonly revision: number;
      readonly at: string;
      readonly step: LogStep;
      readonly rows: readonly LogRow[];
    }
  | { readonly kind: "accepted"; readonly of: number; readonly jobId: string; readonly at: string }
  | {
      readonly kind: "ended";
      readonly of: number;
      readonly at: string;
      readonly done: readonly string[];
      readonly refused: readonly string[];
      readonly unsettled: readonly string[];
    }
  /** The table was destroyed: where no state of it is left, all before this is done with. */
  | { readonly kind: "emptied" }
  /** What a compacted log still knows of revisions that are in the state: whose credentials changed in which. */
  | { readonly kind: "history"; readonly revisions: readonly Changed[] };

export interface Changed {
  readonly revision: number;
  readonly ids: readonly string[];
}

/** An entry from what a line says; `undefined` for what is none. */
export function readEntry(value: unknown): LogEntry | undefined {
  if (typeof value !== "object" || value === null || !("kind" in value)) return undefined;
  const bag: Readonly<Record<string, unknown>> = { ...value };
  switch (bag.kind) {
    case "begun":
      return readBegun(bag);
    case "accepted":
      return typeof bag.of === "number" && typeof bag.jobId === "string" && typeof bag.at === "string"
        ? { kind: "accepted", of: bag.of, jobId: bag.jobId, at: bag.at }
        : undefined;
    case "ended":
      return typeof bag.of === "number" && typeof bag.at === "string"
        ? {
            kind: "ended",
            of: bag.of,
            at: bag.at,
            done: texts(bag.done),
            refused: texts(bag.refused),
            unsettled: texts(bag.unsettled),
          }
        : undefined;
    case "emptied":
      return { kind: "emptied" };
    case "history":
      return { kind: "history", revisions: list(bag.revisions).flatMap(readChanged) };
    default:
      return undefined;
  }
}

function readBegun(bag: Readonly<Record<string, unknown>>): LogEntry | undefined {
  const { seq, revision, at } = bag;
  const step = STEPS.find((each) => each === bag.step);
  if (typeof seq !== "number" || typeof revision !== "number" || typeof at !== "string" || step === undefined)
    return undefined;
  return { kind: "begun", seq, revision, at, step, rows: list(bag.rows).flatMap(readRow) };
}

function readRow(value: unknown): LogRow[] {
  if (typeof value !== "object" || value === null) return [];
  const bag: Readonly<Record<string, unknown>> = { ...value };
  const text = (key: string) => {
    const entry = bag[key];
    return typeof entry === "string" ? entry : undefined;
  };
  const id = text("id");
  if (id === undefined) return [];
  return [
    {
      id,
      line: text("line") ?? "",
      fingerprint: text("fingerprint"),
      certificate: text("certificate"),
      privateKey: text("privateKey"),
    },
  ];
}

function readChanged(value: unknown): Changed[] {
  if (typeof value !== "object" || value === null) return [];
  const bag: Readonly<Record<string, unknown>> = { ...value };
  return typeof bag.revision === "number" ? [{ revision: bag.revision, ids: texts(bag.ids) }] : [];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return list(value).filter((entry) => typeof entry === "string");
}
