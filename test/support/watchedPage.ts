import type { Page } from "playwright-core";

/** Watches a page for what it should not do: errors, remarks on the console, dialogs, requests to elsewhere. The list grows as it does. */
export function misdeedsOf(page: Page, address: string): readonly string[] {
  const misdeeds: string[] = [];
  page.on("pageerror", (error) => misdeeds.push(error.message));
  page.on("console", (message) => misdeeds.push(message.text()));
  page.on("dialog", (dialog) => {
    misdeeds.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith("data:"))
      misdeeds.push(request.url());
  });
  return misdeeds;
}
