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
  /** The name for users: for a device its id. */
  readonly subject: string;
  /** Whether a provider manages the resource. Components and the stack have none. */
  readonly custom: boolean;
}

/**
 * The state of a stack (`pulumi stack export`).
 * @param showSecrets whether the state has secrets in clear text. Keep such a state in memory only, and out of every message
 */
export async function exportState(
  target: Target,
  { showSecrets = false }: { readonly showSecrets?: boolean } = {},
): Promise<readonly StateResource[]> {
  const args = ["stack", "export", ...(showSecrets ? ["--show-secrets"] : [])];
  return parseState(await pulumiOutput(target, args), "`pulumi stack export`");
}

/**
 * Reads the output of `pulumi stack export`.
 * @param source the origin of the text, for messages
 * @throws CommandError for other text; never with a part of the text
 */
export function parseState(text: string, source: string): readonly StateResource[] {
  return readResources(parsed(text), source);
}

/** The resources of a parsed state. @throws CommandError as `parseState` */
export function readResources(exported: unknown, source: string): readonly StateResource[] {
  const deployment = entry(exported, "deployment");
  if (!isObject(deployment)) {
    throw new CommandError(
      `${source} is not the state of a stack. Use the output of \`pulumi stack export\`.`,
    );
  }
  return elements(deployment.resources).flatMap(readResource);
}

/** Parses JSON; `undefined` for invalid text. The error of `JSON.parse` quotes the text, which may hold secrets. */
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
  // A resource that is still to be deleted after a replacement is not the current one of its name.
  if (urn === undefined || type === undefined || read === undefined || entry(value, "delete") === true)
    return [];
  const state = { ...read, inputs: unwrapSecrets(read.inputs), outputs: unwrapSecrets(read.outputs) };
  const kind = kindOf(type);
  const custom = entry(value, "custom") === true && !type.startsWith("pulumi:");
  return [{ ...state, urn, type, kind, custom, subject: idOf(urn, kind, state) }];
}

/** Properties, with secrets in clear text unwrapped. Encrypted secrets remain objects. */
export function unwrapSecrets(
  properties: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => {
      const plaintext = textEntry(value, "plaintext");
      return [key, plaintext === undefined ? value : parsed(plaintext)];
    }),
  );
}
