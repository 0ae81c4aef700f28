/** Rotations: the generation of its credential that a device is to have, and the phase of the change to it. */

/**
 * `issue`: the next credential is issued and kept, and nRF Cloud keeps the present one. `activate`: nRF Cloud gets the next one,
 * and the former one is kept. `done`: only the present credential is kept.
 */
export const phases = ["issue", "activate", "done"] as const;
export type Phase = (typeof phases)[number];

export interface Rotation {
  /** A whole number from 1. */
  readonly generation: number;
  readonly phase: Phase;
}

/** The rotation of a device that declares none. */
export const FIRST_GENERATION: Rotation = { generation: 1, phase: "activate" };

export const MAX_GENERATION = 999_999_999;

export function isPhase(value: unknown): value is Phase {
  return phases.some((phase) => phase === value);
}

export function isGeneration(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_GENERATION;
}
