import { setFlagsFromString } from "node:v8";

/**
 * Lets the heap of this process grow by 60 % before V8 collects it. V8 lets a young process grow fourfold, so that a provider which
 * needs 60 MB for 10,000 devices took 430 MB of a CI runner before it was collected for the first time.
 */
export function collectSooner(): void {
  setFlagsFromString("--heap-growing-percent=60");
}
