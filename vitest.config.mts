import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longestFirst.mjs";

/** Tests of programs: Pulumi's SDK keeps one program a process. */
const PROGRAMS = "test/resources/**/*.test.ts";

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./test/support/countReporter.ts"],
    // Tests with the real engine start several processes each, and wait as long as they work, or as long as a fault lasts: two more
    // than there are cores to count on.
    maxWorkers: 4,
    // The known seeds of the campaign take as long as half of the others, and leave each other alone.
    maxConcurrency: 2,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: ["test/**/*.test.ts"],
          exclude: [PROGRAMS],
          globalSetup: ["test/support/globalSetup.ts"],
          // No module has state, so the files of a worker share what they import: half a second less each. What a file changes in
          // the process (environment, clock), it puts back.
          isolate: false,
        },
      },
      { extends: true, test: { name: "alone", include: [PROGRAMS] } },
    ],
  },
});
