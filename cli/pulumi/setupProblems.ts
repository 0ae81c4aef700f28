import path from "node:path";
import type { Target } from "./target.js";

/** Setup problems: the message of Pulumi or Node, and ours with the remedy. */
const PROBLEMS: readonly (readonly [text: RegExp, words: (target: Target, found: string) => string])[] = [
  [
    /no Pulumi\.yaml project file found/,
    ({ cwd }) =>
      `Pulumi finds no project (Pulumi.yaml) in ${shown(cwd)}. Go to the project's folder, or name it with --cwd.`,
  ],
  [
    /PULUMI_ACCESS_TOKEN must be set for login/,
    () => "Pulumi is not logged in. Run `pulumi login`, or set PULUMI_BACKEND_URL, then run again.",
  ],
  [
    /no stack selected/,
    () => "No stack is selected. Select one with `pulumi stack select`, or name one with --stack.",
  ],
  [
    /no stack named '([^'\n]*)' found/,
    (_, found) =>
      `The project has no stack ${found}. \`pulumi stack ls\` lists its stacks; \`pulumi stack init ${found}\` creates this one.`,
  ],
  [
    /passphrase must be set with PULUMI_CONFIG_PASSPHRASE/,
    () =>
      "Pulumi needs the passphrase of the stack. Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, then run again.",
  ],
  [
    /incorrect passphrase/,
    () => "The passphrase of the stack is wrong. Correct PULUMI_CONFIG_PASSPHRASE, then run again.",
  ],
  [
    /Cannot find (?:module|package) '(pulumi-nrfcloud|@pulumi\/pulumi)'/,
    ({ cwd }, found) =>
      `The project has not installed ${found}. Run \`npm install\` in ${shown(cwd)}, then run again.`,
  ],
  [
    /Pulumi SDK has not been installed/,
    ({ cwd }) =>
      `The project has not installed its packages. Run \`npm install\` in ${shown(cwd)}, then run again.`,
  ],
];

/** One line with cause and remedy, if the text reports a setup problem; else `undefined`. */
export function setupProblem(text: string, target: Target): string | undefined {
  for (const [pattern, words] of PROBLEMS) {
    const found = pattern.exec(text);
    if (found !== null) return words(target, found[1] ?? "");
  }
  return undefined;
}

/** The path of a folder, relative to the current one. */
function shown(folder: string): string {
  return path.relative(process.cwd(), path.resolve(folder)) || "this folder";
}
