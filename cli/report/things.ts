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
  /** Taken out of the stack, and left alone where it is. */
  | "forget"
  | "read"
  /** Seen by a refresh to be otherwise than the state has it. */
  | "drift"
  /** Seen by a refresh to be gone. */
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

/** The actions in one word each. */
export const actionNames: Readonly<Record<Action, string>> = {
  create: "new",
  import: "imported",
  update: "changed",
  replace: "made anew",
  delete: "deleted",
  forget: "left alone",
  read: "read",
  drift: "drifted",
  vanish: "gone",
};

/** A kind of thing in a fleet, or a resource type of another provider. */
export interface Kind {
  /** The resource type, which is how kinds are told apart. */
  readonly type: string;
  /** Whether it is one of this package. */
  readonly ours: boolean;
  readonly one: string;
  readonly many: string;
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

const known: readonly Kind[] = [
  kind("Device", "device", "devices", {
    create: "onboarded",
    replace: "deleted and onboarded anew",
    delete: "deleted",
  }),
  kind("OwnershipClaim", "just-in-time device", "just-in-time devices", {
    create: "claimed",
    replace: "released for another",
    delete: "released",
  }),
  kind("AttestationClaim", "attested device", "attested devices", {
    create: "claimed",
    replace: "unclaimed for another",
    delete: "unclaimed",
  }),
  kind("CaCertificate", "CA", "CAs", { create: "made or taken over", delete: "forgotten" }),
  kind("DeviceCertificate", "device certificate", "device certificates", {
    create: "issued",
    delete: "forgotten",
  }),
  kind("JitpCertificate", "just-in-time certificate", "just-in-time certificates", {
    create: "issued by nRF Cloud",
    forget: "forgotten, and still valid at nRF Cloud",
  }),
  kind("ProvisioningRule", "provisioning rule", "provisioning rules", {}),
  kind("DeviceSet", "device set", "device sets", {}),
  kind("JournalKey", "journal key", "journal keys", { create: "made", delete: "forgotten with its logs" }),
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

const usualVerbs: Readonly<Record<Action, string>> = {
  create: "created",
  import: "imported",
  update: "changed",
  replace: "replaced",
  delete: "deleted",
  forget: "left alone, and no longer managed here",
  read: "read",
  drift: "changed by somebody else",
  vanish: "gone",
};

/** What happens, as a participle: `onboarded`, `released`. */
export function verb({ verbs }: Kind, action: Action): string {
  return verbs[action] ?? usualVerbs[action];
}

/** `1 device`, `3,000 devices`. Types of other providers have no plural. */
export function counted(count: number, { one, many }: Kind): string {
  return `${number(count)} ${count === 1 ? one : many}`;
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

/** Whether a kind is the one of this package with the given name. */
export function isKind({ type }: Kind, ...names: readonly string[]): boolean {
  return names.some((name) => type === `${PREFIX}${name}`);
}
