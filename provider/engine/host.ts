import { asError, ExpectedError } from "./errors.js";
import { Fields, type CheckFailure } from "./fields.js";
import { WAY_TO_PROJECT } from "./projectFolder.js";
import { cleanObject, type JsonObject, type LooseObject } from "./outputs.js";
import type { Codec, Difference, Outcome, Resource } from "./resource.js";
import { containsMarker } from "./unknown.js";

/** The key of inputs and outputs under which the engine keeps the text that loads this code. */
const PROVIDER_KEY = "__provider";

/** Reads a configuration value by its full name, such as `nrfcloud:apiKey`. Secrets are decrypted. */
export type ConfigReader = (key: string) => string | undefined;

/** A class of errors that are shown without a stack trace, since users can act on them. */
export type ExpectedErrorClass = abstract new (...args: never) => Error;

/** The interface of Pulumi's host of dynamic providers; see `@pulumi/pulumi/cmd/dynamic-provider`. */
export interface DynamicProvider {
  configure(request: { readonly config: { get(key: string): string | undefined } }): Promise<void>;
  check(
    olds: LooseObject,
    news: LooseObject,
  ): Promise<{ inputs?: JsonObject; failures?: readonly CheckFailure[] }>;
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

export interface HostOptions<Session> {
  /**
   * Opens the session that all methods get. The first call of a method calls it once, with the resource's path to the project's folder. If
   * it throws, all methods fail.
   */
  readonly session: (config: ConfigReader, wayToProject: string | undefined) => Session | Promise<Session>;
  /** Other error classes than {@link ExpectedError} to show without a stack trace. */
  readonly expected?: readonly ExpectedErrorClass[];
}

/** Adapts a resource type to the host: decodes inputs, encodes outputs, hides the host's own keys, and reports failures. */
export function dynamicProvider<Inputs, State, Session>(
  resource: Resource<Inputs, State, Session>,
  { session: openSession, expected = [] }: HostOptions<Session>,
): DynamicProvider {
  let readConfig: ConfigReader | undefined;
  let opened: Promise<Session> | undefined;
  const session = async (properties: LooseObject): Promise<Session> => {
    const read = readConfig;
    if (read === undefined) throw new Error("The provider was used before the engine configured it.");
    return (opened ??= (async () => openSession(read, wayOf(properties)))());
  };
  const isExpected = (error: Error) => [ExpectedError, ...expected].some((known) => error instanceof known);

  /** Runs a call, and converts its errors for the host. */
  const withErrorsReported = async <T>(
    properties: LooseObject,
    call: (session: Session) => Promise<T>,
  ): Promise<T> => {
    try {
      return await call(await session(properties));
    } catch (thrown) {
      const error = asError(thrown);
      throw isExpected(error) && !(error instanceof InitializationError)
        ? new ExplainedError(shortened(error.message))
        : error;
    }
  };

  return {
    configure({ config }) {
      // Must be synchronous: the host does not wait for this before it calls other methods.
      readConfig = (key) => config.get(key);
      return Promise.resolve();
    },

    async check(olds, news) {
      try {
        const fields = new Fields(withoutHostKeys(news));
        const inputs = resource.inputs.decode(fields);
        if (fields.failures.length > 0) return { failures: fields.failures.map(withNameInReason) };
        const before = PROVIDER_KEY in olds ? decodeIfGood(resource.inputs, olds) : undefined;
        const reasons = await resource.check(await session(news), inputs, before);
        if (reasons.length > 0) return { failures: reasons.map(failure) };
        const checked = cleanObject(withMarkers(resource.inputs.encode(inputs), withoutHostKeys(news)));
        return { inputs: { ...checked, ...wayIn(news) } };
      } catch (thrown) {
        // The engine would show a thrown error twice, but a failure only once.
        const error = asError(thrown);
        if (!isExpected(error)) throw error;
        return { failures: [failure(error.message)] };
      }
    },

    diff: (id, olds, news) =>
      withErrorsReported(news, async (open) =>
        asAnswer(
          await resource.diff(open, id, decodeState(resource.state, olds), decode(resource.inputs, news)),
        ),
      ),

    create: (inputs) =>
      withErrorsReported(inputs, async (open) => {
        const outcome = await resource.create(open, decode(resource.inputs, inputs));
        return { id: outcome.id, outs: savedState(resource.state, outcome, inputs) };
      }),

    read: (id, props) =>
      withErrorsReported(props, async (open) => {
        const found = await resource.read(open, id, decodeState(resource.state, props));
        if (found.kind === "gone") return {};
        return {
          id,
          props: { ...cleanObject(resource.state.encode(found.state)), ...wayIn(props) },
          ...(found.inputs === undefined
            ? {}
            : { inputs: { ...cleanObject(resource.inputs.encode(found.inputs)), ...wayIn(props) } }),
        };
      }),

    update: (id, olds, news) =>
      withErrorsReported(news, async (open) => {
        const state = decodeState(resource.state, olds);
        const outcome = await resource.update(open, id, state, decode(resource.inputs, news));
        return { outs: savedState(resource.state, outcome, news) };
      }),

    delete: (id, props) =>
      withErrorsReported(props, (open) => resource.delete(open, id, decodeState(resource.state, props))),
  };
}

function asAnswer(difference: Difference): Awaited<ReturnType<DynamicProvider["diff"]>> {
  switch (difference.kind) {
    case "same":
      return { changes: false };
    case "renew":
      return { changes: true };
    case "update":
      // Without `changes`, the engine compares the inputs itself, and shows the differences.
      return {};
    case "replace":
      return { replaces: [...difference.because], deleteBeforeReplace: difference.deleteFirst };
  }
}

/** The state for the engine. @throws InitializationError if something failed. The engine saves the state nevertheless */
function savedState<State>(
  codec: Codec<State>,
  { id, state, failures }: Outcome<State>,
  given: LooseObject,
): JsonObject {
  const outs = { ...cleanObject(codec.encode(state)), ...wayIn(given) };
  if (failures.length === 0) return outs;
  const reasons = shortenedAll(failures);
  if (isTooLargeForAnError(outs)) {
    process.stderr.write(`${reasons.join("\n")}\n`);
    return outs;
  }
  // Without `__provider` the engine could neither refresh nor delete the resource.
  throw new InitializationError(id, { ...outs, [PROVIDER_KEY]: given[PROVIDER_KEY] }, reasons);
}

/**
 * gRPC sends the state of an error as base64 in headers, which are limited to 16 MiB. Beyond that, the connection breaks and the state is
 * lost. So a large state is returned as a success, and the failures are printed.
 */
const LARGEST_IN_AN_ERROR = 10_000_000;

function isTooLargeForAnError(outs: JsonObject): boolean {
  return Buffer.byteLength(JSON.stringify(outs)) > LARGEST_IN_AN_ERROR;
}

/** The host recognizes it: the engine saves the properties under the id, and calls `update` in the next run in any case. */
class InitializationError extends ExpectedError {
  override readonly name = "InitializationError";

  constructor(
    readonly id: string,
    readonly properties: LooseObject,
    readonly reasons: readonly string[],
  ) {
    super(reasons.join("\n"));
    this.stack = "";
  }
}

/** An expected error for the engine, which shows its message with the resource. */
class ExplainedError extends Error {
  constructor(message: string) {
    super(message);
    this.stack = "the reason is shown with the resource.";
  }

  /** For some calls the host also prints this and the stack, without naming the resource. */
  override toString(): string {
    return "Failed";
  }
}

/** Longer messages are not useful, and much longer ones break the engine's connection. */
const LONGEST_TEXT = 50_000;

function shortened(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)} … and more`;
}

function shortenedAll(texts: readonly string[]): string[] {
  const kept: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (length > 0 && length + text.length > LONGEST_TEXT) break;
    kept.push(shortened(text));
    length += text.length;
  }
  const left = texts.length - kept.length;
  return left === 0 ? kept : [...kept, `… and ${left} more.`];
}

/**
 * If a failure names a property, the engine prints the property's value, even a secret one. So the name is part of the reason.
 */
function withNameInReason({ property, reason }: CheckFailure): CheckFailure {
  return failure(`${property}: ${reason}`);
}

function failure(reason: string): CheckFailure {
  return { property: "", reason: shortened(reason) };
}

/** Encoded inputs, with unknown values unchanged. */
function withMarkers(encoded: LooseObject, given: LooseObject): LooseObject {
  if (!containsMarker(given)) return encoded;
  const known = Object.entries(encoded).filter(
    ([key, value]) => value !== undefined && !containsMarker(given[key]),
  );
  return { ...given, ...Object.fromEntries(known) };
}

/** The properties without the host's own keys. */
function withoutHostKeys(properties: LooseObject): LooseObject {
  const { [PROVIDER_KEY]: _, [WAY_TO_PROJECT]: __, ...rest } = properties;
  return rest;
}

function wayOf({ [WAY_TO_PROJECT]: way }: LooseObject): string | undefined {
  return typeof way === "string" ? way : undefined;
}

function wayIn(properties: LooseObject): JsonObject {
  const way = wayOf(properties);
  return way === undefined ? {} : { [WAY_TO_PROJECT]: way };
}

/** Decodes inputs that `check` has accepted. */
function decode<Value>(codec: Codec<Value>, properties: LooseObject): Value {
  const fields = new Fields(withoutHostKeys(properties));
  const value = codec.decode(fields);
  if (fields.failures.length > 0) throw new ExpectedError(reasonsOf(fields).join("\n"));
  return value;
}

function decodeIfGood<Value>(codec: Codec<Value>, properties: LooseObject): Value | undefined {
  const fields = new Fields(withoutHostKeys(properties));
  const value = codec.decode(fields);
  return fields.failures.length > 0 ? undefined : value;
}

function decodeState<State>(codec: Codec<State>, properties: LooseObject): State {
  const fields = new Fields(withoutHostKeys(properties));
  const state = codec.decode(fields);
  if (fields.failures.length === 0) return state;
  throw new ExpectedError(
    `This provider did not write the state of this resource (${reasonsOf(fields).join("; ")}). ` +
      "Restore an earlier state (`pulumi stack export --version`).",
  );
}

function reasonsOf({ failures }: Fields): string[] {
  return failures.map(({ property, reason }) => `${property} ${reason}`);
}
