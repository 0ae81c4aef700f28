import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { Shutdown } from "../../provider/engine/shutdown.js";

/** A process that only remembers how it was ended. */
class Ending extends EventEmitter {
  readonly codes: number[] = [];

  exit(code: number): void {
    this.codes.push(code);
  }
}

it("does all tasks in order when the engine ends the process, and ends it", () => {
  const ending = new Ending();
  const shutdown = new Shutdown(ending);
  const done: string[] = [];
  shutdown.add(() => done.push("first"));
  shutdown.add(() => done.push("second"));
  expect(done).toEqual([]);
  ending.emit("SIGINT");
  expect(done).toEqual(["first", "second"]);
  expect(ending.codes).toEqual([0]);
});

it("ends the process even where a task fails", () => {
  const ending = new Ending();
  new Shutdown(ending).add(() => {
    throw new Error("a mistake");
  });
  expect(() => ending.emit("SIGINT")).toThrow("a mistake");
  expect(ending.codes).toEqual([0]);
});

it("leaves a process alone that has nothing to do at its end", () => {
  const ending = new Ending();
  new Shutdown(ending);
  expect(ending.listenerCount("SIGINT")).toBe(0);
});
