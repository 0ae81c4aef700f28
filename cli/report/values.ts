/** Values of properties as text for people. */
import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../provider/fleet/data.js";
import { isMarker } from "../../provider/engine/unknown.js";
import type { Properties } from "./digest.js";
import { OTHER_SECRET, SECRET } from "./secrets.js";

/** One property that differs. A side without a value is absent. */
export interface FieldChange {
  /** The label of the field if it has one, else its path: `CA`, `commands[0].secTag`. */
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
  /** The value is what was added or removed, and not the whole value of the field. */
  readonly alone?: true;
}

const names: ReadonlyMap<string, string> = new Map(
  Object.entries({
    deviceId: "device id",
    deviceUuid: "device UUID",
    subType: "sub-type",
    firmwareTypes: "firmware types",
    credential: "credential",
    "credential.ca": "CA",
    "credential.csr": "CSR",
    "credential.certificate": "certificate",
    "credential.publicKey": "public key",
    "credential.validityDays": "validity (days)",
    "credential.earlyRenewalHours": "early renewal (hours)",
    ca: "CA",
    csr: "CSR",
    validityDays: "validity (days)",
    earlyRenewalHours: "early renewal (hours)",
    ownershipCode: "ownership code",
    unclaimOnDestroy: "unclaim on destroy",
    caCertificate: "CA",
    nextCaCertificate: "next CA",
    "signer.command": "signer",
    "caSigner.command": "signer of the CA",
    "nextCaSigner.command": "signer of the next CA",
    materials: "credentials, codes and tokens of devices",
  }),
);

/** Replaces a value that is known only after the apply. */
export const UNKNOWN = "known after apply";

/** Properties that a reviewer does not need: the provider's code, and the stack, which is the same for all. */
const silent = /^(__|stack$)/;

/**
 * The differences between the inputs before and after. Lists are compared as a whole.
 * @param differing paths that differ by the engine, for values that are hidden here, such as secrets
 * @param cas names of CAs by their id and by their certificate
 */
export function differences(
  before: Properties,
  after: Properties,
  differing: readonly string[],
  cas: ReadonlyMap<string, string>,
): FieldChange[] {
  const found = compare(before, after, "");
  const unseen = [...new Set(differing.map((path) => path.replace(/\[.*$/, "")))]
    .filter((path) => !silent.test(path) && !found.some((each) => within(each.path, path)))
    .map((path) => ({ path, before: valueAt(before, path), after: valueAt(after, path) }));
  return [...found, ...unseen].map(withoutArguments).map(({ path, before: one, after: other }) => ({
    field: names.get(path) ?? path,
    ...(one === undefined ? {} : { before: valueText(one, cas) }),
    ...(other === undefined
      ? {}
      : { after: one === SECRET && other === SECRET ? OTHER_SECRET : valueText(other, cas) }),
  }));
}

/** The command of a signer without its arguments: a reviewer does not need them, and they may be confidential. */
function withoutArguments({ path, before, after }: Difference): Difference {
  if (!SIGNER_COMMAND.test(path)) return { path, before, after };
  const [was, is] = [programOf(before), programOf(after)];
  return { path, before: was, after: was !== undefined && was === is ? `${was} with other arguments` : is };
}

const SIGNER_COMMAND = /^(signer|caSigner|nextCaSigner)\.command$/;

function programOf(command: unknown): string | undefined {
  const program: unknown = Array.isArray(command) ? command[0] : undefined;
  return typeof program === "string" ? program : command === undefined ? undefined : UNKNOWN;
}

interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

function compare(before: Properties, after: Properties, prefix: string): Difference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key): Difference[] => {
    if (prefix === "" && silent.test(key)) return [];
    const [one, other] = [before[key], after[key]];
    const path = `${prefix}${key}`;
    if (isDeepStrictEqual(one, other)) return [];
    const bags = [one, other].filter(isRecord);
    const absent = [one, other].filter((value) => value === undefined).length;
    if (bags.length > 0 && bags.length + absent === 2) {
      return compare(isRecord(one) ? one : {}, isRecord(other) ? other : {}, `${path}.`);
    }
    return [{ path, before: one, after: other }];
  });
}

function within(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

function valueAt(bag: Properties, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      bag,
    );
}

/** @param cas names of CAs by their id and by their certificate */
export function valueText(value: unknown, cas: ReadonlyMap<string, string>): string {
  if (isMarker(value)) return UNKNOWN;
  if (typeof value === "string") return cas.get(value) ?? textText(value);
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) {
    return `[${value.map((entry) => valueText(entry, cas)).join(", ")}]`;
  }
  return JSON.stringify(value, (_, inner: unknown) => (isMarker(inner) ? UNKNOWN : inner));
}

function textText(text: string): string {
  if (text === SECRET) return SECRET;
  if (text === "") return '""';
  const [, label] = /^\s*-----BEGIN ([A-Z ]+)-----/.exec(text) ?? [];
  if (label === undefined) return /^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 12)}…` : text;
  // The end of a certificate is its signature, which is unique.
  const body = text.replace(/-----[^-]*-----/g, "").replace(/[\s=]/g, "");
  return `${label.toLowerCase()} …${body.slice(-8)}`;
}
