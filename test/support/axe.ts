import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

/** What axe-core finds wrong with a page for people who hear it, magnify it or use no mouse: one line an element. */
export async function barriersIn(page: Page): Promise<string[]> {
  // Its text, not a script element: the page may forbid those.
  await page.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate<Findings>("axe.run()");
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${help}: ${html}\n${failureSummary}`),
  );
}

interface Findings {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}
