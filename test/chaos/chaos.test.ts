import { rmSync } from "node:fs";
import { inject, test } from "vitest";
import { SHORT_SEEDS } from "../../tools/chaos/knownSeeds.mjs";
import { failureReport } from "../../tools/chaos/report.mjs";
import { run } from "../../tools/chaos/run.mjs";

const A_WHILE = { timeout: 600_000 };

/** Its run is the one that is damaged below, where nothing else may be wrong either. */
const DAMAGED = 216;

test.concurrent.each(SHORT_SEEDS.filter(({ seed }) => seed !== DAMAGED))(
  "nothing is lost, doubled, taken over or leaked in the run with seed $seed: $has",
  A_WHILE,
  async ({ seed }) => {
    const result = await run(seed, { bin: inject("engineBin") });
    if (result.judgement.verdicts.length > 0) throw new Error(failureReport(result));
  },
);

test.concurrent(
  "a run with something wrong in it is judged so, check by check",
  A_WHILE,
  async ({ expect }) => {
    const { judgement, folder } = await run(DAMAGED, {
      bin: inject("engineBin"),
      async sabotage({ plan, cloud, stack, keys, ledger }) {
        const stray = { id: "stray-1", tags: [], name: undefined, subType: undefined };
        await cloud.settle(stray, (await keys.of("certificate", "stray-1", 1)).pem);
        stack.write({ "../backend/note.txt": plan.passphrase });
        const [first] = stack.ran;
        if (first !== undefined) first.output += plan.apiKey;
        ledger.problems.push("a key was lost");
      },
    });
    if (folder !== undefined) rmSync(folder, { recursive: true });
    expect(judgement.verdicts.map(({ check, problem }) => `${check}: ${problem}`)).toEqual([
      "no key is replaced unasked: a key was lost",
      "the account holds exactly what is declared: device stray-1 is in the account, but not declared",
      "destroy empties the account: device stray-1 is still in the account",
      "no secret is in clear: the output of `pulumi stack init dev --no-select` has the API key",
      "no secret is in clear: backend/note.txt has the passphrase",
    ]);
  },
);
