import { describe, expect, it } from "vitest";
import { configuration } from "../../provider/engine/configuration.js";
import { ExpectedError, PartialError } from "../../provider/engine/errors.js";
import type { Checked, Difference, Found, Lifecycle } from "../../provider/engine/lifecycle.js";
import type { LooseObject } from "../../provider/engine/outputs.js";
import { dynamicProvider } from "../../provider/engine/provider.js";

const HANDLER = 'exports.handler = () => require("somewhere");';

class KnownError extends Error {}
class MoreKnownError extends KnownError {}

/** A lifecycle that does as a test says, and remembers what it was given. */
function provider(does: Partial<Lifecycle>, expected: Parameters<typeof dynamicProvider>[1] = [KnownError]) {
  const given: LooseObject[] = [];
  const lifecycle: Lifecycle = {
    declared: ["name"],
    check: (_olds, news) => Promise.resolve<Checked>({ ok: true, inputs: news }),
    diff: () => Promise.resolve<Difference>({ kind: "same" }),
    create: (inputs) => Promise.resolve({ id: "id-1", state: { declared: inputs } }),
    read: (_id, state) => Promise.resolve<Found>({ kind: "present", state }),
    update: (_id, olds, news) => Promise.resolve({ state: { ...olds, declared: news } }),
    delete: () => Promise.resolve(),
    ...does,
  };
  const remember = (...bags: LooseObject[]) => given.push(...bags);
  const watched: Lifecycle = {
    declared: lifecycle.declared,
    check: (olds, news) => (remember(olds, news), lifecycle.check(olds, news)),
    diff: (id, olds, news) => (remember(olds, news), lifecycle.diff(id, olds, news)),
    create: (inputs) => (remember(inputs), lifecycle.create(inputs)),
    read: (id, state) => (remember(state), lifecycle.read(id, state)),
    update: (id, olds, news) => (remember(olds, news), lifecycle.update(id, olds, news)),
    delete: (id, state) => (remember(state), lifecycle.delete(id, state)),
  };
  return { host: dynamicProvider(watched, expected), given };
}

const inputs = { __provider: HANDLER, name: "new" };
const outputs = { __provider: HANDLER, serial: "7", name: "old" };
const rejection = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => {
      throw new Error("the call succeeded");
    },
    (thrown: unknown) => thrown,
  );

/** Every way in, each with good arguments. */
const calls = (host: ReturnType<typeof dynamicProvider>): [string, () => Promise<unknown>][] => [
  ["check", () => host.check(inputs, inputs)],
  ["diff", () => host.diff("id-1", outputs, inputs)],
  ["create", () => host.create(inputs)],
  ["read", () => host.read("id-1", outputs)],
  ["update", () => host.update("id-1", outputs, inputs)],
  ["delete", () => host.delete("id-1", outputs)],
];

describe("what the lifecycle is given", () => {
  it("never holds the text that leads to the code", async () => {
    const { host, given } = provider({});
    for (const [, call] of calls(host)) await call();
    expect(given).toHaveLength(9);
    for (const bag of given) expect(bag).not.toHaveProperty("__provider");
  });

  it("has the inputs that are true of the state as `declared`", async () => {
    const { host, given } = provider({});
    await host.read("id-1", outputs);
    expect(given).toEqual([{ serial: "7", declared: { name: "old" } }]);
  });

  it("leaves the host's own objects as they are", async () => {
    const { host } = provider({});
    const before = structuredClone([inputs, outputs]);
    for (const [, call] of calls(host)) await call();
    expect([inputs, outputs]).toEqual(before);
  });

  it("reads the configuration that the host hands over, at once", () => {
    const { host } = provider({});
    void host.configure({ config: { get: (key) => `value of ${key}` } });
    expect(configuration()("nrfcloud:apiKey")).toBe("value of nrfcloud:apiKey");
  });
});

describe("what the engine is given", () => {
  it("keeps `declared` under the names of the inputs, so that it keeps secret what was secret", async () => {
    const { host } = provider({});
    expect(await host.create(inputs)).toEqual({ id: "id-1", outs: { name: "new" } });
    expect(await host.update("id-1", outputs, inputs)).toEqual({
      outs: { serial: "7", name: "new" },
    });
    expect(await host.read("id-1", outputs)).toEqual({
      id: "id-1",
      props: { serial: "7", name: "old" },
    });
  });

  it("gets inputs from a read only where it found others", async () => {
    const { host } = provider({
      read: (_id, state) => Promise.resolve({ kind: "present", state, inputs: { name: "found" } }),
    });
    expect(await host.read("id-1", outputs)).toMatchObject({ inputs: { name: "found" } });
    expect(await provider({}).host.read("id-1", outputs)).not.toHaveProperty("inputs");
  });

  it("gets neither id nor properties of what is gone", async () => {
    const { host } = provider({ read: () => Promise.resolve({ kind: "gone" }) });
    expect(await host.read("id-1", outputs)).toStrictEqual({});
  });

  it("gets objects without undefined that the host may add `__provider` to", async () => {
    const state = Object.freeze({ serial: undefined, nested: Object.freeze({ a: undefined }), declared: {} });
    const { host } = provider({
      check: () => Promise.resolve({ ok: true, inputs: Object.freeze({ name: "a", tag: undefined }) }),
      create: () => Promise.resolve({ id: "id-1", state }),
    });
    const { inputs: checked } = await host.check({}, inputs);
    const { outs } = await host.create(inputs);
    expect(checked).toStrictEqual({ name: "a" });
    expect(outs).toStrictEqual({ nested: {} });
    for (const bag of [checked, outs]) expect(Object.isExtensible(bag)).toBe(true);
  });

  it("refuses state that the engine would lose", async () => {
    const { host } = provider({ create: () => Promise.resolve({ id: "id-1", state: { serial: 1n } }) });
    await expect(host.create(inputs)).rejects.toThrow("serial can't be kept");
  });

  it.each<[Difference, object]>([
    [{ kind: "same" }, { changes: false }],
    [{ kind: "renew" }, { changes: true }],
    // Undecided, so that the engine compares the inputs and shows each field.
    [{ kind: "update" }, {}],
    [
      { kind: "replace", because: ["deviceId", "subType"], deleteFirst: true },
      { replaces: ["deviceId", "subType"], deleteBeforeReplace: true },
    ],
    [
      { kind: "replace", because: ["subject"], deleteFirst: false },
      { replaces: ["subject"], deleteBeforeReplace: false },
    ],
  ])("is told what %j means in its own terms", async (difference, answer) => {
    const { host } = provider({ diff: () => Promise.resolve(difference) });
    expect(await host.diff("id-1", outputs, inputs)).toStrictEqual(answer);
  });

  it("is told everything that is wrong with the inputs, by no name whose value it would print", async () => {
    const failures = [
      { property: "credential.privateKey", reason: "is no key" },
      { property: "tags[0]", reason: "must be a text" },
      { property: "", reason: "No API key." },
    ];
    const { host } = provider({ check: () => Promise.resolve({ ok: false, failures }) });
    expect(await host.check({}, inputs)).toStrictEqual({
      failures: [
        { property: "", reason: "credential.privateKey: is no key" },
        { property: "", reason: "tags[0]: must be a text" },
        { property: "", reason: "No API key." },
      ],
    });
  });
});

describe("what is thrown", () => {
  it.each([new ExpectedError("what to do"), new KnownError("what to do"), new MoreKnownError("what to do")])(
    "in a check becomes a failure where it is expected, so that it is shown once: %s",
    async (error) => {
      const failure = { failures: [{ property: "", reason: "what to do" }] };
      expect(await provider({ check: () => Promise.reject(error) }).host.check({}, inputs)).toStrictEqual(
        failure,
      );
      const throwing = () => {
        throw error;
      };
      expect(await provider({ check: throwing }).host.check({}, inputs)).toStrictEqual(failure);
    },
  );

  it("in a check by mistake stays an error with its stack", async () => {
    const { host } = provider({ check: () => Promise.reject(new Error("a mistake")) });
    expect(await rejection(host.check({}, inputs))).toMatchObject({
      message: "a mistake",
      stack: expect.stringContaining("at ") as string,
    });
  });

  it.each([new ExpectedError("what to do"), new KnownError("what to do"), new MoreKnownError("what to do")])(
    "elsewhere shows no stack where it is expected: %s",
    async (error) => {
      const fail = () => Promise.reject(error);
      const { host } = provider({ diff: fail, create: fail, read: fail, update: fail, delete: fail });
      for (const [name, call] of calls(host)) {
        if (name === "check") continue;
        expect(await rejection(call()), name).toBe(error);
        expect(error.message).toBe("what to do");
        expect(error.stack).toBe("");
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

  it("for a half-made resource packs what the host records, with the text that leads back to the code", async () => {
    const half = () =>
      Promise.reject(
        new PartialError("id-1", { serial: "7", tag: undefined, declared: { name: "a" } }, [
          "no name yet",
          "no tag yet",
        ]),
      );
    const { host } = provider({ create: half, update: half });
    for (const call of [host.create(inputs), host.update("id-1", outputs, inputs)]) {
      const thrown = await rejection(call);
      expect(thrown).toMatchObject({
        id: "id-1",
        reasons: ["no name yet", "no tag yet"],
        message: "no name yet\nno tag yet",
        stack: "",
      });
      expect(thrown).toHaveProperty("properties", {
        serial: "7",
        name: "a",
        __provider: HANDLER,
      });
    }
  });
});
