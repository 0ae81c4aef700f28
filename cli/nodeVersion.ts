// An old Node must be able to load this file, so it uses no newer syntax and no newer module.

/**
 * A message if this version of Node is too old; `undefined` if it is supported.
 * @param version such as `20.19.0`
 * @param needed the `engines` of the package, such as `>=20.19`
 */
export function problemOfNode(version: string, needed: string): string | undefined {
  const least = needed.replace(/^>=/, "");
  const [major = 0, minor = 0] = numbersIn(version);
  const [leastMajor = 0, leastMinor = 0] = numbersIn(least);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `nrfcloud-fleet needs Node ${least} or newer, and this is ${version}. Install a newer one (https://nodejs.org), then run again.`;
}

function numbersIn(version: string): number[] {
  return version.split(".").map(Number);
}
