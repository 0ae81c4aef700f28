import { asError, ExpectedError } from "../engine/errors.js";

/** That logs can't be kept in a folder, and what to do. */
export function folderTrouble(folder: string, thrown: unknown): ExpectedError {
  return new ExpectedError(
    `The provider can't write the journal folder ${folder} (${reasonOf(thrown)}). A run records there what it will do, so that an ` +
      "interruption loses no key. Make the folder writable, or name another with NRF_CLOUD_JOURNAL. Nothing was changed.",
  );
}

/** That one file of a log can't be used, and what to do. */
export function fileTrouble(file: string, thrown: unknown): ExpectedError {
  if (thrown instanceof ExpectedError) return thrown;
  return new ExpectedError(
    `The provider can't use the journal ${file} (${reasonOf(thrown)}). Remove what has its name, or name another folder with NRF_CLOUD_JOURNAL.`,
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
