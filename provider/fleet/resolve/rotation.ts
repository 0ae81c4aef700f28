/** Reads the `rotation` of defaults, groups and devices. */
import { isRecord, listOf } from "../data.js";
import { IdPatternError, parseIdPatterns } from "../idPatterns.js";
import type { Path, Report } from "../problems.js";
import { FIRST_GENERATION, isGeneration, isPhase, type Rotation } from "../rotation.js";
import { isSecurityTag } from "../securityTag.js";

/** A rotation that may apply to many devices. */
export interface DeclaredRotation {
  /** Its phase may differ by device. */
  readonly forDevice: (deviceId: string) => Rotation;
  readonly securityTag?: number;
}

/** Reads a rotation. The schema has reported what has the wrong shape. */
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
      message: `the list of devices to activate has no effect, since "phase: ${phase}" applies to all devices`,
      fix: "write phase: issue, or remove the list",
    });
  }
  return {
    forDevice: (deviceId) => ({ generation, phase: activates?.(deviceId) === true ? "activate" : phase }),
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
  // An empty list: no device activates yet.
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
