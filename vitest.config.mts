import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longestFirst.mjs";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/globalSetup.ts"],
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./test/support/countReporter.ts"],
    // Tests with the real engine start several processes each, and wait as long as they work: one more than there are cores to count on.
    maxWorkers: 3,
    // The known seeds of the campaign take as long as half of the others, and leave each other alone.
    maxConcurrency: 2,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
