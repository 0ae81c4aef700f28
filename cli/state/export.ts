import { CommandError } from "../commandError.js";
import { elements, entry, isObject, textEntry } from "../json.js";
import { readState } from "../pulumi/events.js";
import { pulumiOutput, type Target } from "../pulumi/target.js";
import type { State } from "../report/digest.js";
import { idOf, kindOf, type Kind } from "../report/things.js";

/** A resource in a stack's state. */
export interface StateResource extends State {
  readonly urn: string;
  readonly type: string;
  readonly kind: Kind;
  /** What users call it: for a device its id. */
  readonly subject: string;
  /** Whether a provider manages it, as opposed to components and the stack. */
  readonly custom: boolean;
}

/**
 * The state of a stack (`pulumi stack export`).
 * @param showSecrets whether secrets are in clear in it. Keep such a state in memory, and out of every message
 */
export async function exportState(
  target: Target,
  { showSecrets = false }: { readonly showSecrets?: boolean } = {},
): Promise<readonly StateResource[]> {
  const args = ["stack", "export", ...(showSecrets ? ["--show-secrets"] : [])];
  return parseState(await pulumiOutput(target, args), "`pulumi stack export`");
}

/**
 * Reads what `pulumi stack export` prints.
 * @param source what the text is from, for messages
 * @throws CommandError where it is something else; never with any of the text
 */
export function parseState(text: string, source: string): readonly StateResource[] {
  return readResources(parsed(text), source);
}

/** The resources of a state that is parsed already. @throws CommandError as `parseState` */
export function readResources(exported: unknown, source: string): readonly StateResource[] {
  const deployment = entry(exported, "deployment");
  if (!isObject(deployment)) {
    throw new CommandError(
      `${source} gave no state of a stack. It should be what \`pulumi stack export\` prints.`,
    );
  }
  return elements(deployment.resources).flatMap(readResource);
}

/** What a JSON text holds; `undefined` where it is none, because what `JSON.parse` says quotes the text. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readResource(value: unknown): StateResource[] {
  const urn = textEntry(value, "urn");
  const type = textEntry(value, "type");
  const read = readState(value);
  // What is still to be deleted after a replacement is no longer what the state says of its name.
  if (urn === undefined || type === undefined || read === undefined || entry(value, "delete") === true)
    return [];
  const state = { ...read, inputs: opened(read.inputs), outputs: opened(read.outputs) };
  const kind = kindOf(type);
  const custom = entry(value, "custom") === true && !type.startsWith("pulumi:");
  return [{ ...state, urn, type, kind, custom, subject: idOf(urn, kind, state) }];
}

/** Properties, with secrets in clear taken out of their envelopes; secrets that are encrypted stay objects. */
export function opened(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => {
      const plaintext = textEntry(value, "plaintext");
      return [key, plaintext === undefined ? value : parsed(plaintext)];
    }),
  );
}
