/** Which generation of its key and certificate a device is to have, and how far the change to it goes. */

/**
 * `issue`: the credential is made and kept, and nRF Cloud keeps the present one. `activate`: nRF Cloud gets it, and the one before is kept.
 * `done`: no other credential is kept.
 */
export const phases = ["issue", "activate", "done"] as const;
export type Phase = (typeof phases)[number];

/** What a row says of its credential's rotation. */
export interface Rotation {
  /** A whole number from 1. */
  readonly generation: number;
  readonly phase: Phase;
}

/** What applies where nothing is said. */
export const FIRST_GENERATION: Rotation = { generation: 1, phase: "activate" };

/** Highest generation: nine digits. */
export const MOST_GENERATIONS = 999_999_999;

export function isPhase(value: unknown): value is Phase {
  return phases.some((phase) => phase === value);
}

export function isGeneration(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_GENERATIONS;
}
