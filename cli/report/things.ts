/** The things of a fleet, and the words for what happens to them. */
import { isMarker } from "../../provider/engine/unknown.js";
import type { Properties, State } from "./digest.js";

export type Action =
  | "create"
  | "import"
  | "update"
  | "replace"
  | "delete"
  /** Removed from the state only. */
  | "forget"
  | "read"
  /** A refresh found a difference from the state. */
  | "drift"
  /** A refresh did not find it. */
  | "vanish";

/** Every action, the worst first. */
export const actions: readonly Action[] = [
  "delete",
  "replace",
  "vanish",
  "forget",
  "update",
  "drift",
  "import",
  "create",
  "read",
];

/** The participle of each action. */
const usualVerbs: Readonly<Record<Action, string>> = {
  create: "created",
  import: "imported",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
  forget: "forgotten",
  read: "read",
  drift: "drifted",
  vanish: "missing",
};

/** A kind of thing in a fleet, or a resource type of another provider. */
export interface Kind {
  /** The resource type, which is unique. */
  readonly type: string;
  /** Whether it is a resource type of this package. */
  readonly isOurs: boolean;
  readonly one: string;
  readonly many: string;
  /** Participles that differ from the usual ones. */
  readonly verbs: Readonly<Partial<Record<Action, string>>>;
}

const PREFIX = "pulumi-nodejs:dynamic/nrfcloud:";

/** Whether a type is internal to the engine, or only groups other resources. */
export function isBookkeeping(type: string): boolean {
  return isEngineType(type) || type === "nrfcloud:index:Fleet";
}

/** Whether the engine itself creates the type in every stack. */
export function isEngineType(type: string): boolean {
  return type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:");
}

const CLAIM_VERBS = { create: "claimed", delete: "released" };

const known: readonly Kind[] = [
  kind("Device", "device", "devices", { create: "onboarded" }),
  kind("OwnershipClaim", "just-in-time device", "just-in-time devices", CLAIM_VERBS),
  kind("AttestationClaim", "attested device", "attested devices", CLAIM_VERBS),
  kind("CaCertificate", "CA", "CAs", {}),
  kind("DeviceCertificate", "device certificate", "device certificates", { create: "issued" }),
  kind("JitpCertificate", "just-in-time certificate", "just-in-time certificates", { create: "issued" }),
  kind("ProvisioningRule", "provisioning rule", "provisioning rules", {}),
  kind("DeviceSet", "device set", "device sets", {}),
  kind("JournalKey", "journal key", "journal keys", {}),
];

function kind(name: string, one: string, many: string, verbs: Kind["verbs"]): Kind {
  return { type: `${PREFIX}${name}`, isOurs: true, one, many, verbs };
}

/** The kind of a resource type. Each type of another provider is one kind. */
export function kindOf(type: string): Kind {
  return known.find((one) => one.type === type) ?? { type, isOurs: false, one: type, many: type, verbs: {} };
}

/** The kind of this package with the given name, such as `Device`. */
export function kindNamed(name: string): Kind {
  return kindOf(`${PREFIX}${name}`);
}

/** The order of kinds: those of this package by importance, then the others by name. */
export function inOrder(one: Kind, other: Kind): number {
  const [a, b] = [known.indexOf(one), known.indexOf(other)];
  if (a >= 0 && b >= 0) return a - b;
  if (a >= 0 || b >= 0) return a >= 0 ? -1 : 1;
  return one.type < other.type ? -1 : Number(one.type > other.type);
}

/** The participle of an action for a kind: `onboarded`, `released`. */
export function verb({ verbs }: Kind, action: Action): string {
  return verbs[action] ?? usualVerbs[action];
}

/** The predicate of a number of things in a preview: `will be deleted`, `are missing`. */
export function predicate(kind: Kind, action: Action, count: number): string {
  if (action === "vanish") return count === 1 ? "is missing" : "are missing";
  if (action === "drift") return count === 1 ? "has drifted" : "have drifted";
  return `will be ${verb(kind, action)}`;
}

/** The effect of an action, if its name does not say it. */
export function effectOf(kind: Kind, action: Action): string | undefined {
  if (isKind(kind, "JournalKey") && ["delete", "replace"].includes(action))
    return "Nobody can read its journal any more.";
  if (action !== "forget") return undefined;
  if (isDevice(kind)) return "Only the state loses them: they remain in the account.";
  return isKind(kind, "JitpCertificate") ? "They remain valid at nRF Cloud." : "They do not change.";
}

/** `1 device`, `3,000 devices`. Types of other providers have no plural. */
export function counted(count: number, { one, many }: Kind): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Whether the stack does not have a thing any more after the action. */
export function leaves(action: Action): boolean {
  return action === "delete" || action === "forget" || action === "vanish" || action === "read";
}

/** A number with separators: 12,345. */
export function number(count: number): string {
  return count.toLocaleString("en-US");
}

/** The type in a URN, without those of its parents. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** The name of a resource in the program. Names may contain the separator of URNs. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The name of a thing for users: the id of a device, the name of a CA or a rule. */
export function idOf(urn: string, kind: Kind, state: State | undefined): string {
  const { inputs = {}, outputs = {} } = state ?? {};
  return ownId(kind.type, { ...outputs, ...inputs }) ?? nameOf(urn);
}

function ownId(type: string, properties: Properties): string | undefined {
  switch (type.startsWith(PREFIX) ? type.slice(PREFIX.length) : "") {
    case "Device":
    case "OwnershipClaim":
    case "DeviceCertificate":
    case "JitpCertificate":
      return text(properties.deviceId);
    case "AttestationClaim":
      return text(properties.deviceUuid);
    case "CaCertificate":
      return text(properties.commonName) ?? text(propertyOf(properties.subject, "commonName"));
    case "ProvisioningRule":
      return text(properties.name);
    default:
      return undefined;
  }
}

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && !isMarker(value) ? value : undefined;
}

/** Whether a thing of that kind is a device in the account, onboarded or claimed. */
export function isDevice(kind: Kind): boolean {
  return isKind(kind, "Device", "OwnershipClaim", "AttestationClaim");
}

/** Whether a kind is the one of this package with the given name. */
export function isKind({ type }: Kind, ...names: readonly string[]): boolean {
  return names.some((name) => type === `${PREFIX}${name}`);
}
