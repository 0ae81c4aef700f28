/** What a fleet file says of rotations: a generation for many devices, and which of them activate it. */
import { isRecord, listOf } from "./data.js";
import { IdPatternError, parseIdPatterns } from "./idPatterns.js";
import type { Path, Report } from "./problems.js";
import { FIRST_GENERATION, isGeneration, isPhase, type Rotation } from "./rotation.js";
import { isSecurityTag } from "./securityTag.js";

/** A rotation of many devices. */
export interface DeclaredRotation {
  /** What it is for one of them. */
  readonly of: (deviceId: string) => Rotation;
  readonly securityTag?: number;
}

/** Reads a rotation; the schema has reported what is not well-formed. */
export function readRotation(value: unknown, path: Path, report: Report): DeclaredRotation | undefined {
  if (!isRecord(value) || !isGeneration(value.generation)) return undefined;
  const { generation, securityTag } = value;
  const activates = readPatterns(value.activate, [...path, "activate"], report);
  const phase = isPhase(value.phase)
    ? value.phase
    : activates === undefined
      ? FIRST_GENERATION.phase
      : "issue";
  if (activates !== undefined && phase !== "issue") {
    report.add(report.place([...path, "activate"]), {
      message: `a list of devices to activate says nothing beside "phase: ${phase}", which is for all`,
      fix: "write phase: issue, or leave the list out",
    });
  }
  return {
    of: (deviceId) => ({ generation, phase: activates?.(deviceId) === true ? "activate" : phase }),
    ...(isSecurityTag(securityTag) && { securityTag }),
  };
}

function readPatterns(
  value: unknown,
  path: Path,
  report: Report,
): ((deviceId: string) => boolean) | undefined {
  const texts = (typeof value === "string" ? [value] : listOf(value)).filter(
    (text) => typeof text === "string",
  );
  if (value === undefined) return undefined;
  // Nobody activates yet.
  if (texts.length === 0) return () => false;
  try {
    return parseIdPatterns(...texts);
  } catch (error) {
    if (!(error instanceof IdPatternError)) throw error;
    const [message = "", fix = ""] = error.message.split(" → fix: ");
    report.add(report.place(path), { message, fix });
    return undefined;
  }
}
