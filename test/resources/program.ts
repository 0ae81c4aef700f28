import * as pulumi from "@pulumi/pulumi";
import { vi } from "vitest";

/** What the engine is asked to register. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly bag: Readonly<Record<string, unknown>>;
  /** Keys of the bag whose value is secret, or has a secret in it. */
  readonly secrets: readonly string[];
}

/** The engine, as far as a program can tell: it gives back what resources of a type are said to have. */
export class Program {
  readonly registered: Registered[] = [];

  /** @param outputs by type, such as `DeviceSet`; in a preview what is missing is not known */
  constructor(
    private readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
    { preview = false }: { readonly preview?: boolean } = {},
  ) {
    vi.stubEnv("NRF_CLOUD_API_KEY", "key");
    void pulumi.runtime.setMocks(
      { newResource: (args) => this.#register(args), call: () => ({}) },
      "fleet",
      "dev",
      preview,
    );
  }

  /** What was registered of a type, once this resource is. */
  async bagOf(type: string, resource: pulumi.Resource): Promise<Registered> {
    await valueOf(resource.urn);
    const found = this.registered.filter((each) => each.type === type);
    if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} of ${type}`);
    return found[0];
  }

  #register({ type, name, inputs }: pulumi.runtime.MockResourceArgs) {
    const kind = type.slice(type.lastIndexOf(":") + 1);
    const given: Readonly<Record<string, unknown>> = { ...(inputs as object) };
    const secrets = Object.keys(given).filter((key) => pulumi.runtime.isRpcSecret(given[key]));
    const bag = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key, pulumi.runtime.unwrapRpcSecret(value) as unknown]),
    );
    this.registered.push({ type: kind, name, bag, secrets });
    return { id: `${name}-id`, state: { ...given, ...this.outputs[kind] } };
  }
}

/** Waits until all that was declared is registered: what comes late would come to the next program's engine. */
export async function settled(): Promise<void> {
  await pulumi.runtime.disconnect();
}

/** A secret that only the engine knows, as another resource gives it. */
export class Source extends pulumi.CustomResource {
  declare readonly text: pulumi.Output<string>;

  constructor() {
    super("test:index:Source", "source", { text: undefined });
  }
}

/** The value of an output that is known. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** Whether the engine keeps an option with a resource. */
export function isProtected(resource: pulumi.Resource): boolean {
  return Reflect.get(resource, "__protect") === true;
}
