import { parseConfig } from "../../fleet/config.js";
import { readDuration } from "../../fleet/duration.js";
import { FIRST_GENERATION, isGeneration, isPhase, type Rotation } from "../../fleet/rotation.js";
import { isFirmwareType } from "../../fleet/rules.js";
import { isSecurityTag, NRF_CLOUD_SECURITY_TAG } from "../../fleet/securityTag.js";
import { DEFAULT_WAIT_SECONDS, FINGERPRINT_DIGITS, type Row, type RowCredential } from "./row.js";

/** The row of a line, or why it is not one. */
export type ParsedRow =
  { readonly ok: true; readonly row: Row } | { readonly ok: false; readonly problem: string };

/** Reads a line of `formatRow` or of a user. Words can have any order. */
export function parseRow(line: string): ParsedRow {
  const words = new Map<string, string>();
  for (const match of line.matchAll(WORD)) {
    const [word, key = "", text] = match;
    const value = text === undefined ? "" : unquoted(text);
    if (key === "" || value === undefined)
      return { ok: false, problem: `has ${word}, which is neither a word nor word=value` };
    if (words.has(key)) return { ok: false, problem: `has ${key} twice` };
    words.set(key, value);
  }
  const way = words.get("via") ?? "preconnect";
  const keys = KEYS.get(way);
  if (keys === undefined)
    return { ok: false, problem: `has via=${way}, which is none of ${[...KEYS.keys()].join(", ")}` };
  for (const [key, value] of words) {
    const known = keys.get(key);
    if (known === undefined)
      return { ok: false, problem: `has ${key}, which a row with via=${way} can't have` };
    if (!known.test(value))
      return { ok: false, problem: `has ${key}=${value}, which is not a value of ${key}` };
  }
  const row = rowOf(way, words);
  return typeof row === "string" ? { ok: false, problem: row } : { ok: true, row };
}

/** A key, with a value after an equals sign unless it is a flag. A value can be a JSON string. */
const WORD = /(?:([A-Za-z]+)(?:=("(?:[^"\\]|\\.)*"|[^\s"]*))?(?=\s|$))|\S+/g;

const ANY = /^[^]+$/;

const FLAG = /^$/;

const TERM = /^\d{1,5}[hdwy]$/;

const FINGERPRINT = new RegExp(`^[0-9a-f]{${FINGERPRINT_DIGITS}}$`);

const GENERATION = /^[1-9]\d{0,8}$/;

const PHASE = /^(issue|activate|done)$/;

const KEYS: ReadonlyMap<string, ReadonlyMap<string, RegExp>> = byName({
  preconnect: {
    via: /^preconnect$/,
    subType: ANY,
    tags: ANY,
    firmware: ANY,
    name: ANY,
    csr: FINGERPRINT,
    certificate: FINGERPRINT,
    publicKey: FINGERPRINT,
    credential: /^existing$/,
    generation: GENERATION,
    phase: PHASE,
    config: ANY,
    adopt: /^(keep|recertify)$/,
    protect: FLAG,
    retired: TERM,
  },
  jitp: {
    via: ANY,
    subType: ANY,
    tags: ANY,
    name: ANY,
    credential: /^issued$/,
    wait: /^\d{1,4}$/,
    pending: /^allow$/,
    config: ANY,
    adopt: /^keep$/,
    protect: FLAG,
    retired: TERM,
  },
  attestation: {
    via: ANY,
    tags: ANY,
    unclaim: FLAG,
    config: ANY,
    generation: GENERATION,
    phase: PHASE,
    secTag: /^\d{1,10}$/,
    adopt: /^keep$/,
    protect: FLAG,
    retired: TERM,
  },
});

/** Maps, because an object also has the names of its prototype. */
function byName(all: Readonly<Record<string, Readonly<Record<string, RegExp>>>>) {
  return new Map(Object.entries(all).map(([name, each]) => [name, new Map(Object.entries(each))]));
}

function rowOf(way: string, words: ReadonlyMap<string, string>): Row | string {
  const adopt = words.get("adopt");
  const text = words.get("config");
  const config = text === undefined ? undefined : parseConfig(text);
  if (text !== undefined && config === undefined) return "has a config that is not a JSON object";
  const common = {
    tags: listOf(words.get("tags")),
    protect: words.has("protect"),
    ...(config === undefined ? {} : { config }),
    ...retiredOf(words.get("retired")),
  };
  const keep = adopt === undefined ? "no" : "keep";
  const named = { subType: words.get("subType"), name: words.get("name") };
  if (way === "attestation") {
    const securityTag = Number(words.get("secTag") ?? NRF_CLOUD_SECURITY_TAG);
    if (!isSecurityTag(securityTag))
      return `has secTag=${words.get("secTag") ?? ""}, which is not a value of secTag`;
    const unclaim = words.has("unclaim");
    return { way, ...common, adopt: keep, unclaim, rotation: rotationOf(words), securityTag };
  }
  if (way === "jitp") {
    return {
      way,
      ...common,
      ...named,
      adopt: keep,
      issued: words.has("credential"),
      waitSeconds: Number(words.get("wait") ?? DEFAULT_WAIT_SECONDS),
      pending: words.has("pending") ? "allow" : "fail",
    };
  }
  const firmware = listOf(words.get("firmware"));
  const firmwareTypes = firmware.filter(isFirmwareType);
  if (firmwareTypes.length < firmware.length)
    return `has firmware=${firmware.join(",")}, which is not a value of firmware`;
  const credential = credentialOf(words);
  if (typeof credential === "string") return credential;
  return {
    way: "preconnect",
    ...common,
    ...named,
    adopt: adopt === "recertify" ? adopt : keep,
    firmwareTypes,
    credential,
  };
}

function retiredOf(term: string | undefined): Pick<Row, "retired"> {
  const retired = term === undefined ? undefined : readDuration(term);
  return retired === undefined ? {} : { retired };
}

function credentialOf(words: ReadonlyMap<string, string>): RowCredential | string {
  const given = ["csr", "certificate", "publicKey", "credential"].filter((key) => words.has(key));
  if (given.length > 1) return `has both ${given.join(" and ")}`;
  const rotation = rotationOf(words);
  const [kind] = given;
  const fingerprint = words.get(kind ?? "") ?? "";
  const turning = ["generation", "phase"].find((key) => words.has(key));
  switch (kind) {
    case "csr":
      return { kind, fingerprint, rotation };
    case "certificate":
    case "publicKey":
      return turning === undefined ? { kind, fingerprint } : `has both ${kind} and ${turning}`;
    case "credential":
      return turning === undefined ? { kind: "existing" } : `has both credential and ${turning}`;
    case undefined:
    default:
      return { kind: "issue", rotation };
  }
}

function rotationOf(words: ReadonlyMap<string, string>): Rotation {
  const generation = Number(words.get("generation"));
  const phase = words.get("phase");
  return {
    generation: isGeneration(generation) ? generation : FIRST_GENERATION.generation,
    phase: isPhase(phase) ? phase : FIRST_GENERATION.phase,
  };
}

function listOf(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(",");
}

function unquoted(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
