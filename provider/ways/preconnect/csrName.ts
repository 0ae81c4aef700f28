import type { Finding } from "../../reconcile/plan/finding.js";

/**
 * Whether the common name of a CSR names another device; `undefined` where it does not.
 * @param isOther whether another device of the fleet has this id
 */
export function csrNameFinding(
  id: string,
  commonName: string | undefined,
  isOther: (id: string) => boolean,
): Finding | undefined {
  if (commonName === undefined || commonName === id) return undefined;
  const named = `names ${JSON.stringify(commonName)}`;
  if (commonName.toLowerCase() === id.toLowerCase()) {
    return {
      kind: "refuse",
      text: `csr ${named}, which differs from ${id} in case: correct the id, or give the CSR of this device`,
    };
  }
  if (isOther(commonName))
    return {
      kind: "refuse",
      text: `csr ${named}, another device of the fleet: give the CSR of ${id} itself`,
    };
  return {
    kind: "note",
    text: `its CSR ${named}, but its certificate will name the device id. Check that the CSR is from this device.`,
  };
}
