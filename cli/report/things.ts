/** The things of a fleet, and the words for what happens to them. */
import { isMarker } from "../../provider/engine/unknown.js";
import type { Properties, State } from "./digest.js";

/** What happens to a thing. */
export type Action =
  | "create"
  | "import"
  | "update"
  | "replace"
  | "delete"
  /** Removed from the state, and left as it is. */
  | "forget"
  | "read"
  /** A refresh sees it differ from the state. */
  | "drift"
  /** A refresh does not see it any more. */
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

/** What becomes of a thing, as a participle. */
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
  /** The resource type, which is how kinds are told apart. */
  readonly type: string;
  /** Whether this package has it. */
  readonly ours: boolean;
  readonly one: string;
  readonly many: string;
  /** Where they differ from the usual ones. */
  readonly verbs: Readonly<Partial<Record<Action, string>>>;
}

const PREFIX = "pulumi-nodejs:dynamic/nrfcloud:";

/** What the engine keeps books with, or what only holds others together; nothing that a fleet is made of. */
export function isBookkeeping(type: string): boolean {
  return isEngines(type) || type === "nrfcloud:index:Fleet";
}

/** What the engine has in every stack. */
export function isEngines(type: string): boolean {
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
  return { type: `${PREFIX}${name}`, ours: true, one, many, verbs };
}

/** The kind of a resource type; types of other providers are kinds of their own. */
export function kindOf(type: string): Kind {
  return known.find((one) => one.type === type) ?? { type, ours: false, one: type, many: type, verbs: {} };
}

/** The kind of this package with the given name, such as `Device`. */
export function kindNamed(name: string): Kind {
  return kindOf(`${PREFIX}${name}`);
}

/** Order in which kinds are told: those of a fleet as they matter, then the others by name. */
export function inOrder(one: Kind, other: Kind): number {
  const [a, b] = [known.indexOf(one), known.indexOf(other)];
  if (a >= 0 && b >= 0) return a - b;
  if (a >= 0 || b >= 0) return a >= 0 ? -1 : 1;
  return one.type < other.type ? -1 : Number(one.type > other.type);
}

/** What becomes of a thing of that kind, as a participle: `onboarded`, `released`. */
export function verb({ verbs }: Kind, action: Action): string {
  return verbs[action] ?? usualVerbs[action];
}

/** What a preview says of so many things: `will be deleted`, `are missing`. */
export function predicate(kind: Kind, action: Action, count: number): string {
  if (action === "vanish") return count === 1 ? "is missing" : "are missing";
  if (action === "drift") return count === 1 ? "has drifted" : "have drifted";
  return `will be ${verb(kind, action)}`;
}

/** What an action leaves behind, where its name does not say it. */
export function aftermath(kind: Kind, action: Action): string | undefined {
  if (isKind(kind, "JournalKey") && ["delete", "replace"].includes(action))
    return "Nobody can read its journal any more.";
  if (action !== "forget") return undefined;
  if (isDevice(kind)) return "Only the state loses them: they remain in the account.";
  return isKind(kind, "JitpCertificate") ? "They remain valid at nRF Cloud." : "They are left as they are.";
}

/** `1 device`, `3,000 devices`. Types of other providers have no plural. */
export function counted(count: number, { one, many }: Kind): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Whether the stack no longer has a thing afterwards. */
export function leaves(action: Action): boolean {
  return action === "delete" || action === "forget" || action === "vanish" || action === "read";
}

/** A count with commas. */
export function number(count: number): string {
  return count.toLocaleString("en-US");
}

/** The type in a URN, without those of its parents. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** The name that the program gave the resource. Names may contain what separates the parts of a URN. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** What users call a thing: devices by their id, CAs and rules by their name. */
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

/** Whether a thing of that kind is a device in the account, however it got there. */
export function isDevice(kind: Kind): boolean {
  return isKind(kind, "Device", "OwnershipClaim", "AttestationClaim");
}

/** Whether a kind is the one of this package with the given name. */
export function isKind({ type }: Kind, ...names: readonly string[]): boolean {
  return names.some((name) => type === `${PREFIX}${name}`);
}
