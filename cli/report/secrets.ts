import {
  asConfig,
  configText,
  effectiveConfig,
  type DeviceConfig,
  type Json,
} from "../../provider/fleet/config.js";
import { isRecord } from "../../provider/fleet/data.js";
import { holdsAttestationToken } from "../../provider/fleet/rules.js";

/** What stands in the place of a secret, as in the output of Pulumi itself. */
export const SECRET = "[secret]";
/** Two secrets are hidden alike, but differ. */
export const OTHER_SECRET = `another ${SECRET}`;

/** Pulumi's own mark of an encrypted or secret value in a state. */
const ENVELOPE = "4dabf18193072939515e22adb298388d";

const secretNames =
  /private_?key|journal_?key|pass(word|phrase)|secret|token|api_?key|ownership_?code|^(take_?over|pkcs12|pin|materials)$/i;

const privateKeyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** What looks like a token, from its first letter on: without the look behind, each letter of a long word would begin a search. */
const attestationToken = /(?<![\w-])[\w-]*(?:2dn3hQFQ|0oRDoQEm)[\w.-]*/g;

/** Shorter ones would tear holes into texts that have nothing to do with them. */
const SHORTEST_SCRUBBED = 6;

/**
 * Takes secrets out of what a preview shows, whether Pulumi masked them or not: by the names of properties, by what a
 * resource declares to be secret, and by what private keys and tokens look like. What was taken out of a property is
 * then found in messages too.
 */
export class Secrets {
  private readonly met = new Set<string>();
  /** How long those are that begin so. There may be a secret for each device, and all begin alike. */
  private readonly lengths = new Map<string, Set<number>>();

  /**
   * A bag of properties without its secrets.
   * @param declared names of properties that are secret whatever they are called
   * @param byId names of properties that hold something by device id, which may read like the name of a secret
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

  /** A message without secrets. Call it after all properties were seen. */
  scrub(text: string): string {
    const clean = this.withoutMet(text.replace(privateKeyBlock, SECRET));
    return holdsAttestationToken(clean) ? clean.replace(attestationToken, SECRET) : clean;
  }

  private withoutMet(text: string): string {
    let clean = "";
    let from = 0;
    for (let at = 0; at + SHORTEST_SCRUBBED <= text.length; at++) {
      const length = this.lengthOfMet(text, at);
      if (length === 0) continue;
      clean += text.slice(from, at) + SECRET;
      from = at + length;
      at = from - 1;
    }
    return clean + text.slice(from);
  }

  /** Of the longest secret that stands there; 0 if none does. */
  private lengthOfMet(text: string, at: number): number {
    let longest = 0;
    for (const length of this.lengths.get(beginning(text, at)) ?? [])
      if (length > longest && this.met.has(text.slice(at, at + length))) longest = length;
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
    this.met.add(secret);
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

/** The configuration of a device as one text, without what looks like a secret. */
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

/** A configuration without the settings that a preview hides, of which nobody can tell whether a device has them. */
export function withoutHidden(config: DeviceConfig): DeviceConfig | undefined {
  const known = asConfig(
    JSON.parse(JSON.stringify(config, (_, value: unknown) => (value === SECRET ? null : value))),
  );
  return known && effectiveConfig(known);
}

function beginning(text: string, at = 0): string {
  return text.slice(at, at + SHORTEST_SCRUBBED);
}

/** The envelope of a secret in clear holds it as JSON. */
function fromJson(value: unknown): unknown {
  try {
    const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return parsed;
  } catch {
    return typeof value === "string" && value.startsWith("{") ? undefined : value;
  }
}
