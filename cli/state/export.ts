import { CommandError } from "../commandError.js";
import { kindOf, type Kind } from "../fleet/kinds.js";
import { elements, entry, isObject, textEntry } from "../json.js";
import { nameOf } from "../pulumi/events.js";
import { pulumiOutput, type Target } from "../pulumi/target.js";

/** A resource in a stack's state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly kind: Kind;
  /** Its id in the cloud: for a device, the device id. */
  readonly id: string;
  /** Id of the device it is about, where there is one; otherwise its name. */
  readonly subject: string;
  /** Whether a provider manages it, as opposed to components and the stack. */
  readonly custom: boolean;
  readonly protected: boolean;
  /** Whether what it stands for stays when it is deleted. */
  readonly retained: boolean;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, unknown>>;
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
  const deployment = entry(parsed(text), "deployment");
  if (!isObject(deployment)) {
    throw new CommandError(
      `${source} gave no state of a stack. It should be what \`pulumi stack export\` prints.`,
    );
  }
  return elements(deployment.resources).flatMap(readResource);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What JSON.parse says quotes the text.
    return undefined;
  }
}

function readResource(value: unknown): StateResource[] {
  const urn = textEntry(value, "urn");
  const type = textEntry(value, "type");
  // What is still to be deleted after a replacement is no longer what the state says of its name.
  if (urn === undefined || type === undefined || entry(value, "delete") === true) return [];
  const [inputs, outputs] = [properties(entry(value, "inputs")), properties(entry(value, "outputs"))];
  const id = textEntry(value, "id") ?? "";
  const kind = kindOf(type);
  return [
    {
      urn,
      type,
      kind,
      id,
      subject:
        textEntry(outputs, "deviceId") ??
        textEntry(inputs, "deviceId") ??
        (kind === "AttestationClaim" ? id : nameOf(urn)),
      custom: entry(value, "custom") === true && !type.startsWith("pulumi:"),
      protected: entry(value, "protect") === true,
      retained: entry(value, "retainOnDelete") === true,
      inputs,
      outputs,
    },
  ];
}

/** Properties, with secrets in clear taken out of their envelopes; secrets that are encrypted stay objects. */
function properties(value: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, opened(each)]));
}

function opened(value: unknown): unknown {
  const plaintext = textEntry(value, "plaintext");
  return plaintext === undefined ? value : parsed(plaintext);
}
