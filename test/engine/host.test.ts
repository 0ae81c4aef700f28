import { runtime } from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ExpectedError } from "../../provider/engine/errors.js";
import { dynamicProvider, type DynamicProvider } from "../../provider/engine/host.js";
import type { LooseObject } from "../../provider/engine/outputs.js";
import type { Difference, Resource } from "../../provider/engine/resource.js";
import { isUnknown, UNKNOWN, type Unknowable } from "../../provider/engine/unknown.js";

const HANDLER = 'exports.handler = () => require("somewhere");';

class KnownError extends Error {}
class MoreKnownError extends KnownError {}

interface Inputs {
  readonly name: Unknowable<string>;
  readonly tags: readonly string[];
}

interface State {
  readonly name: string;
  readonly serial: string | undefined;
}

interface Session {
  readonly key: string | undefined;
}

/** A resource type that does as a test says, and remembers what it was given. */
function hosted(
  does: Partial<Resource<Inputs, State, Session>>,
  session: (key: string | undefined) => Session | Promise<Session> = (key) => ({ key }),
) {
  const given: unknown[] = [];
  const seen =
    <Args extends readonly unknown[], Answer>(method: (...args: Args) => Answer) =>
    (...args: Args): Answer => {
      given.push(...args);
      return method(...args);
    };
  const resource: Resource<Inputs, State, Session> = {
    inputs: {
      decode: (fields) => ({
        name: fields.unknowable("name", () => fields.requiredText("name") ?? ""),
        tags: fields.texts("tags") ?? [],
      }),
      encode: ({ name, tags }) => ({ name, tags: tags.length === 0 ? undefined : [...tags].sort() }),
    },
    state: {
      decode: (fields) => ({ name: fields.requiredText("name") ?? "", serial: fields.text("serial") }),
      encode: (state) => ({ ...state }),
    },
    check: seen(does.check ?? (() => Promise.resolve([]))),
    diff: seen(does.diff ?? (() => Promise.resolve<Difference>({ kind: "same" }))),
    create: seen(
      does.create ??
        ((_, { name }) =>
          Promise.resolve({
            id: "id-1",
            state: { name: isUnknown(name) ? "" : name, serial: "7" },
            failures: [],
          })),
    ),
    read: seen(does.read ?? ((_, __, state) => Promise.resolve({ kind: "present", state }))),
    update: seen(does.update ?? ((_, id, state) => Promise.resolve({ id, state, failures: [] }))),
    delete: seen(does.delete ?? (() => Promise.resolve())),
    ...(does.state === undefined ? {} : { state: does.state }),
  };
  const host = dynamicProvider(resource, {
    session: (config) => session(config("nrfcloud:apiKey")),
    expected: [KnownError],
  });
  const configure = () =>
    host.configure({ config: { get: (key) => (key === "nrfcloud:apiKey" ? "the key" : undefined) } });
  return { host, given, configure };
}

/** The same, configured. */
function provider(does: Partial<Resource<Inputs, State, Session>>) {
  const { host, given, configure } = hosted(does);
  void configure();
  return { host, given };
}

const inputs = { __provider: HANDLER, name: "new" };
const outputs = { __provider: HANDLER, name: "old", serial: "7" };
const rejection = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => {
      throw new Error("the call succeeded");
    },
    (thrown: unknown) => thrown,
  );

/** Every way in, each with good arguments. */
const calls = (host: DynamicProvider): [string, () => Promise<unknown>][] => [
  ["check", () => host.check(inputs, inputs)],
  ["diff", () => host.diff("id-1", outputs, inputs)],
  ["create", () => host.create(inputs)],
  ["read", () => host.read("id-1", outputs)],
  ["update", () => host.update("id-1", outputs, inputs)],
  ["delete", () => host.delete("id-1", outputs)],
];

describe("the session", () => {
  it("is opened with the configuration, and handed to every method", async () => {
    const { host, given } = provider({});
    for (const [, call] of calls(host)) await call();
    expect(given.filter((each) => typeof each === "object" && each !== null && "key" in each)).toEqual(
      calls(host).map(() => ({ key: "the key" })),
    );
  });

  it("is waited for by calls that come before it is open, and opened once", async () => {
    let open: (session: Session) => void = () => undefined;
    const opening = vi.fn(
      () =>
        new Promise<Session>((resolve) => {
          open = resolve;
        }),
    );
    const { host, given, configure } = hosted({}, opening);
    // As the host does: it waits for the first call only.
    const configuring = configure();
    const early = calls(host).map(([, call]) => call());
    await configuring;
    await new Promise(setImmediate);
    expect(given).toEqual([]);
    open({ key: "late" });
    await Promise.all(early);
    expect(opening).toHaveBeenCalledTimes(1);
    expect(given).toContainEqual({ key: "late" });
  });

  it("that can't be opened fails each call with its reason, and configuring not at all", async () => {
    const { host, configure } = hosted({}, () => {
      throw new ExpectedError("No such folder.");
    });
    await configure();
    for (const [name, call] of calls(host)) {
      if (name === "check")
        expect(await call()).toEqual({ failures: [{ property: "", reason: "No such folder." }] });
      else expect(await rejection(call())).toMatchObject({ message: "No such folder." });
    }
  });

  it("must have been configured", async () => {
    const { host } = hosted({});
    expect(await rejection(host.delete("id-1", outputs))).toMatchObject({
      message: "The provider was used before the engine configured it.",
    });
  });
});

describe("what a resource type is given", () => {
  it("is decoded, and never holds the text that leads to the code", async () => {
    const { host, given } = provider({});
    for (const [, call] of calls(host)) await call();
    const session = { key: "the key" };
    const news = { name: "new", tags: [] };
    const state = { name: "old", serial: "7" };
    expect(given).toEqual([
      ...[session, news, news],
      ...[session, "id-1", state, news],
      ...[session, news],
      ...[session, "id-1", state],
      ...[session, "id-1", state, news],
      ...[session, "id-1", state],
    ]);
  });

  it("in the check of a new resource are no old inputs", async () => {
    const { host, given } = provider({});
    await host.check({}, inputs);
    expect(given[2]).toBeUndefined();
  });

  it("leaves the host's own objects as they are", async () => {
    const { host } = provider({});
    const before = structuredClone([inputs, outputs]);
    for (const [, call] of calls(host)) await call();
    expect([inputs, outputs]).toEqual(before);
  });

  it("is not a state that the provider did not write", async () => {
    const { host, given } = provider({});
    for (const call of [
      host.diff("id-1", { __provider: HANDLER }, inputs),
      host.delete("id-1", { __provider: HANDLER }),
    ]) {
      expect(await rejection(call)).toMatchObject({
        message: expect.stringContaining(
          "This provider did not write the state of this resource (name is missing)",
        ) as string,
      });
    }
    expect(given).toEqual([]);
  });
});

describe("a check", () => {
  it("gives back the inputs in the form that is kept", async () => {
    const { host } = provider({});
    expect(await host.check({}, { ...inputs, tags: ["b", "a"] })).toStrictEqual({
      inputs: { name: "new", tags: ["a", "b"] },
    });
    expect(await host.check({}, { ...inputs, tags: [] })).toStrictEqual({ inputs: { name: "new" } });
  });

  it("returns unknown values unchanged, and the others in the form of the state", async () => {
    const { host, given } = provider({});
    const name = runtime.unknownValue;
    expect(await host.check({}, { __provider: HANDLER, name, tags: ["b", "a"] })).toStrictEqual({
      inputs: { name, tags: ["a", "b"] },
    });
    expect(given[1]).toEqual({ name: UNKNOWN, tags: ["b", "a"] });
    const tags = ["b", "a", runtime.unknownValue];
    expect(await host.check({}, { ...inputs, tags })).toStrictEqual({ inputs: { name: "new", tags } });
  });

  it("reports all mistakes, by no name whose value the engine would print, and stops there", async () => {
    const { host, given } = provider({});
    expect(await host.check({}, { __provider: HANDLER, tags: [3] })).toStrictEqual({
      failures: [
        { property: "", reason: "name: is missing" },
        { property: "", reason: "tags[0]: must be a string" },
      ],
    });
    expect(given).toEqual([]);
  });

  it("reports what the resource type finds wrong", async () => {
    const { host } = provider({ check: () => Promise.resolve(["lab-1 is taken.", "lab-2 is taken."]) });
    expect(await host.check({}, inputs)).toStrictEqual({
      failures: [
        { property: "", reason: "lab-1 is taken." },
        { property: "", reason: "lab-2 is taken." },
      ],
    });
  });

  it.each([new ExpectedError("what to do"), new KnownError("what to do"), new MoreKnownError("what to do")])(
    "that fails as expected is told once: %s",
    async (error) => {
      const throwing = () => {
        throw error;
      };
      for (const check of [() => Promise.reject(error), throwing]) {
        expect(await provider({ check }).host.check({}, inputs)).toStrictEqual({
          failures: [{ property: "", reason: "what to do" }],
        });
      }
    },
  );

  it("that fails by a programming mistake is an error with its stack trace", async () => {
    const { host } = provider({ check: () => Promise.reject(new Error("a mistake")) });
    expect(await rejection(host.check({}, inputs))).toMatchObject({
      message: "a mistake",
      stack: expect.stringContaining("at ") as string,
    });
  });
});

describe("what the engine is given", () => {
  it.each<[Difference, object]>([
    [{ kind: "same" }, { changes: false }],
    [{ kind: "renew" }, { changes: true }],
    // Undecided, so that the engine compares the inputs and shows each that differs.
    [{ kind: "update" }, {}],
    [
      { kind: "replace", because: ["deviceId", "subType"], deleteFirst: true },
      { replaces: ["deviceId", "subType"], deleteBeforeReplace: true },
    ],
    [
      { kind: "replace", because: ["subject"], deleteFirst: false },
      { replaces: ["subject"], deleteBeforeReplace: false },
    ],
  ])("says what %j means in its own terms", async (difference, answer) => {
    const { host } = provider({ diff: () => Promise.resolve(difference) });
    expect(await host.diff("id-1", outputs, inputs)).toStrictEqual(answer);
  });

  it("is the encoded state", async () => {
    const { host } = provider({});
    expect(await host.create(inputs)).toEqual({ id: "id-1", outs: { name: "new", serial: "7" } });
    expect(await host.update("id-1", outputs, inputs)).toEqual({ outs: { name: "old", serial: "7" } });
    expect(await host.read("id-1", outputs)).toStrictEqual({
      id: "id-1",
      props: { name: "old", serial: "7" },
    });
  });

  it("has inputs after a read only where it found others", async () => {
    const { host } = provider({
      read: (_, __, state) =>
        Promise.resolve({ kind: "present", state, inputs: { name: "found", tags: [] } }),
    });
    expect(await host.read("id-1", outputs)).toMatchObject({ inputs: { name: "found" } });
  });

  it("has neither id nor properties if the resource is missing", async () => {
    const { host } = provider({ read: () => Promise.resolve({ kind: "gone" }) });
    expect(await host.read("id-1", outputs)).toStrictEqual({});
  });

  it("is an object without undefined that the host may add `__provider` to", async () => {
    const kept = Object.freeze({ serial: undefined, nested: Object.freeze({ a: undefined }) });
    const { host } = provider({
      state: { decode: () => ({ name: "", serial: undefined }), encode: () => kept },
    });
    const { outs } = await host.create(inputs);
    expect(outs).toStrictEqual({ nested: {} });
    expect(Object.isExtensible(outs)).toBe(true);
  });

  it("is no state that the engine would lose", async () => {
    const { host } = provider({
      state: { decode: () => ({ name: "", serial: undefined }), encode: () => ({ serial: 1n }) },
    });
    await expect(host.create(inputs)).rejects.toThrow("serial can't be saved");
  });
});

describe("what is thrown", () => {
  it.each([new ExpectedError("what to do"), new KnownError("what to do"), new MoreKnownError("what to do")])(
    "as expected keeps its message, and is short where the host prints it a second time: %s",
    async (error) => {
      const fail = () => Promise.reject(error);
      const { host } = provider({ diff: fail, create: fail, read: fail, update: fail, delete: fail });
      for (const [name, call] of calls(host)) {
        if (name === "check") continue;
        const thrown = await rejection(call());
        expect(thrown, name).toHaveProperty("message", "what to do");
        expect(thrown).toBeInstanceOf(Error);
        if (thrown instanceof Error)
          expect(`${String(thrown)}: ${thrown.stack ?? ""}`).toBe(
            "Failed: the reason is shown with the resource.",
          );
      }
    },
  );

  it("by mistake keeps its stack", async () => {
    const fail = () => Promise.reject(new TypeError("a mistake"));
    const { host } = provider({ create: fail, delete: fail });
    for (const call of [host.create(inputs), host.delete("id-1", outputs)]) {
      const thrown = await rejection(call);
      expect(thrown).toBeInstanceOf(TypeError);
      expect(thrown).toHaveProperty("stack", expect.stringContaining("at "));
    }
  });

  it("is an error with a message even where something else was thrown", async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- that it is none is the point
    const { host } = provider({ create: () => Promise.reject("only a text") });
    expect(await rejection(host.create(inputs))).toMatchObject({ message: "only a text" });
  });

  it("is cut where it would break the connection", async () => {
    const { host } = provider({ create: () => Promise.reject(new ExpectedError("x".repeat(9_000_000))) });
    const thrown = await rejection(host.create(inputs));
    expect(thrown instanceof Error && thrown.message.length).toBeLessThan(60_000);
  });
});

describe("what failed in part", () => {
  const half = (failures: readonly string[], serial?: string) => {
    const ended = () => Promise.resolve({ id: "id-1", state: { name: "half", serial }, failures });
    return provider({ create: ended, update: ended }).host;
  };
  const attempts = (host: DynamicProvider) => [
    () => host.create(inputs),
    () => host.update("id-1", outputs, inputs),
  ];

  it("is packed as the host records it, with the text that leads back to the code", async () => {
    for (const attempt of attempts(half(["no name yet", "no tag yet"]))) {
      expect(await rejection(attempt())).toMatchObject({
        id: "id-1",
        properties: { name: "half", __provider: HANDLER },
        reasons: ["no name yet", "no tag yet"],
        message: "no name yet\nno tag yet",
        stack: "",
      });
    }
  });

  it("names no more reasons than anybody reads", async () => {
    const reasons = Array.from({ length: 100_000 }, (_, i) => `device-${i}: refused`);
    const thrown = (await rejection(half(reasons).create(inputs))) as { reasons: string[] };
    expect(thrown.reasons.join("\n").length).toBeLessThan(100_000);
    expect(thrown.reasons[0]).toBe("device-0: refused");
    expect(thrown.reasons.at(-1)).toMatch(/^… and 9\d,?\d{3} more\.$/);
  });

  describe("with a state that no error can carry", () => {
    afterEach(() => {
      vi.restoreAllMocks();
    });

    it("is saved as a success, and reported", async () => {
      const told: string[] = [];
      vi.spyOn(process.stderr, "write").mockImplementation((text) => {
        told.push(String(text));
        return true;
      });
      const serial = "x".repeat(11_000_000);
      for (const attempt of attempts(half(["no name yet"], serial)))
        expect((await attempt()).outs).toHaveProperty("serial", serial);
      expect(told).toEqual(["no name yet\n", "no name yet\n"]);
    });
  });
});

describe("ten thousand entries", () => {
  it("go through as they are", async () => {
    const devices = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`device-${i}`, `subType=tracker tags=lab-${i}`]),
    );
    const { host } = provider({
      state: {
        decode: (fields) => ({ name: "", serial: JSON.stringify([...(fields.textMap("devices") ?? [])]) }),
        encode: ({ serial }): LooseObject => ({
          devices: Object.fromEntries(JSON.parse(serial ?? "[]") as [string, string][]),
        }),
      },
    });
    const { props } = await host.read("id-1", { __provider: HANDLER, devices });
    expect(props).toStrictEqual({ devices });
  });
});
