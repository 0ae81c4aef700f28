/** A fleet's rules for the certificates of its devices. */
import { isRecord } from "./data.js";
import { readDuration, type Duration } from "./duration.js";

/** Rules for certificates, as a program or fleet file writes them. */
export interface CertificatePolicy {
  /**
   * The longest validity of a device certificate, such as `"2y"`: a number followed by `h`, `d`, `w` or `y`.
   * @defaultValue no limit
   */
  readonly maxValidity?: string;
  /**
   * The remaining validity that each certificate in use must have, the CA's included, such as `"90d"`.
   * @defaultValue no limit
   */
  readonly minRemaining?: string;
  /**
   * Whether two devices may share a public key, and whether a new certificate may keep the key of the former one.
   * @defaultValue `true`
   */
  readonly keyReuse?: boolean;
}

/** A parsed `CertificatePolicy`. */
export interface Policy {
  readonly maxValidity: Duration | undefined;
  readonly minRemaining: Duration | undefined;
  readonly keyReuse: boolean;
}

/** A parsed policy, or its problem. */
export type ReadPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | {
      readonly ok: false;
      /** The key with the problem; empty if the policy is not a map. */
      readonly key: string;
      /** Whether the schema of the fleet file reports the problem too. */
      readonly isShape: boolean;
      readonly message: string;
      readonly fix: string;
    };

const KEYS = ["maxValidity", "minRemaining", "keyReuse"] as const;

/** Parses the policy of a program or fleet file. */
export function readPolicy(value: unknown): ReadPolicy {
  if (!isRecord(value)) return shapeProblem("", "it is not a map", `write { maxValidity: "2y" }`);
  const unknown = Object.keys(value).find((key) => !KEYS.some((known) => known === key));
  if (unknown !== undefined)
    return shapeProblem(unknown, `${unknown} is not a rule for certificates`, `use ${KEYS.join(", ")}`);
  const { keyReuse = true } = value;
  if (typeof keyReuse !== "boolean")
    return shapeProblem("keyReuse", "it must be true or false", "write true or false");
  const times: Partial<Record<"maxValidity" | "minRemaining", Duration>> = {};
  for (const key of ["maxValidity", "minRemaining"] as const) {
    const written = value[key];
    if (written === undefined) continue;
    const time = typeof written === "string" ? readDuration(written) : undefined;
    if (time === undefined || time.hours === 0)
      return shapeProblem(key, notADuration.message, notADuration.fix);
    times[key] = time;
  }
  const { maxValidity, minRemaining } = times;
  if (maxValidity !== undefined && minRemaining !== undefined && minRemaining.hours >= maxValidity.hours) {
    return {
      ok: false,
      key: "minRemaining",
      isShape: false,
      message: `${minRemaining.text} is not less than maxValidity (${maxValidity.text}), so no certificate can satisfy both`,
      fix: "write a shorter time",
    };
  }
  return { ok: true, policy: { maxValidity, minRemaining, keyReuse } };
}

export const notADuration = {
  message: "it is not a duration",
  fix: "write a number followed by h, d, w or y, such as 90d or 2y",
};

/** The inverse of `readPolicy`. */
export function policyDefinition({ maxValidity, minRemaining, keyReuse }: Policy): CertificatePolicy {
  return {
    ...(maxValidity === undefined ? {} : { maxValidity: maxValidity.text }),
    ...(minRemaining === undefined ? {} : { minRemaining: minRemaining.text }),
    keyReuse,
  };
}

/** A policy as one line for the state. */
export function policyLine({ maxValidity, minRemaining, keyReuse }: Policy): string {
  return [
    ...(maxValidity === undefined ? [] : [`maxValidity=${maxValidity.text}`]),
    ...(minRemaining === undefined ? [] : [`minRemaining=${minRemaining.text}`]),
    ...(keyReuse ? [] : ["keyReuse=false"]),
  ].join(" ");
}

/** The inverse of `policyLine`. */
export function parsePolicy(line: string): ReadPolicy {
  const words = line.split(" ").filter((word) => word !== "");
  return readPolicy(
    Object.fromEntries(
      words.map((word) => {
        const [key = "", value = ""] = word.split("=");
        return [key, value === "true" || value === "false" ? value === "true" : value] as const;
      }),
    ),
  );
}

function shapeProblem(key: string, message: string, fix: string): ReadPolicy {
  return { ok: false, key, isShape: true, message, fix };
}
