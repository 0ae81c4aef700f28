/** What a fleet demands of the certificates of its devices. */
import { isRecord } from "./data.js";
import { readDuration, type Duration } from "./duration.js";

/** Rules for certificates, as a program or fleet file writes them. */
export interface CertificatePolicy {
  /**
   * For how long a device certificate may be valid at most, such as `"2y"`: a number with `h`, `d`, `w` or `y` behind it.
   * @defaultValue no limit
   */
  readonly maxValidity?: string;
  /**
   * How much of its validity each certificate in use must have left, that of the CA included, such as `"90d"`.
   * @defaultValue no limit
   */
  readonly minRemaining?: string;
  /**
   * Whether two devices may have one public key, and whether a new certificate may be for the key of the former one.
   * @defaultValue `true`
   */
  readonly keyReuse?: boolean;
}

/** The same rules, read. */
export interface Policy {
  readonly maxValidity: Duration | undefined;
  readonly minRemaining: Duration | undefined;
  readonly keyReuse: boolean;
}

/** A policy, or what is wrong with one and with which key. */
export type ReadPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | {
      readonly ok: false;
      /** Empty where the whole is no policy. */
      readonly key: string;
      /** Whether the schema of the fleet file refuses it too. */
      readonly isShape: boolean;
      readonly message: string;
      readonly fix: string;
    };

const KEYS = ["maxValidity", "minRemaining", "keyReuse"] as const;

/** Reads the rules of a program or fleet file. */
export function readPolicy(value: unknown): ReadPolicy {
  if (!isRecord(value)) return wrong("", "it is not a map", `write { maxValidity: "2y" }`);
  const unknown = Object.keys(value).find((key) => !KEYS.some((known) => known === key));
  if (unknown !== undefined)
    return wrong(unknown, `${unknown} is not a rule for certificates`, `use ${KEYS.join(", ")}`);
  const { keyReuse = true } = value;
  if (typeof keyReuse !== "boolean")
    return wrong("keyReuse", "it must be true or false", "write true or false");
  const times: Partial<Record<"maxValidity" | "minRemaining", Duration>> = {};
  for (const key of ["maxValidity", "minRemaining"] as const) {
    const written = value[key];
    if (written === undefined) continue;
    const time = typeof written === "string" ? readDuration(written) : undefined;
    if (time === undefined || time.hours === 0) return wrong(key, NOT_A_TIME.message, NOT_A_TIME.fix);
    times[key] = time;
  }
  const { maxValidity, minRemaining } = times;
  if (maxValidity !== undefined && minRemaining !== undefined && minRemaining.hours >= maxValidity.hours) {
    return {
      ok: false,
      key: "minRemaining",
      isShape: false,
      message: `${minRemaining.text} is no less than maxValidity (${maxValidity.text}), so no certificate can satisfy both`,
      fix: "write a shorter time",
    };
  }
  return { ok: true, policy: { maxValidity, minRemaining, keyReuse } };
}

/** What is wrong with a text that is not a time. */
export const NOT_A_TIME = {
  message: "it is not a time",
  fix: "write a number with h, d, w or y behind it, such as 90d or 2y",
};

/** The rules as they are written. */
export function policyDefinition({ maxValidity, minRemaining, keyReuse }: Policy): CertificatePolicy {
  return {
    ...(maxValidity === undefined ? {} : { maxValidity: maxValidity.text }),
    ...(minRemaining === undefined ? {} : { minRemaining: minRemaining.text }),
    keyReuse,
  };
}

/** The rules as one line, which `parsePolicy` reads. */
export function policyLine({ maxValidity, minRemaining, keyReuse }: Policy): string {
  return [
    ...(maxValidity === undefined ? [] : [`maxValidity=${maxValidity.text}`]),
    ...(minRemaining === undefined ? [] : [`minRemaining=${minRemaining.text}`]),
    ...(keyReuse ? [] : ["keyReuse=false"]),
  ].join(" ");
}

/** Reads a line that `policyLine` wrote. */
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

function wrong(key: string, message: string, fix: string): ReadPolicy {
  return { ok: false, key, isShape: true, message, fix };
}
