import { asError, ExpectedError } from "./errors.js";
import { Fields, type CheckFailure } from "./fields.js";
import { WAY_TO_PROJECT } from "./projectFolder.js";
import { cleanObject, type JsonObject, type LooseObject } from "./outputs.js";
import type { Codec, Difference, Outcome, Resource } from "./resource.js";
import { containsMarker } from "./unknown.js";

/** The engine keeps the text that leads back to this code under this key, in inputs and in outputs. */
const PROVIDER_KEY = "__provider";

/** Reads one configuration value by its full name, such as `nrfcloud:apiKey`. Secrets arrive in clear. */
export type ConfigReader = (key: string) => string | undefined;

/** A class of errors that users can act on, and that are shown without a stack trace. */
export type ExpectedErrorClass = abstract new (...args: never) => Error;

/** What Pulumi's host of dynamic providers calls; see `@pulumi/pulumi/cmd/dynamic-provider`. */
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

/** How resource types are hosted. */
export interface HostOptions<Session> {
  /**
   * Makes what all methods are handed. Called once, by the first call to the resource type, with its way to the project's folder; what it
   * throws fails each method.
   */
  readonly session: (config: ConfigReader, wayToProject: string | undefined) => Session | Promise<Session>;
  /** Classes of errors, besides {@link ExpectedError}, to show without a stack trace. */
  readonly expected?: readonly ExpectedErrorClass[];
}

/** Adapts a resource type to the host: decodes inputs, cleans outputs, hides keys that are not the type's, and packs failures. */
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

  /** Runs one call and turns what it throws into what the host knows how to report. */
  const reported = async <T>(properties: LooseObject, call: (session: Session) => Promise<T>): Promise<T> => {
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
      // At once: the host does not wait for this before the first other calls.
      readConfig = (key) => config.get(key);
      return Promise.resolve();
    },

    async check(olds, news) {
      try {
        const fields = new Fields(ownOf(news));
        const inputs = resource.inputs.decode(fields);
        if (fields.failures.length > 0) return { failures: fields.failures.map(unnamed) };
        const before = PROVIDER_KEY in olds ? decodeIfGood(resource.inputs, olds) : undefined;
        const reasons = await resource.check(await session(news), inputs, before);
        if (reasons.length > 0) return { failures: reasons.map(failed) };
        const checked = cleanObject(withMarkers(resource.inputs.encode(inputs), ownOf(news)));
        return { inputs: { ...checked, ...wayIn(news) } };
      } catch (thrown) {
        // A failed check is shown once; an error thrown in one would be shown twice.
        const error = asError(thrown);
        if (!isExpected(error)) throw error;
        return { failures: [failed(error.message)] };
      }
    },

    diff: (id, olds, news) =>
      reported(news, async (open) =>
        asAnswer(
          await resource.diff(open, id, decodeState(resource.state, olds), decode(resource.inputs, news)),
        ),
      ),

    create: (inputs) =>
      reported(inputs, async (open) => {
        const outcome = await resource.create(open, decode(resource.inputs, inputs));
        return { id: outcome.id, outs: ended(resource.state, outcome, inputs) };
      }),

    read: (id, props) =>
      reported(props, async (open) => {
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
      reported(news, async (open) => {
        const state = decodeState(resource.state, olds);
        const outcome = await resource.update(open, id, state, decode(resource.inputs, news));
        return { outs: ended(resource.state, outcome, news) };
      }),

    delete: (id, props) =>
      reported(props, (open) => resource.delete(open, id, decodeState(resource.state, props))),
  };
}

/** The answer to the engine for what a comparison found. */
function asAnswer(difference: Difference): Awaited<ReturnType<DynamicProvider["diff"]>> {
  switch (difference.kind) {
    case "same":
      return { changes: false };
    case "renew":
      return { changes: true };
    case "update":
      // Left undecided, the engine compares the inputs itself and shows each that differs.
      return {};
    case "replace":
      return { replaces: [...difference.because], deleteBeforeReplace: difference.deleteFirst };
  }
}

/** What the engine is to keep. @throws InitializationError where something failed, which has the engine keep it all the same */
function ended<State>(
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
  // Without `__provider` the recorded resource could be neither refreshed nor deleted.
  throw new InitializationError(id, { ...outs, [PROVIDER_KEY]: given[PROVIDER_KEY] }, reasons);
}

/**
 * An error with a state travels in the headers of an answer, which end at 16 MiB, base64. Beyond that the engine loses the
 * connection, and with it the state. A large state is safe in an answer that says that all went well; what did not is printed.
 */
const LARGEST_IN_AN_ERROR = 10_000_000;

function isTooLargeForAnError(outs: JsonObject): boolean {
  return Buffer.byteLength(JSON.stringify(outs)) > LARGEST_IN_AN_ERROR;
}

/** Recognised by the host: the engine records the properties under the id, and calls `update` in the next run whatever is declared. */
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

/** An expected error on its way to the engine, which shows its message with the resource. */
class ExplainedError extends Error {
  constructor(message: string) {
    super(message);
    this.stack = "the reason is shown with the resource.";
  }

  /** Of some calls the host prints this and the stack as well, where no resource is named. */
  override toString(): string {
    return "Failed";
  }
}

/** Longer texts help nobody, and much longer ones break the engine's connection. */
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
 * Of a failure that names a property the engine prints the property's value too, secret or not. So the name is part of
 * the reason.
 */
function unnamed({ property, reason }: CheckFailure): CheckFailure {
  return failed(`${property}: ${reason}`);
}

function failed(reason: string): CheckFailure {
  return { property: "", reason: shortened(reason) };
}

/** Encoded inputs, in which unknown values are unchanged. */
function withMarkers(encoded: LooseObject, given: LooseObject): LooseObject {
  if (!containsMarker(given)) return encoded;
  const known = Object.entries(encoded).filter(
    ([key, value]) => value !== undefined && !containsMarker(given[key]),
  );
  return { ...given, ...Object.fromEntries(known) };
}

/** What is the resource type's own. */
function ownOf(properties: LooseObject): LooseObject {
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

/** Inputs that were checked before. */
function decode<Value>(codec: Codec<Value>, properties: LooseObject): Value {
  const fields = new Fields(ownOf(properties));
  const value = codec.decode(fields);
  if (fields.failures.length > 0) throw new ExpectedError(reasonsOf(fields).join("\n"));
  return value;
}

function decodeIfGood<Value>(codec: Codec<Value>, properties: LooseObject): Value | undefined {
  const fields = new Fields(ownOf(properties));
  const value = codec.decode(fields);
  return fields.failures.length > 0 ? undefined : value;
}

function decodeState<State>(codec: Codec<State>, properties: LooseObject): State {
  const fields = new Fields(ownOf(properties));
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
