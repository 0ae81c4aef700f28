/** The differences between two rows of a table, as text for people. */
import { configLeaves, type DeviceConfig } from "../../provider/fleet/config.js";
import type { Field, RowChange } from "../../provider/reconcile/plan/change.js";
import { DEFAULT_WAIT_SECONDS, type Row, type Way } from "../../provider/reconcile/table/row.js";
import { FIRST_GENERATION } from "../../provider/fleet/rotation.js";
import { NRF_CLOUD_SECURITY_TAG } from "../../provider/fleet/securityTag.js";
import { orderedBy } from "../../provider/reconcile/plan/credentials/generations.js";
import { hiddenConfig, hiddenSetting, OTHER_SECRET, SECRET } from "./secrets.js";
import type { FieldChange } from "./values.js";

/** The settings of all rows of a table, on one side of a change. */
export interface TableTerms {
  readonly ca: string | undefined;
  readonly validityDays: string;
  /** When the certificate of the row ends. */
  readonly validUntil?: string | undefined;
}

/** The fields of a change. A created row has all declared fields, a deleted row all recorded fields. */
export function rowFields(
  change: RowChange,
  terms: { readonly before: TableTerms; readonly after: TableTerms },
): FieldChange[] {
  switch (change.kind) {
    case "same":
      return [];
    case "add":
      return settingsOf(change.after).map(([field, after]) => ({ field, after }));
    case "remove":
      return settingsOf(change.before).map(([field, before]) => ({ field, before }));
    case "update":
    case "replace":
      return change.fields.flatMap((field) => fieldChanges(field, change.before, change.after, terms));
  }
}

/** All settings of a row, in the order of its line. */
function settingsOf(row: Row): (readonly [field: string, value: string])[] {
  const settings: (readonly [string, string | undefined])[] = [
    ["way in", row.way === "preconnect" ? undefined : WAYS[row.way]],
    ["sub-type", subTypeOf(row)],
    ["tags", row.tags.length === 0 ? undefined : row.tags.join(", ")],
    ["firmware types", firmwareOf(row)],
    ["name", nameOf(row)],
    ["configuration", configOf(row)],
    ["credential", credentialOf(row)],
    ["generation", generationOf(row)],
    ["security tag", securityTagOf(row)],
    ["wait for the first connect", isUsualWait(row) ? undefined : waitOf(row)],
    ["unclaim", row.way === "attestation" && row.unclaim ? "when it leaves" : undefined],
    ["adopt", row.adopt === "no" ? undefined : row.adopt],
    ["protected", row.protect ? "yes" : undefined],
    ["retired, kept for", row.retired?.text],
  ];
  return settings.flatMap(([field, value]) => (value === undefined ? [] : [[field, value] as const]));
}

function fieldChanges(
  field: Field,
  before: Row,
  after: Row,
  terms: { readonly before: TableTerms; readonly after: TableTerms },
): FieldChange[] {
  const one = (name: string, of: (row: Row) => string | undefined): FieldChange[] => [
    changed(name, of(before), of(after)),
  ];
  switch (field) {
    case "via":
      return one("way in", ({ way }) => WAYS[way]);
    case "subType":
      return one("sub-type", subTypeOf);
    case "firmwareTypes":
      return one("firmware types", firmwareOf);
    case "credential":
      return [changed("credential", credentialOf(before) ?? ISSUED, credentialOf(after) ?? ISSUED)];
    case "rotation":
    case "activation":
    case "return":
      return [
        changed("generation", generationOf(before) ?? FIRST, generationOf(after) ?? FIRST),
        ...otherCa("CA", terms),
      ];
    case "phase":
      return [changed("generation", generationOf(before) ?? FIRST, generationOf(after) ?? FIRST)];
    case "next":
      return [
        { field: "next generation", after: generationOf(after) ?? FIRST, alone: true },
        ...otherCa("CA of the next generation", terms),
      ];
    case "drop":
      return [{ field: "other generations", before: "kept", alone: true }];
    case "securityTag":
      return one("security tag", securityTagOf);
    case "ca":
      return [changed("CA", terms.before.ca, terms.after.ca)];
    case "validity":
      return [changed("validity (days)", terms.before.validityDays, terms.after.validityDays)];
    case "renewal":
      return [
        { field: "certificate ends", before: (terms.before.validUntil ?? "soon").slice(0, 10), alone: true },
      ];
    case "name":
      return one("name", nameOf);
    case "tags":
      return tagChanges(before.tags, after.tags);
    case "config":
      return configChanges(before.config ?? {}, after.config ?? {});
    case "unclaim":
      return one("unclaim", (row) =>
        row.way === "attestation" && row.unclaim ? "when it leaves" : undefined,
      );
    case "adopt":
      return one("adopt", ({ adopt }) => (adopt === "no" ? undefined : adopt));
    case "protect":
      return one("protected", ({ protect }) => (protect ? "yes" : "no"));
    case "retired":
      return one("retired, kept for", ({ retired }) => retired?.text ?? "not retired");
    case "wait":
      return one("wait for the first connect", waitOf);
  }
}

/** The CA of a credential, if it differs from the CA of the present one. */
function otherCa(
  field: string,
  { before, after }: { readonly before: TableTerms; readonly after: TableTerms },
): FieldChange[] {
  if (before.ca === undefined || after.ca === undefined || before.ca === after.ca) return [];
  return [changed(field, before.ca, after.ca)];
}

function changed(field: string, before: string | undefined, after: string | undefined): FieldChange {
  return { field, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** Added and removed tags: devices with different tags that get the same one form one group. */
function tagChanges(before: readonly string[], after: readonly string[]): FieldChange[] {
  const added = after.filter((tag) => !before.includes(tag));
  const removed = before.filter((tag) => !after.includes(tag));
  return [
    ...(added.length === 0 ? [] : [{ field: "tags added", after: added.join(", "), alone: true as const }]),
    ...(removed.length === 0
      ? []
      : [{ field: "tags removed", before: removed.join(", "), alone: true as const }]),
  ];
}

/** Each key that differs, such as `config.gnss.timeout`. */
function configChanges(before: DeviceConfig, after: DeviceConfig): FieldChange[] {
  const [was, is] = [configLeaves(before), configLeaves(after)];
  const text = (leaves: typeof was, key: string) =>
    leaves.has(key) ? hiddenSetting(key, leaves.get(key)) : undefined;
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((key) => {
    if (JSON.stringify(was.get(key)) === JSON.stringify(is.get(key))) return [];
    const [one, other] = [text(was, key), text(is, key)];
    return [changed(`config.${key}`, one, one === SECRET && other === SECRET ? OTHER_SECRET : other)];
  });
}

const WAYS: Readonly<Record<Way, string>> = {
  preconnect: "onboarding before it connects",
  jitp: "just in time",
  attestation: "attestation token",
};

const ISSUED = "issued here";

function subTypeOf(row: Row): string | undefined {
  return row.way === "attestation" ? undefined : row.subType;
}

function firmwareOf(row: Row): string | undefined {
  return row.way === "preconnect" && row.firmwareTypes.length > 0 ? row.firmwareTypes.join(", ") : undefined;
}

function nameOf(row: Row): string | undefined {
  return row.way === "attestation" ? undefined : row.name;
}

function configOf({ config }: Row): string | undefined {
  return config === undefined ? undefined : hiddenConfig(config);
}

function waitOf(row: Row): string | undefined {
  return row.way === "jitp"
    ? `${row.waitSeconds} s${row.pending === "allow" ? ", then in a later run" : ""}`
    : undefined;
}

function isUsualWait(row: Row): boolean {
  return row.way !== "jitp" || (row.waitSeconds === DEFAULT_WAIT_SECONDS && row.pending === "fail");
}

/** `undefined` for the default. */
function credentialOf(row: Row): string | undefined {
  if (row.way === "attestation") return undefined;
  if (row.way === "jitp") return row.issued ? "issued by nRF Cloud" : undefined;
  const { credential } = row;
  switch (credential.kind) {
    case "issue":
      return undefined;
    case "csr":
      return `CSR ${credential.fingerprint.slice(0, 12)}…`;
    case "certificate":
      return `certificate ${credential.fingerprint.slice(0, 12)}…`;
    case "publicKey":
      return `public key ${credential.fingerprint.slice(0, 12)}…`;
    case "existing":
      return "the one it has";
  }
}

/** `undefined` for the first. */
function generationOf(row: Row): string | undefined {
  const rotation = orderedBy(row)?.rotation;
  if (rotation === undefined) return undefined;
  const { generation, phase } = rotation;
  const isFirst = generation === FIRST_GENERATION.generation && phase === FIRST_GENERATION.phase;
  return isFirst
    ? undefined
    : phase === FIRST_GENERATION.phase
      ? String(generation)
      : `${generation} (${phase})`;
}

const FIRST = String(FIRST_GENERATION.generation);

/** `undefined` for the default. */
function securityTagOf(row: Row): string | undefined {
  if (row.way !== "attestation" || row.securityTag === NRF_CLOUD_SECURITY_TAG) return undefined;
  return String(row.securityTag);
}
