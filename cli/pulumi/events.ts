import { elements, entry, isObject, textEntry } from "../json.js";
import type { State } from "../report/digest.js";
import { idOf, kindOf, typeOf, type Kind } from "../report/things.js";

/** One step of an operation on one resource, from the engine. */
export interface Step {
  /** `create`, `update`, `delete`, `same`, `replace`, `create-replacement`, `delete-replaced`, … */
  readonly op: string;
  readonly urn: string;
  /** Whether a provider manages the resource. Components and the stack have none. */
  readonly custom: boolean;
  readonly kind: Kind;
  /** The name for users: for a device its id. */
  readonly subject: string;
  readonly before: State | undefined;
  readonly after: State | undefined;
  /** Everything that the engine reports about the step, with masked secrets. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A remark of the engine, the program or the provider. */
export interface Remark {
  readonly severity: "info" | "warning" | "error";
  /** The resource of the remark, if the engine names one. */
  readonly urn: string | undefined;
  readonly text: string;
}

/** The engine events that the command uses. */
export type EngineEvent =
  | { readonly kind: "started"; readonly step: Step }
  | { readonly kind: "done"; readonly step: Step }
  | { readonly kind: "failed"; readonly step: Step }
  | { readonly kind: "remark"; readonly remark: Remark }
  | { readonly kind: "summary"; readonly changes: Readonly<Record<string, number>> };

/** Reads one line of the stream of `--json`. `undefined` for other events, and for lines that are not events. */
export function parseEvent(line: string): EngineEvent | undefined {
  const event = parsed(line);
  for (const [key, kind] of STEP_EVENTS) {
    const step = readStep(entry(entry(event, key), "metadata"));
    if (step !== undefined) return { kind, step };
  }
  const diagnostic = entry(event, "diagnosticEvent");
  if (diagnostic !== undefined) return readRemark(diagnostic);
  const summary = entry(event, "summaryEvent");
  if (summary !== undefined) return { kind: "summary", changes: numbers(entry(summary, "resourceChanges")) };
  return undefined;
}

const STEP_EVENTS = [
  ["resourcePreEvent", "started"],
  ["resOutputsEvent", "done"],
  ["resOpFailedEvent", "failed"],
] as const;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function readStep(metadata: unknown): Step | undefined {
  const op = textEntry(metadata, "op");
  const urn = textEntry(metadata, "urn");
  if (!isObject(metadata) || op === undefined || urn === undefined) return undefined;
  const kind = kindOf(typeOf(urn));
  const [before, after] = [readState(metadata.old), readState(metadata.new)];
  const custom = [metadata.old, metadata.new].some((state) => entry(state, "custom") === true);
  return {
    op,
    urn,
    custom: custom && !kind.type.startsWith("pulumi:"),
    kind,
    subject: idOf(urn, kind, before ?? after),
    before,
    after,
    metadata,
  };
}

/** A resource in a step or in a stack's state. */
export function readState(state: unknown): State | undefined {
  if (!isObject(state)) return undefined;
  return {
    id: textEntry(state, "id"),
    inputs: isObject(state.inputs) ? state.inputs : {},
    outputs: isObject(state.outputs) ? state.outputs : {},
    protect: state.protect === true,
    retainOnDelete: state.retainOnDelete === true,
    unfinished: elements(state.initErrors).length > 0,
  };
}

function readRemark(diagnostic: unknown): EngineEvent | undefined {
  // The engine sends a text of several lines line by line. Keep the indentation, which shows what belongs together.
  const text = (textEntry(diagnostic, "message") ?? "").trimEnd();
  const severity = severityOf(textEntry(diagnostic, "severity"));
  if (text === "" || severity === undefined || entry(diagnostic, "ephemeral") === true) return undefined;
  return { kind: "remark", remark: { severity, urn: textEntry(diagnostic, "urn"), text } };
}

function severityOf(severity: string | undefined): Remark["severity"] | undefined {
  if (severity === "info" || severity === "warning" || severity === "error") return severity;
  return severity === "info#err" ? "info" : undefined;
}

function numbers(value: unknown): Record<string, number> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (typeof each === "number" ? [[key, each]] : [])),
  );
}
