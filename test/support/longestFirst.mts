import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take more than half a minute, the longest first. */
const LONG = [
  "chaos/chaos",
  "cli/rowCommands",
  "lifecycle/secrets",
  "examples/pullRequest",
  "cli/report/engine",
  "lifecycle/set/interrupted",
  "lifecycle/packed",
  "lifecycle/killed",
  "cli/life",
  "lifecycle/life",
  "cli/export/takeOver",
  "cli/interrupt",
  "cli/export/importFile",
  "lifecycle/layouts",
].map((name) => `/test/${name}.test.ts`);

/**
 * Begins with the files that take longest, so that none of them runs alone in the end. Those that need a process of their own come
 * last: they would end the processes that others share.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      if (project.config.isolate) return LONG.length + 1;
      const at = LONG.findIndex((name) => moduleId.endsWith(name));
      return at === -1 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
