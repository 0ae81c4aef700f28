import { CommandError } from "../commandError.js";
import { elements, entry, isObject, textEntry } from "../json.js";
import { pulumiInput, pulumiOutput, type Target } from "../pulumi/target.js";
import { nameOf } from "../report/things.js";
import { opened, parsed, readResources, type StateResource } from "./export.js";
import { enclosed } from "./secretValues.js";

/** The property bags of a resource, secrets in clear. */
export interface Bags {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * The whole state of a stack with its secrets in clear, to be changed and put back. It is kept in memory only: it comes from the CLI
 * and goes back to it through pipes.
 */
export class StackState {
  /** The resources, as `exportState` gives them. */
  readonly resources: readonly StateResource[];

  private constructor(
    readonly target: Target,
    private readonly current: string,
    private readonly whole: unknown,
  ) {
    this.resources = readResources(whole, "`pulumi stack export`");
  }

  /** Asks the CLI (`pulumi stack export --show-secrets`). */
  static async export(target: Target): Promise<StackState> {
    return StackState.read(target, await pulumiOutput(target, EXPORT));
  }

  /** Reads what the CLI gave. @throws CommandError for anything else; never with any of the text */
  static read(target: Target, text: string): StackState {
    return new StackState(target, text, parsed(text));
  }

  /** As the CLI reads it. Secrets are in clear. */
  get text(): string {
    return JSON.stringify(this.whole);
  }

  /** Project and stack, as its resources name them; for an empty one, what it was asked for by. */
  get name(): string {
    const urn = this.resources[0]?.urn;
    const [stack, project] = urn?.replace(/^urn:pulumi:/, "").split("::") ?? [];
    return stack === undefined || project === undefined ? (this.target.stack ?? "") : `${project}/${stack}`;
  }

  /** Names of the resources that an interrupted run was at. */
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
      const edited = edit({ inputs: opened(inputs), outputs: opened(outputs) });
      return {
        ...resource,
        inputs: enclosed(edited.inputs, inputs),
        outputs: enclosed(edited.outputs, outputs),
      };
    });
    const whole = { ...bagOf(this.whole), deployment: { ...this.deployment, resources } };
    return new StackState(this.target, this.current, whole);
  }

  /**
   * Puts this state in the place of the one that it was made from (`pulumi stack import`).
   * @throws CommandError where the stack has changed since, or can't be written
   */
  async import(): Promise<void> {
    if (!(await this.isCurrent())) {
      throw new CommandError(
        "Somebody else has changed the state of the stack meanwhile. Nothing was changed. Run the same command again.",
      );
    }
    await this.put();
  }

  /** Whether the stack still is as it was when it was asked for. */
  async isCurrent(): Promise<boolean> {
    return (await pulumiOutput(this.target, EXPORT)) === this.current;
  }

  /** Puts this state into the stack, whatever the stack has. */
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
