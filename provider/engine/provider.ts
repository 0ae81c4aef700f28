import { asError, ExpectedError, PartialError } from "./errors.js";
import { keepConfiguration } from "./configuration.js";
import type { Checked, CheckFailure, Lifecycle } from "./lifecycle.js";
import { cleanObject, type JsonObject, type LooseObject } from "./outputs.js";

/** The engine keeps the text that leads back to this code under this key, in inputs and in outputs. */
const PROVIDER_KEY = "__provider";
/**
 * Where the state of a resource keeps the inputs that are true of it (`declared`, to its lifecycle). The engine shows
 * outputs whose name begins so in no diff, and would show these a second time under the inputs.
 */
const DECLARED_KEY = "__declared";

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
  const reported = reporter([ExpectedError, ...expected]);
  /** A failed check is shown once; an error thrown in one would be shown twice. */
  const asFailure = (thrown: unknown): Checked => {
    const error = asError(thrown);
    if (![ExpectedError, ...expected].some((known) => error instanceof known)) throw error;
    return { ok: false, failures: [{ property: "", reason: error.message }] };
  };
  return {
    configure({ config }) {
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
        const difference = await lifecycle.diff(id, fromState(olds), withoutProvider(news));
        switch (difference.kind) {
          case "same":
            return { changes: false };
          case "renew":
            return { changes: true };
          case "update":
            // Left undecided, the engine compares the inputs itself and shows each field that differs.
            return {};
          case "replace":
            return { replaces: [...difference.because], deleteBeforeReplace: difference.deleteFirst };
        }
      }),

    create: (inputs) =>
      reported(inputs, async () => {
        const { id, state } = await lifecycle.create(withoutProvider(inputs));
        return { id, outs: toState(state) };
      }),

    read: (id, props) =>
      reported(props, async () => {
        const found = await lifecycle.read(id, fromState(props));
        if (found.kind === "gone") return {};
        return {
          id,
          props: toState(found.state),
          ...(found.inputs === undefined ? {} : { inputs: mutable(found.inputs) }),
        };
      }),

    update: (id, olds, news) =>
      reported(news, async () => {
        const { state } = await lifecycle.update(id, fromState(olds), withoutProvider(news));
        return { outs: toState(state) };
      }),

    delete: (id, props) => reported(props, () => lifecycle.delete(id, fromState(props))),
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

function toState({ declared, ...state }: LooseObject): JsonObject {
  return mutable({ ...state, [DECLARED_KEY]: declared });
}

function fromState(properties: LooseObject): LooseObject {
  const { [DECLARED_KEY]: declared, ...state } = withoutProvider(properties);
  return { ...state, declared };
}

function withoutProvider(properties: LooseObject): LooseObject {
  const { [PROVIDER_KEY]: _, ...rest } = properties;
  return rest;
}

/** Runs one call and turns what it throws into what the host knows how to report. */
function reporter(expected: readonly ExpectedErrorClass[]) {
  return async <T>(properties: LooseObject, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (thrown) {
      const error = asError(thrown);
      // The host prints the stack of what it catches, under the message.
      if (expected.some((known) => error instanceof known)) error.stack = "";
      if (!(error instanceof PartialError)) throw error;
      // Without `__provider` the recorded resource could be neither refreshed nor deleted.
      throw Object.assign(error, {
        properties: { ...toState(error.state), [PROVIDER_KEY]: properties[PROVIDER_KEY] },
      });
    }
  };
}
