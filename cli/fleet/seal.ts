/** What keeps a whole fleet from being destroyed: it is protected itself, and goes before the devices. */
export function isSeal(type: string): boolean {
  return type === "nrfcloud:index:FleetSeal";
}
