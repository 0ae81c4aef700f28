import { asError, ExpectedError, PartialError } from "./errors.js";
import { keepConfiguration } from "./configuration.js";
import { exitWithEngine } from "./orphan.js";
import type { Checked, CheckFailure, Lifecycle } from "./lifecycle.js";
import { cleanObject, type JsonObject, type LooseObject } from "./outputs.js";
import { whileCalled } from "./shutdown.js";

/** The engine keeps the text that leads back to this code under this key, in inputs and in outputs. */
const PROVIDER_KEY = "__provider";
interface ConfigureRequest {
  readonly config: { get(key: string): string | undefined };
}

/** What Pulumi's host of dynamic providers calls; see `@pulumi/pulumi/cmd/dynamic-provider`. */
export interface DynamicProvider {
  configure(request: ConfigureRequest): Promise<void>;
  check(olds: LooseObject, news: LooseObject): Promise<{ inputs?: JsonObject; failures?: unknown[] }>;
  diff(
    id: string,
    olds: LooseObject,
    news: LooseObject,
  ): Promise<{ changes?: boolean; replaces?: string[]; deleteBeforeReplace?: boolean }>;
  create(inputs: LooseObject): Promise<{ id: string; outs: JsonObject }>;
  read(id: string, props: LooseObject): Promise<{ id?: string; props?: JsonObject; inputs?: JsonObject }>;
  update(id: string, olds: LooseObject, news: LooseObject): Promise<{ outs: JsonObject }>;
  delete(id: string, props: LooseObject): Promise<void>;
}

/** A class of errors that are part of the normal life of a resource, so that nobody wants to see their stack. */
export type ExpectedErrorClass = abstract new (...args: never) => Error;

/**
 * Fits a lifecycle to the host: hides `__provider`, cleans what goes to the engine, and packs failures.
 *
 * @param expected Classes of errors, besides {@link ExpectedError}, to show without a stack trace.
 */
export function dynamicProvider(
  lifecycle: Lifecycle,
  expected: readonly ExpectedErrorClass[] = [],
): DynamicProvider {
  const state = stateShape(lifecycle.declared);
  const reported = reporter([ExpectedError, ...expected], state);
  /** A failed check is shown once; an error thrown in one would be shown twice. */
  const asFailure = (thrown: unknown): Checked => {
    const error = asError(thrown);
    if (![ExpectedError, ...expected].some((known) => error instanceof known)) throw error;
    return { ok: false, failures: [{ property: "", reason: error.message }] };
  };
  return {
    configure({ config }) {
      exitWithEngine();
      keepConfiguration((key) => config.get(key));
      return Promise.resolve();
    },

    check: (olds, news) =>
      reported(news, async () => {
        const check = async () => lifecycle.check(withoutProvider(olds), withoutProvider(news));
        const checked = await check().catch(asFailure);
        return checked.ok ? { inputs: mutable(checked.inputs) } : { failures: checked.failures.map(unnamed) };
      }),

    diff: (id, olds, news) =>
      reported(news, async () => {
        const difference = await lifecycle.diff(id, state.read(olds), withoutProvider(news));
        switch (difference.kind) {
          case "same":
            return { changes: false };
          case "renew":
            return { changes: true };
          case "update":
            // Left undecided, the engine compares the inputs itself and shows each field that differs.
            return {};
          case "remake":
            // Left undecided, the engine would find the inputs equal and do nothing.
            return { changes: true, replaces: [...difference.because], deleteBeforeReplace: true };
          case "replace":
            return { replaces: [...difference.because], deleteBeforeReplace: difference.deleteFirst };
        }
      }),

    create: (inputs) =>
      reported(inputs, async () => {
        const created = await lifecycle.create(withoutProvider(inputs));
        return { id: created.id, outs: state.write(created.state) };
      }),

    read: (id, props) =>
      reported(props, async () => {
        const found = await lifecycle.read(id, state.read(props));
        if (found.kind === "gone") return {};
        return {
          id,
          props: state.write(found.state),
          ...(found.inputs === undefined ? {} : { inputs: mutable(found.inputs) }),
        };
      }),

    update: (id, olds, news) =>
      reported(news, async () => {
        const updated = await lifecycle.update(id, state.read(olds), withoutProvider(news));
        return { outs: state.write(updated.state) };
      }),

    delete: (id, props) => reported(props, () => lifecycle.delete(id, state.read(props))),
  };
}

/**
 * Of a failure that names a property the engine prints the property's value too, secret or not. So the name goes into
 * the reason.
 */
function unnamed({ property, reason }: CheckFailure): CheckFailure {
  return { property: "", reason: property === "" ? reason : `${property}: ${reason}` };
}

/** The host adds `__provider` to what it is given, so it gets an object of its own. */
function mutable(value: LooseObject): JsonObject {
  return { ...cleanObject(value) };
}

interface StateShape {
  /** State as lifecycles know it, from what the engine keeps. */
  read(properties: LooseObject): LooseObject;
  /** What the engine is to keep, from state as lifecycles know it. */
  write(state: LooseObject): JsonObject;
}

/** Moves the inputs in a state to and from `declared`. */
function stateShape(names: readonly string[]): StateShape {
  return {
    read(properties) {
      const entries = Object.entries(withoutProvider(properties));
      return {
        ...Object.fromEntries(entries.filter(([name]) => !names.includes(name))),
        declared: Object.fromEntries(entries.filter(([name]) => names.includes(name))),
      };
    },
    write({ declared, ...outputs }) {
      const inputs = Object.entries(declared ?? {}).filter(([name]) => names.includes(name));
      const others = Object.entries(outputs).filter(([name]) => !names.includes(name));
      return mutable(Object.fromEntries([...inputs, ...others]));
    },
  };
}

function withoutProvider(properties: LooseObject): LooseObject {
  const { [PROVIDER_KEY]: _, ...rest } = properties;
  return rest;
}

/** Runs one call and turns what it throws into what the host knows how to report. */
function reporter(expected: readonly ExpectedErrorClass[], state: StateShape) {
  return async <T>(properties: LooseObject, call: () => Promise<T>): Promise<T> => {
    try {
      return await whileCalled(call);
    } catch (thrown) {
      const error = asError(thrown);
      // The host prints the stack of what it catches, under the message.
      if (expected.some((known) => error instanceof known)) error.stack = "";
      if (!(error instanceof PartialError)) throw error;
      // Without `__provider` the recorded resource could be neither refreshed nor deleted.
      throw Object.assign(error, {
        properties: { ...state.write(error.state), [PROVIDER_KEY]: properties[PROVIDER_KEY] },
      });
    }
  };
}
