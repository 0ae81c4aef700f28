import { CommandError } from "../commandError.js";
import { elements, entry, isObject, textEntry } from "../json.js";
import { pulumiInput, pulumiOutput, type Target } from "../pulumi/target.js";
import { nameOf } from "../report/things.js";
import { unwrapSecrets, parsed, readResources, type StateResource } from "./export.js";
import { wrapSecrets } from "./secretValues.js";

/** The properties of a resource, with secrets in clear text. */
export interface Bags {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * The whole state of a stack, with its secrets in clear text, for changes. It is in memory only: the CLI sends and receives it
 * through pipes.
 */
export class StackState {
  /** The resources, in the form of `exportState`. */
  readonly resources: readonly StateResource[];

  private constructor(
    readonly target: Target,
    private readonly current: string,
    private readonly whole: unknown,
  ) {
    this.resources = readResources(whole, "`pulumi stack export`");
  }

  /** Exports the state with the CLI (`pulumi stack export --show-secrets`). */
  static async export(target: Target): Promise<StackState> {
    return StackState.read(target, await pulumiOutput(target, EXPORT));
  }

  /** Reads the output of the CLI. @throws CommandError for other text; never with a part of the text */
  static read(target: Target, text: string): StackState {
    return new StackState(target, text, parsed(text));
  }

  /** The text for `pulumi stack import`. Secrets are in clear text. */
  get text(): string {
    return JSON.stringify(this.whole);
  }

  /** Project and stack, from its resources. An empty stack has the name in the options. */
  get name(): string {
    const urn = this.resources[0]?.urn;
    const [stack, project] = urn?.replace(/^urn:pulumi:/, "").split("::") ?? [];
    return stack === undefined || project === undefined ? (this.target.stack ?? "") : `${project}/${stack}`;
  }

  /** Names of the resources that an interrupted run was changing. */
  get pending(): readonly string[] {
    return elements(entry(this.deployment, "pending_operations")).map((operation) =>
      nameOf(textEntry(entry(operation, "resource"), "urn") ?? ""),
    );
  }

  /** The same state with other properties of one resource. */
  with(urn: string, edit: (bags: Bags) => Bags): StackState {
    const resources = elements(entry(this.deployment, "resources")).map((resource) => {
      if (!isObject(resource) || resource.urn !== urn || resource.delete === true) return resource;
      const [inputs, outputs] = [bagOf(resource.inputs), bagOf(resource.outputs)];
      const edited = edit({ inputs: unwrapSecrets(inputs), outputs: unwrapSecrets(outputs) });
      return {
        ...resource,
        inputs: wrapSecrets(edited.inputs, inputs),
        outputs: wrapSecrets(edited.outputs, outputs),
      };
    });
    const whole = { ...bagOf(this.whole), deployment: { ...this.deployment, resources } };
    return new StackState(this.target, this.current, whole);
  }

  /**
   * Replaces the state of the stack by this one (`pulumi stack import`).
   * @throws CommandError if the stack has changed since its export, or can't be written
   */
  async import(): Promise<void> {
    if (!(await this.isCurrent())) {
      throw new CommandError(
        "Somebody else has changed the state of the stack in the meantime. This command changed nothing. Run it again.",
      );
    }
    await this.put();
  }

  /** Whether the stack has not changed since its export. */
  async isCurrent(): Promise<boolean> {
    return (await pulumiOutput(this.target, EXPORT)) === this.current;
  }

  /** Writes this state to the stack without a check. */
  async put(): Promise<void> {
    await pulumiInput(this.target, ["stack", "import"], this.text);
  }

  private get deployment(): Readonly<Record<string, unknown>> {
    return bagOf(entry(this.whole, "deployment"));
  }
}

const EXPORT = ["stack", "export", "--show-secrets"];

function bagOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
