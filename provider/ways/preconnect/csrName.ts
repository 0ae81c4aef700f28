import type { Finding } from "../../reconcile/plan/finding.js";

/**
 * What the common name of a CSR says against its being this device's; `undefined` where it says nothing.
 * @param isOther whether another device of the fleet has this id
 */
export function csrNameFinding(
  id: string,
  commonName: string | undefined,
  isOther: (id: string) => boolean,
): Finding | undefined {
  if (commonName === undefined || commonName === id) return undefined;
  const madeOut = `is made out to ${JSON.stringify(commonName)}`;
  if (commonName.toLowerCase() === id.toLowerCase()) {
    return {
      kind: "refuse",
      text: `csr ${madeOut}, which differs from ${id} in case: correct the id, or give the CSR of this device`,
    };
  }
  if (isOther(commonName))
    return {
      kind: "refuse",
      text: `csr ${madeOut}, another device of the fleet: give the CSR of ${id} itself`,
    };
  return {
    kind: "note",
    text: `its CSR ${madeOut}. Its certificate will be made out to the device id; check that the CSR is of this device.`,
  };
}
