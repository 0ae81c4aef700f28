/** Inputs that all resources of one row have: tags, a configuration and the retirement. */
import type { Fields } from "../../../engine/fields.js";
import type { LooseObject } from "../../../engine/outputs.js";
import { asConfig, effectiveConfig, sameConfig, type DeviceConfig } from "../../../fleet/config.js";
import { readDuration, type Duration } from "../../../fleet/duration.js";
import { DEFAULT_KEEP_FOR, RETIRED_TAG } from "../../../fleet/retirement.js";
import type { Row } from "../../../reconcile/table/row.js";

/** While one of these inputs is unknown, the row is unknown. */
export const COMMON_INPUTS: readonly string[] = ["tags", "config", "state", "keepFor"];

/** Reads the common inputs. Problems are in `fields.failures`. */
export function readCommon(fields: Fields): Pick<Row, "tags" | "protect" | "config" | "retired"> {
  const retired = readRetired(fields);
  const config = readConfig(fields);
  return {
    tags: [...new Set([...(fields.texts("tags") ?? []), ...(retired === undefined ? [] : [RETIRED_TAG])])],
    protect: false,
    ...(config === undefined ? {} : { config }),
    ...(retired === undefined ? {} : { retired }),
  };
}

/** The inputs that would declare a row as the account has it. Inputs that match are not changed. */
export function commonInAccount(inputs: LooseObject, found: Row): LooseObject {
  const { tags, config, state } = inputs;
  const named: readonly unknown[] = Array.isArray(tags) ? tags : [];
  const declared = new Set(state === "retired" ? [...named, RETIRED_TAG] : named);
  const isSame = sameMembers(declared, new Set(found.tags));
  return {
    ...inputs,
    tags: isSame ? tags : found.tags,
    ...(config === undefined ? {} : { config: configInAccount(config, found.config) }),
  };
}

function readConfig(fields: Fields): DeviceConfig | undefined {
  if (!fields.has("config") || fields.isUnknown("config")) return undefined;
  const config = asConfig(fields.raw("config"));
  if (config === undefined) fields.fail("config", "must be a JSON object");
  return config && effectiveConfig(config);
}

function readRetired(fields: Fields): Duration | undefined {
  const state = fields.text("state", (value) =>
    value === "active" || value === "retired" ? undefined : 'must be "active" or "retired"',
  );
  const text = fields.text("keepFor", (value) =>
    readDuration(value) === undefined ? 'must be a time such as "30d"' : undefined,
  );
  return state === "retired" ? readDuration(text ?? DEFAULT_KEEP_FOR) : undefined;
}

function configInAccount(declared: unknown, found: DeviceConfig | undefined): unknown {
  const config = asConfig(declared);
  return config !== undefined && sameConfig(effectiveConfig(config), found) ? declared : (found ?? {});
}

function sameMembers(one: ReadonlySet<unknown>, other: ReadonlySet<unknown>): boolean {
  return one.size === other.size && [...one].every((member) => other.has(member));
}
