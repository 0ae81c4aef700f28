import { asError, ExpectedError } from "../engine/errors.js";

/** That logs can't be kept in a folder, and what to do. */
export function folderTrouble(folder: string, thrown: unknown): ExpectedError {
  return new ExpectedError(
    `The journal folder ${folder} can't be written (${reasonOf(thrown)}). A run writes into it what it is about to do, so that an interrupted ` +
      "run loses no key. Make the folder writable, or name another with NRF_CLOUD_JOURNAL. Nothing was changed.",
  );
}

/** That one file of a log can't be used, and what to do. */
export function fileTrouble(file: string, thrown: unknown): ExpectedError {
  if (thrown instanceof ExpectedError) return thrown;
  return new ExpectedError(
    `The journal ${file} can't be used (${reasonOf(thrown)}). Remove what stands in its place, or name another folder with NRF_CLOUD_JOURNAL.`,
  );
}

/** Whether a call of the file system failed for this reason, such as `ENOENT`. */
export function isCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && "code" in thrown && codes.some((code) => thrown.code === code);
}

function reasonOf(thrown: unknown): string {
  if (isCode(thrown, "ELOOP")) return IS_LINK;
  const { message } = asError(thrown);
  return /^E[A-Z]+: ([^,]+)/.exec(message)?.[1] ?? message;
}

export const IS_LINK = "it is a symbolic link";
