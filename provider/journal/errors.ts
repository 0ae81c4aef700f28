import { asError, ExpectedError } from "../engine/errors.js";

/** The error for a folder that can't be used. */
export function folderError(folder: string, thrown: unknown): ExpectedError {
  return new ExpectedError(
    `The provider can't write the journal folder ${folder} (${reasonOf(thrown)}). A run records there what it will do, so that an ` +
      "interruption loses no key. Make the folder writable, or name another with NRF_CLOUD_JOURNAL. Nothing was changed.",
  );
}

/** The error for a file that can't be used. */
export function fileError(file: string, thrown: unknown): ExpectedError {
  if (thrown instanceof ExpectedError) return thrown;
  return new ExpectedError(
    `The provider can't use the journal ${file} (${reasonOf(thrown)}). Delete or move this file, or name another folder with NRF_CLOUD_JOURNAL.`,
  );
}

/** Whether a file system call failed with one of these codes, such as `ENOENT`. */
export function isCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && "code" in thrown && codes.some((code) => thrown.code === code);
}

function reasonOf(thrown: unknown): string {
  if (isCode(thrown, "ELOOP")) return IS_LINK;
  const { message } = asError(thrown);
  return /^E[A-Z]+: ([^,]+)/.exec(message)?.[1] ?? message;
}

export const IS_LINK = "it is a symbolic link";
