// What the command lines of the tools have in common.

/**
 * The options of this process, or its end: with 0 where only help was asked for, with 2 and the reason for a line that makes no sense.
 * @template Options
 * @param {(args: string[]) => Options | undefined} readOptions
 * @returns {Options}
 */
export function optionsOrExit(readOptions) {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read === undefined) process.exit(0);
    return read;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nTry --help.`);
    process.exit(2);
  }
}

/**
 * @param {string} what
 * @param {string} text
 */
export function wholeNumber(what, text) {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${what} must be a whole number above 0, not "${text}"`);
  return Number(text);
}
