import { inject, test } from "vitest";
import { KNOWN_SEEDS } from "../../tools/chaos/knownSeeds.mjs";
import { failureReport } from "../../tools/chaos/report.mjs";
import { run } from "../../tools/chaos/run.mjs";

test.concurrent.each(KNOWN_SEEDS)(
  "what seed $seed found stays mended: $found",
  { timeout: 600_000 },
  async ({ seed }) => {
    const result = await run(seed, { bin: inject("engineBin") });
    if (result.judgement.verdicts.length > 0) throw new Error(failureReport(result));
  },
);
