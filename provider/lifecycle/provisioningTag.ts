/**
 * A tag of the Identity and Provisioning service. Its grammar is wider than that of device tags (`location=Trondheim` is one
 * of Nordic's own), but rows of a bulk claim join tags with commas.
 */
export function provisioningTagRule(tag: string): string | undefined {
  if (tag === "") return "is empty";
  return /^[^\s,"]+$/.test(tag) ? undefined : "may hold no space, comma or quote";
}
