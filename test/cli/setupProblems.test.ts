import { expect, test } from "vitest";
import { setupProblem } from "../../cli/pulumi/setupProblems.js";

const target = { cwd: process.cwd(), stack: undefined };

test.each([
  [
    "error: no Pulumi.yaml project file found (searching upwards from /x). If …",
    /no project \(Pulumi\.yaml\) in this folder\. .*--cwd/,
  ],
  ["error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions", /`pulumi login`/],
  ["error: no stack selected; please use `pulumi stack select` to choose one", /--stack/],
  ["error: no stack named 'nope' found", /no stack nope.*`pulumi stack init nope`/],
  ["passphrase must be set with PULUMI_CONFIG_PASSPHRASE or …", /Set PULUMI_CONFIG_PASSPHRASE/],
  [
    "Error: Cannot find module 'pulumi-nrfcloud'\nRequire stack:\n- /x/index.js",
    /pulumi-nrfcloud.*`npm install` in this folder,/,
  ],
  ["Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'pulumi-nrfcloud' imported from /x", /`npm install`/],
  ["error: It looks like the Pulumi SDK has not been installed. Have you …", /`npm install`/],
])("%j is one line with cause and remedy", (said, words) => {
  const problem = setupProblem(said, target);
  expect(problem).toMatch(words);
  expect(problem).not.toContain("\n");
});

test("other failures keep Pulumi's own message", () => {
  expect(setupProblem("error: could not deserialize deployment", target)).toBeUndefined();
  expect(setupProblem("Cannot find module './mine.js'", target)).toBeUndefined();
});
