import type { Fields } from "../engine/fields.js";
import {
  FIRST_GENERATION,
  isGeneration,
  isPhase,
  MAX_GENERATION,
  phases,
  type Rotation,
} from "../fleet/rotation.js";
import { isSecurityTag, LARGEST_SECURITY_TAG, NRF_CLOUD_SECURITY_TAG } from "../fleet/securityTag.js";

/** Reads the rotation of a resource of one row. Problems are in `fields.failures`. */
export function readRotation(fields: Fields): Rotation {
  const given = fields.nested("rotation");
  const generation = given?.number("generation", (value) =>
    isGeneration(value) ? undefined : `must be a whole number from 1 to ${MAX_GENERATION}`,
  );
  const phase = given?.text("phase", (text) =>
    isPhase(text) ? undefined : `must be one of ${phases.join(", ")}`,
  );
  if (given !== undefined && !given.has("generation")) given.fail("generation", "is missing");
  return {
    generation: generation ?? FIRST_GENERATION.generation,
    phase: isPhase(phase) ? phase : FIRST_GENERATION.phase,
  };
}

/** Reads the security tag of the key. Problems are in `fields.failures`. */
export function readSecurityTag(fields: Fields): number {
  const tag = fields
    .nested("rotation")
    ?.number("securityTag", (value) =>
      isSecurityTag(value) ? undefined : `must be a whole number from 0 to ${LARGEST_SECURITY_TAG}`,
    );
  return tag ?? NRF_CLOUD_SECURITY_TAG;
}
