import { configText, parseConfig, type DeviceConfig } from "../../fleet/config.js";
import type { Adoption, PendingClaim } from "../../fleet/fleet.js";
import { readDuration, type Duration } from "../../fleet/duration.js";
import { escaped } from "../../engine/escaped.js";
import { FIRST_GENERATION, isGeneration, isPhase, type Rotation } from "../../fleet/rotation.js";
import { isFirmwareType, type FirmwareType } from "../../fleet/rules.js";
import { isSecurityTag, NRF_CLOUD_SECURITY_TAG } from "../../fleet/securityTag.js";

/** One device of the table, as declared or as it was recorded. Its way into the account decides which fields it can have. */
export type Row = PreconnectRow | JitpRow | AttestationRow;

/** The three ways into an account. */
export type Way = Row["way"];

interface Common {
  /** Device groups; for a claimed device its provisioning tags. */
  readonly tags: readonly string[];
  readonly adopt: Adoption;
  /** Never to be deleted, replaced or released. */
  readonly protect: boolean;
  /** What is desired in the device's shadow; absent for nothing. */
  readonly config?: DeviceConfig | undefined;
  /** Retired: it keeps its place in the account for so long, and is then deleted or released. */
  readonly retired?: Duration | undefined;
}

/** A device that is onboarded before it connects (OnboardDevices). */
export interface PreconnectRow extends Common {
  readonly way: "preconnect";
  readonly subType: string | undefined;
  readonly firmwareTypes: readonly FirmwareType[];
  readonly name: string | undefined;
  readonly credential: RowCredential;
}

/** How a pre-connect device proves who it is. What it brings itself is named by a fingerprint of 32 hex digits. */
export type RowCredential =
  /** Key and certificate are made here, signed by the CA of the table. */
  | { readonly kind: "issue"; readonly rotation: Rotation }
  /** Of the public key and the common name: the same key signed again is no change. */
  | { readonly kind: "csr"; readonly fingerprint: string; readonly rotation: Rotation }
  /** Of the certificate. */
  | { readonly kind: "certificate"; readonly fingerprint: string }
  /** Of the SubjectPublicKeyInfo. Such a device has no MQTT. */
  | { readonly kind: "publicKey"; readonly fingerprint: string }
  /** An adopted device keeps what it has, and nothing is known of it. */
  | { readonly kind: "existing" };

/** A just-in-time device, claimed by its ownership code after its first connect (AssociateDevice). */
export interface JitpRow extends Common {
  readonly way: "jitp";
  readonly adopt: Exclude<Adoption, "recertify">;
  readonly subType: string | undefined;
  readonly name: string | undefined;
  /** nRF Cloud issues the certificate too (CreateDeviceCertificate). */
  readonly issued: boolean;
  /** How long to wait for the first connect: whole seconds, 0 to 3,600. */
  readonly waitSeconds: number;
  readonly pending: PendingClaim;
}

/** A device that is claimed by its attestation token (ClaimDeviceOwnership). Its id is its UUID. */
export interface AttestationRow extends Common {
  readonly way: "attestation";
  readonly adopt: Exclude<Adoption, "recertify">;
  /** Unclaim when the row leaves, which deletes the device that was onboarded under the UUID as well. */
  readonly unclaim: boolean;
  /** The device makes its key itself: it is ordered to by `activate` and `done`. */
  readonly rotation: Rotation;
  /** Where its modem keeps the key. */
  readonly securityTag: number;
}

/** Default seconds to wait for the first connect. A device needs about thirty once it is on. */
export const DEFAULT_WAIT_SECONDS = 120;

/** Digits of a fingerprint in a row: 128 bits of SHA-256. */
export const FINGERPRINT_DIGITS = 32;

/** The row as one line: what differs from the defaults, always in the same order. */
export function formatRow(row: Row): string {
  const words: string[] = [];
  const say = (key: string, value: string | undefined) => {
    if (value !== undefined && value !== "") words.push(`${key}=${quoted(value)}`);
  };
  if (row.way !== "preconnect") say("via", row.way);
  if (row.way !== "attestation") say("subType", row.subType);
  say("tags", row.tags.join(","));
  if (row.way === "preconnect") say("firmware", row.firmwareTypes.join(","));
  if (row.way !== "attestation") say("name", row.name);
  if (row.way === "preconnect") sayCredential(row.credential, say);
  if (row.way === "jitp") {
    if (row.issued) say("credential", "issued");
    if (row.waitSeconds !== DEFAULT_WAIT_SECONDS) say("wait", String(row.waitSeconds));
    if (row.pending === "allow") say("pending", row.pending);
  }
  if (row.way === "attestation") {
    sayRotation(row.rotation, say);
    if (row.securityTag !== NRF_CLOUD_SECURITY_TAG) say("secTag", String(row.securityTag));
    if (row.unclaim) words.push("unclaim");
  }
  if (row.config !== undefined) say("config", configText(row.config));
  if (row.adopt !== "no") say("adopt", row.adopt);
  if (row.protect) words.push("protect");
  say("retired", row.retired?.text);
  return words.join(" ");
}

function sayCredential(credential: RowCredential, say: (key: string, value: string | undefined) => void) {
  switch (credential.kind) {
    case "issue":
      sayRotation(credential.rotation, say);
      return;
    case "csr":
      say("csr", credential.fingerprint);
      sayRotation(credential.rotation, say);
      return;
    case "certificate":
    case "publicKey":
      say(credential.kind, credential.fingerprint);
      return;
    case "existing":
      say("credential", "existing");
  }
}

function sayRotation(
  { generation, phase }: Rotation,
  say: (key: string, value: string | undefined) => void,
): void {
  if (generation !== FIRST_GENERATION.generation) say("generation", String(generation));
  if (phase !== FIRST_GENERATION.phase) say("phase", phase);
}

/** The row of a line, or why it is not one. */
export type ParsedRow =
  { readonly ok: true; readonly row: Row } | { readonly ok: false; readonly problem: string };

/** Reads a line that `formatRow` wrote, or a person. Words may stand in any order. */
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

/** A key, and for most an equals sign with a value, bare or as a JSON text. */
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

/** A map of maps, which unlike an object knows no name that was not given. */
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

/** Bare where that is unambiguous. The account may have anything, and a line stands in previews. */
function quoted(value: string): string {
  return /^[^\s"\\]+$/.test(value) && escaped(value) === value ? value : escaped(JSON.stringify(value));
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
