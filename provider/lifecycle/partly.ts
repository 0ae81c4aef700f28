import { asError, PartialError } from "../engine/errors.js";
import type { LooseObject } from "../engine/outputs.js";

/** What fails once the device exists must not lose it, nor its key: the engine keeps both and calls `update` next time. */
export async function orPartly<T>(id: string, state: LooseObject, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new PartialError(id, state, [asError(error).message]);
  }
}
