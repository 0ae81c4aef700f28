import { asError } from "../../engine/errors.js";
import type { Fields } from "../../engine/fields.js";
import type { LooseObject } from "../../engine/outputs.js";
import type { Codec } from "../../engine/resource.js";
import { isUnknown, type Unknowable } from "../../engine/unknown.js";
import { parseIdPatterns } from "../../fleet/idPatterns.js";
import { parsePolicy, policyLine, type Policy } from "../../fleet/policy.js";
import { amountText, readAmount, type Amount } from "../../fleet/amount.js";
import { targetedRolloutText, parseTargetedRollout, type TargetedRollout } from "../../fleet/rollout.js";
import { DEFAULT_PROFILE, type CertificateProfile } from "../../pki/profile.js";
import { encodeSigningCa, readSigningCa, type SigningCa } from "../../signers/description.js";
import { formatRow } from "./formatRow.js";
import { parseRow } from "./parseRow.js";
import type { Row } from "./row.js";
import { rowProblems } from "./rowProblems.js";
import { DEFAULT_VALIDITY_DAYS, hoursRule, readProfile, validityDaysRule } from "./terms.js";

/** The inputs of a table, of many rows or of one. */
export interface TableInputs {
  /** The name under which its journal is found again. */
  readonly name: string;
  readonly stack: string;
  /** Rows that are not known in a preview. */
  readonly unknown: ReadonlySet<string>;
  /** What devices bring: PEM texts, ownership codes, tokens. Secret. */
  readonly materials: Unknowable<ReadonlyMap<string, string>>;
  readonly ca: Unknowable<SigningCa | undefined>;
  /** The CA that is to replace it, and that signs for all new keys. */
  readonly nextCa: Unknowable<SigningCa | undefined>;
  /** Seals the journal. `undefined`: the table has no journal. */
  readonly journalKey: Unknowable<string | undefined>;
  /** Whole days. Default 3,650. */
  readonly validityDays: number;
  /** Hours before the end of a certificate at which it is renewed. Default 0: never. */
  readonly earlyRenewalHours: number;
  /** Of new certificates only. */
  readonly profile: CertificateProfile;
  readonly policy: Policy | undefined;
  readonly maxDeletes: Amount | undefined;
}

/** The inputs of a set of devices. Its `name` is the logical name of the resource. */
export interface SetInputs extends TableInputs {
  readonly devices: ReadonlyMap<string, Row>;
  /** Whether a destroy keeps the devices in the account. */
  readonly keepOnDestroy: boolean;
  /** Patterns of the ids that may be changed. Default: all. */
  readonly only: string | undefined;
  /** The order of change. Default: all rows together. */
  readonly rollout: readonly TargetedRollout[];
}

export const setInputsCodec: Codec<SetInputs> = { decode, encode };

function decode(fields: Fields): SetInputs {
  const inputs = readSetInputs(fields);
  const rows = fields.nested("devices");
  for (const [id, row] of inputs.devices) for (const problem of rowProblems(id, row)) rows?.fail(id, problem);
  return inputs;
}

/**
 * Reads a table without the rules of nRF Cloud for its rows. After a refresh the state has what others changed, and must be readable all the
 * same.
 */
export function readSetInputs(fields: Fields): SetInputs {
  const devices = new Map<string, Row>();
  const unknown = new Set<string>();
  const rows = fields.nested("devices");
  for (const [id, line] of fields.textMap("devices") ?? []) {
    if (isUnknown(line)) {
      unknown.add(id);
      continue;
    }
    const parsed = parseRow(line);
    if (!parsed.ok) {
      rows?.fail(id, parsed.problem);
      continue;
    }
    devices.set(id, parsed.row);
  }
  return {
    name: fields.text("name") ?? "",
    stack: fields.text("stack") ?? "",
    devices,
    unknown,
    materials: fields.unknowable("materials", () => readMaterials(fields)),
    ca: readSigningCa(fields),
    nextCa: readSigningCa(fields, "nextCa"),
    journalKey: fields.unknowable("journalKey", () => fields.text("journalKey")),
    validityDays: fields.number("validityDays", validityDaysRule) ?? DEFAULT_VALIDITY_DAYS,
    earlyRenewalHours: readEarlyRenewal(fields),
    profile: readProfile(fields),
    policy: readPolicyLine(fields),
    maxDeletes: readAmount(fields.text("maxDeletes", limitRule)),
    keepOnDestroy: fields.flag("keepOnDestroy") ?? false,
    only: fields.text("only", patternsRule),
    rollout: readLanes(fields),
  };
}

function readMaterials(fields: Fields): ReadonlyMap<string, string> {
  const text = fields.text("materials");
  if (text === undefined) return new Map();
  const parsed = parsedJson(text);
  if (typeof parsed !== "object" || parsed === null) {
    // The parser's message may quote the text, which is secret.
    fields.fail("materials", "must be a JSON object");
    return new Map();
  }
  return new Map(
    Object.entries(parsed).flatMap(([id, material]) =>
      typeof material === "string" ? [[id, material] as const] : [],
    ),
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readEarlyRenewal(fields: Fields): number {
  const hours = fields.number("earlyRenewalHours", hoursRule) ?? 0;
  const validity = (fields.number("validityDays") ?? DEFAULT_VALIDITY_DAYS) * 24;
  if (hours >= validity) {
    fields.fail(
      "earlyRenewalHours",
      `must be less than the whole validity (${validity} hours), not ${hours} hours: every run would issue new certificates`,
    );
  }
  return hours;
}

function readPolicyLine(fields: Fields): Policy | undefined {
  const line = fields.text("policy");
  if (line === undefined) return undefined;
  const read = parsePolicy(line);
  if (read.ok) return read.policy;
  fields.fail(read.key === "" ? "policy" : `policy.${read.key}`, `${read.message}; ${read.fix}`);
  return undefined;
}

function patternsRule(text: string): string | undefined {
  try {
    parseIdPatterns(text);
    return undefined;
  } catch (thrown) {
    return asError(thrown).message;
  }
}

function readLanes(fields: Fields): readonly TargetedRollout[] {
  return (fields.texts("rollout") ?? []).flatMap((text, i) => {
    return fields.attempt(`rollout[${i}]`, () => parseTargetedRollout(text)) ?? [];
  });
}

/** A limit that can't be read would not limit anything. */
function limitRule(text: string): string | undefined {
  return readAmount(text) === undefined ? 'must be a count such as 10, or a share such as "5%"' : undefined;
}

/** Encodes inputs. Defaults are left out. */
function encode(inputs: SetInputs): LooseObject {
  const {
    name,
    stack,
    devices,
    materials,
    ca,
    nextCa,
    journalKey,
    validityDays,
    earlyRenewalHours,
    maxDeletes,
  } = inputs;
  const { profile, policy } = inputs;
  return {
    name,
    stack,
    devices: Object.fromEntries([...devices].map(([id, row]) => [id, formatRow(row)])),
    materials: materialsText(materials),
    ...encodeSigningCa(ca),
    ...encodeSigningCa(nextCa, "nextCa"),
    journalKey: isUnknown(journalKey) ? undefined : journalKey,
    validityDays: validityDays === DEFAULT_VALIDITY_DAYS ? undefined : validityDays,
    earlyRenewalHours: earlyRenewalHours === 0 ? undefined : earlyRenewalHours,
    profile: profile === DEFAULT_PROFILE ? undefined : profile,
    policy: policy === undefined ? undefined : policyLine(policy),
    maxDeletes: maxDeletes === undefined ? undefined : amountText(maxDeletes),
    keepOnDestroy: inputs.keepOnDestroy ? true : undefined,
    only: inputs.only,
    rollout: inputs.rollout.length === 0 ? undefined : inputs.rollout.map(targetedRolloutText),
  };
}

function materialsText(materials: SetInputs["materials"]): string | undefined {
  if (isUnknown(materials) || materials.size === 0) return undefined;
  return JSON.stringify(Object.fromEntries([...materials].sort(([one], [other]) => (one < other ? -1 : 1))));
}
