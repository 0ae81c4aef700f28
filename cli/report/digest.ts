import Ajv from "ajv";
import schema from "../../schema/cli/preview.schema.json";
import { CommandError } from "../commandError.js";
import { Secrets } from "./secrets.js";
import { isKind, kindOf, typeOf } from "./things.js";

export type Properties = Readonly<Record<string, unknown>>;

/** The present or the declared state of a resource. Secrets are hidden. */
export interface State {
  /** The provider's id; absent before the resource is created. */
  readonly id: string | undefined;
  readonly inputs: Properties;
  readonly outputs: Properties;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** Whether an earlier run could not finish the resource. */
  readonly unfinished: boolean;
}

/** One step of the engine on one resource. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly before: State | undefined;
  readonly after: State | undefined;
  readonly diffReasons: readonly string[];
  readonly replaceReasons: readonly string[];
  /** Paths of the properties that differ, such as `tags[1]`. */
  readonly differing: readonly string[];
}

export interface Diagnostic {
  readonly message: string;
  readonly severity: string;
  readonly urn: string | undefined;
}

/** The content of a preview. */
export interface Digest {
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
  /** The number of unchanged resources, whether they are among the steps or not. */
  readonly same: number;
}

/** A preview, or the text that was printed instead, which says why the preview failed. */
export type Preview =
  { readonly kind: "digest"; readonly digest: Digest } | { readonly kind: "text"; readonly text: string };

/**
 * Reads the output of `pulumi preview --json`, with or without other lines before and after it.
 * @throws CommandError (2) for JSON that is something else
 */
export function readPreview(printed: string): Preview {
  if (/^\{"sequence":\d+,"timestamp":/m.test(printed)) {
    throw new CommandError(
      "This is a stream of events, not the one JSON object that `pulumi preview --json` prints. Run the preview without " +
        "PULUMI_ENABLE_STREAMING_JSON_PREVIEW.",
      2,
    );
  }
  const text = printed.replace(/^\uFEFF/, "").replace(/\r\n/g, "\n");
  const parsed = findObject(text);
  if (parsed === undefined) return { kind: "text", text: new Secrets().scrub(withoutIncompleteJson(text)) };
  if (!ajv.validate<PreviewOutput>(schema.$id, parsed)) {
    const [wrong] = ajv.errors ?? [];
    throw new CommandError(
      "This JSON is not what `pulumi preview --json` prints" +
        (wrong === undefined ? "." : `: ${wrong.instancePath} ${wrong.message ?? ""}.`.replace(":  ", ": ")) +
        " Give the output of `pulumi preview --json`, or of a destroy or refresh with `--preview-only --json`.",
      2,
    );
  }
  return { kind: "digest", digest: digestOf(parsed) };
}

/** The CLI prints its object on several lines: the first line has the opening brace, the last line the closing brace. */
function findObject(text: string): unknown {
  const end = text.lastIndexOf("\n}");
  for (const { index } of text.matchAll(/^\{/gm)) {
    for (const candidate of [text.slice(index, end < index ? undefined : end + 2), lineAt(text, index)]) {
      try {
        const parsed: unknown = JSON.parse(candidate);
        return parsed;
      } catch {
        // This brace belongs to the text before the object.
      }
    }
  }
  return undefined;
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf("\n", start);
  return text.slice(start, end < 0 ? undefined : end);
}

/** The text that was printed instead of a preview. Without incomplete JSON, which may hold secrets that nobody can recognize. */
function withoutIncompleteJson(text: string): string {
  const start = text.search(/^\{\s*"\w+":/m);
  const before = (start < 0 ? text : text.slice(0, start)).trim();
  return start < 0
    ? before
    : `${before}\nThe JSON of the preview breaks off. Was the preview stopped?`.trim();
}

interface PreviewOutput {
  readonly steps?: readonly StepOutput[] | null;
  readonly diagnostics?: readonly { message: string; severity: string; urn?: string }[] | null;
  readonly changeSummary: Readonly<Record<string, number>> | null;
}

interface StepOutput {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: StateOutput | null;
  readonly newState?: StateOutput | null;
  readonly diffReasons?: readonly string[] | null;
  readonly replaceReasons?: readonly string[] | null;
  readonly detailedDiff?: Properties | null;
}

interface StateOutput {
  readonly id?: string;
  readonly inputs?: Properties | null;
  readonly outputs?: Properties | null;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly initErrors?: readonly string[] | null;
  readonly additionalSecretOutputs?: readonly string[] | null;
}

/** The schema is compiled when it is first used. A test validates it. */
const ajv = new Ajv({ validateSchema: false }).addSchema(schema);

function digestOf({ steps, diagnostics, changeSummary }: PreviewOutput): Digest {
  const secrets = new Secrets();
  const stateOf = (urn: string, state: StateOutput | null | undefined): State | undefined => {
    if (state === undefined || state === null) return undefined;
    const kind = kindOf(typeOf(urn));
    const declared = [
      ...(state.additionalSecretOutputs ?? []),
      ...(isKind(kind, "JournalKey") ? ["key"] : []),
    ];
    const byId = isKind(kind, "DeviceSet") ? ["devices", "failed"] : [];
    return {
      id: state.id,
      inputs: secrets.hide(state.inputs ?? {}, declared, byId),
      outputs: secrets.hide(state.outputs ?? {}, declared, byId),
      protect: state.protect === true,
      retainOnDelete: state.retainOnDelete === true,
      unfinished: (state.initErrors ?? []).length > 0,
    };
  };
  const read = (steps ?? []).map((step): Step => ({
    op: step.op,
    urn: step.urn,
    before: stateOf(step.urn, step.oldState),
    after: stateOf(step.urn, step.newState),
    diffReasons: step.diffReasons ?? [],
    replaceReasons: step.replaceReasons ?? [],
    differing: Object.keys(step.detailedDiff ?? {}),
  }));
  return {
    steps: read,
    diagnostics: (diagnostics ?? []).map(({ message, severity, urn }) => ({
      // A text of several lines arrives line by line. Keep the indentation, which shows what belongs together.
      message: secrets.scrub(message).replace(/^\n+/, "").trimEnd(),
      severity,
      urn,
    })),
    same: changeSummary?.same ?? 0,
  };
}
