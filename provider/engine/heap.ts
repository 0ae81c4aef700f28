import { setFlagsFromString } from "node:v8";

/**
 * Lets the heap grow by only 60% before a garbage collection. By default, V8 lets the heap of a new process grow fourfold: a provider that
 * needs 60 MB for 10,000 devices used 430 MB before its first collection.
 */
export function collectGarbageSooner(): void {
  setFlagsFromString("--heap-growing-percent=60");
}
