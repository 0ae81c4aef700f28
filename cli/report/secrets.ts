import {
  asConfig,
  configText,
  effectiveConfig,
  type DeviceConfig,
  type Json,
} from "../../provider/fleet/config.js";
import { isRecord } from "../../provider/fleet/data.js";
import { holdsAttestationToken } from "../../provider/fleet/rules.js";

/** Replaces a secret, as in the output of Pulumi itself. */
export const SECRET = "[secret]";
/** A hidden secret that differs from the one before. */
export const OTHER_SECRET = `another ${SECRET}`;

/** Pulumi's own mark of an encrypted or secret value in a state. */
const ENVELOPE = "4dabf18193072939515e22adb298388d";

const secretNames =
  /private_?key|journal_?key|pass(word|phrase)|secret|token|api_?key|ownership_?code|^(take_?over|pkcs12|pin|materials)$/i;

const privateKeyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** A word that looks like a token. Without the lookbehind, the search would start again at each letter of a long word. */
const attestationToken = /(?<![\w-])[\w-]*(?:2dn3hQFQ|0oRDoQEm)[\w.-]*/g;

/** Shorter secrets are not removed from messages: they are found in unrelated text by chance. */
const SHORTEST_SCRUBBED = 6;

/**
 * Removes secrets from a preview, whether Pulumi masked them or not. It finds them by the names of properties, by the declarations of
 * resources, and by the form of private keys and tokens. It then also removes the secrets of properties from messages.
 */
export class Secrets {
  private readonly seen = new Set<string>();
  /** The lengths of the secrets with the same beginning. A fleet may have one for each device, and all begin alike. */
  private readonly lengths = new Map<string, Set<number>>();

  /**
   * The properties without secrets.
   * @param declared names of properties that are declared secret
   * @param byId names of properties whose keys are device ids, which may look like the name of a secret
   */
  hide(
    bag: Readonly<Record<string, unknown>>,
    declared: readonly string[],
    byId: readonly string[] = [],
  ): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(bag).map(([key, value]) => {
        if (secretNames.test(key) || declared.includes(key)) return [key, this.hidden(value)];
        return [key, byId.includes(key) && isRecord(value) ? this.hideById(value) : this.hideIn(value)];
      }),
    );
  }

  /** A message without secrets. Call it after `hide` has seen all properties. */
  scrub(text: string): string {
    const clean = this.withoutSeen(text.replace(privateKeyBlock, SECRET));
    return holdsAttestationToken(clean) ? clean.replace(attestationToken, SECRET) : clean;
  }

  private withoutSeen(text: string): string {
    let clean = "";
    let from = 0;
    for (let at = 0; at + SHORTEST_SCRUBBED <= text.length; at++) {
      const length = this.lengthOfSeen(text, at);
      if (length === 0) continue;
      clean += text.slice(from, at) + SECRET;
      from = at + length;
      at = from - 1;
    }
    return clean + text.slice(from);
  }

  /** The length of the longest secret at this place; 0 without one. */
  private lengthOfSeen(text: string, at: number): number {
    let longest = 0;
    for (const length of this.lengths.get(beginning(text, at)) ?? [])
      if (length > longest && this.seen.has(text.slice(at, at + length))) longest = length;
    return longest;
  }

  private hideById(values: Readonly<Record<string, unknown>>): unknown {
    if (Object.hasOwn(values, ENVELOPE)) return this.hidden(values);
    return Object.fromEntries(Object.entries(values).map(([id, value]) => [id, this.hideIn(value)]));
  }

  private hideIn(value: unknown): unknown {
    if (typeof value === "string") {
      return value.includes("PRIVATE KEY-----") || holdsAttestationToken(value) ? this.hidden(value) : value;
    }
    if (Array.isArray(value)) return value.map((entry) => this.hideIn(entry));
    if (!isRecord(value)) return value;
    return Object.hasOwn(value, ENVELOPE) ? this.hidden(value) : this.hide(value, []);
  }

  private hidden(value: unknown): unknown {
    if (value === undefined || value === null) return value;
    this.remember(value);
    return SECRET;
  }

  private meet(secret: string): void {
    this.seen.add(secret);
    const alike = this.lengths.get(beginning(secret));
    if (alike === undefined) this.lengths.set(beginning(secret), new Set([secret.length]));
    else alike.add(secret.length);
  }

  private remember(value: unknown): void {
    if (typeof value === "string") {
      if (value !== SECRET && value.length >= SHORTEST_SCRUBBED) this.meet(value);
      // What all devices of a set bring is one text.
      if (value.startsWith("{")) this.remember(fromJson(value));
    } else if (Array.isArray(value)) for (const entry of value) this.remember(entry);
    else if (isRecord(value)) {
      for (const [key, entry] of Object.entries(value)) {
        if (key === ENVELOPE) continue;
        this.remember(key === "plaintext" ? fromJson(entry) : entry);
      }
    }
  }
}

/**
 * A setting of a device as JSON, or `[secret]` where its key, a key above or below it, or the value itself looks like a secret.
 * @param key with those above it, such as `modem.password`
 */
export function hiddenSetting(key: string, value: unknown): string {
  const isSecret = key.split(".").some((name) => secretNames.test(name));
  const [shown] = Object.values(new Secrets().hide({ value }, isSecret ? ["value"] : []));
  return shown === SECRET ? SECRET : JSON.stringify(shown);
}

/** The configuration of a device as one text, without settings that look like secrets. */
export function hiddenConfig(config: DeviceConfig): string {
  const hidden = asConfig(new Secrets().hide(config, []));
  return hidden === undefined ? SECRET : configText(hidden);
}

/** A configuration without settings that look like secrets, and the keys that are left out, such as `modem.password`. */
export function openSettings(
  config: DeviceConfig,
  above = "",
): { readonly open: DeviceConfig; readonly hidden: readonly string[] } {
  const hidden: string[] = [];
  const open = Object.entries(config).flatMap(([name, value]): [string, Json][] => {
    const key = `${above}${name}`;
    const inner = asConfig(value);
    if (inner !== undefined && !secretNames.test(name)) {
      const below = openSettings(inner, `${key}.`);
      hidden.push(...below.hidden);
      return [[name, below.open]];
    }
    if (hiddenSetting(name, value) === JSON.stringify(value)) return [[name, value]];
    hidden.push(key);
    return [];
  });
  return { open: Object.fromEntries(open), hidden };
}

/** A configuration without the settings that a preview hides: the report can't know whether a device has them. */
export function withoutHidden(config: DeviceConfig): DeviceConfig | undefined {
  const known = asConfig(
    JSON.parse(JSON.stringify(config, (_, value: unknown) => (value === SECRET ? null : value))),
  );
  return known && effectiveConfig(known);
}

function beginning(text: string, at = 0): string {
  return text.slice(at, at + SHORTEST_SCRUBBED);
}

/** The envelope of a secret in clear text holds it as JSON. */
function fromJson(value: unknown): unknown {
  try {
    const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return parsed;
  } catch {
    return typeof value === "string" && value.startsWith("{") ? undefined : value;
  }
}
