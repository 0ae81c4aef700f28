import { expect, it } from "vitest";
import { configuration, keepConfiguration } from "../../provider/engine/configuration.js";
import { ExpectedError } from "../../provider/engine/errors.js";

it("keeps the configuration of an operation, and says so when there is none", () => {
  expect(() => configuration()).toThrow(ExpectedError);
  keepConfiguration((key) => (key === "nrfcloud:endpoint" ? "first" : undefined));
  expect(configuration()("nrfcloud:endpoint")).toBe("first");
  expect(configuration()("nrfcloud:apiKey")).toBeUndefined();
  keepConfiguration(() => "second");
  expect(configuration()("nrfcloud:endpoint")).toBe("second");
});
