import * as pulumi from "@pulumi/pulumi";
import {
  FIRST_GENERATION,
  isGeneration,
  isPhase,
  MAX_GENERATION,
  phases,
  type Phase,
  type Rotation,
} from "../fleet/rotation.js";
import { isSecurityTag, LARGEST_SECURITY_TAG, NRF_CLOUD_SECURITY_TAG } from "../fleet/securityTag.js";

/** The generation of its key and certificate that a device is to have. */
export interface RotationArgs {
  /**
   * The generation: a whole number from 1. A higher one orders another key and certificate. The previous one restores its credential,
   * as long as that is kept.
   */
  readonly generation: pulumi.Input<number>;
  /**
   * How far the rotation goes. `"issue"` makes the next credential, and nRF Cloud keeps the present one. `"activate"` registers it, and
   * keeps the one before in the state. `"done"` keeps no other.
   * @defaultValue `"activate"`: without `"issue"` before, the key is made and registered at once, and the device can't connect before it has it
   */
  readonly phase?: pulumi.Input<Phase>;
}

/** The generation of its key that a claimed device is to have. It makes the key itself. */
export interface KeyRotationArgs extends RotationArgs {
  /**
   * The security tag under which the modem keeps the key.
   * @defaultValue 16842753, as Nordic's firmware has it
   */
  readonly securityTag?: pulumi.Input<number>;
}

/** Reads the rotation of a row whose values are all known. @throws pulumi.RunError by `refuse` */
export function rotationOf(given: unknown, refuse: (reason: string) => Error): Rotation {
  if (given === undefined) return FIRST_GENERATION;
  if (typeof given !== "object" || given === null) throw refuse("has a rotation that is not an object");
  const { generation, phase = FIRST_GENERATION.phase }: { generation?: unknown; phase?: unknown } = given;
  if (!isGeneration(generation)) throw refuse(`has a rotation.generation that is not a ${GENERATION}`);
  if (!isPhase(phase)) throw refuse(`has a rotation.phase that is none of ${phases.join(", ")}`);
  return { generation, phase };
}

/** The security tag of a rotation. @throws pulumi.RunError by `refuse` */
export function securityTagOf(given: unknown, refuse: (reason: string) => Error): number {
  const tag: unknown =
    typeof given === "object" && given !== null && "securityTag" in given ? given.securityTag : undefined;
  if (tag === undefined) return NRF_CLOUD_SECURITY_TAG;
  if (isSecurityTag(tag)) return tag;
  throw refuse(`has a rotation.securityTag that is not a whole number from 0 to ${LARGEST_SECURITY_TAG}`);
}

const GENERATION = `whole number from 1 to ${MAX_GENERATION}`;

const KEYS = ["generation", "phase"];

/** Why the keys of a rotation are invalid; `undefined` if they are valid. Its values may not be known yet. */
export function unknownKeyIn(given: unknown, isClaim: boolean): string | undefined {
  if (
    typeof given !== "object" ||
    given === null ||
    pulumi.Output.isInstance(given) ||
    given instanceof Promise
  )
    return undefined;
  const known = isClaim ? [...KEYS, "securityTag"] : KEYS;
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  return unknown && `has rotation.${unknown}, which is unknown; use ${known.join(", ")}`;
}
