import type { CloudDevice } from "../cloud/answers.js";
import { fetchDevice, renameDevice, retagDevice } from "../cloud/devices.js";
import { ExpectedError } from "../engine/errors.js";
import type { LooseObject } from "../engine/outputs.js";
import { canonical } from "./canonical.js";
import { untilGone } from "./gone.js";
import type { Session } from "./session.js";
import { MORE_TIME } from "./settings.js";
import { sameTags } from "./tags.js";

/** What a device is called and grouped by, as declared. */
export interface NameAndTags {
  readonly deviceId: string;
  readonly name: string | undefined;
  readonly tags: readonly string[];
}

/** What has changed of them, so that it must be set even where a list that lags behind shows what was there long before. */
export type Change = Readonly<Partial<Record<"name" | "tags", boolean>>>;

/** What a declaration changes of an earlier one. */
export function changeOf(before: Omit<NameAndTags, "deviceId">, after: NameAndTags): Change {
  return { name: before.name !== after.name, tags: !sameTags(before.tags, after.tags) };
}

/**
 * Brings display name and tags to what is declared, and waits until the account shows them.
 * @param found the device as the account has it
 * @param adopted whether it keeps the name it came with as long as none is declared
 */
export async function settleNameAndTags(
  open: Session,
  inputs: NameAndTags,
  found: CloudDevice | undefined,
  adopted: boolean,
  must: Change = {},
): Promise<CloudDevice | undefined> {
  const { deviceId, tags } = inputs;
  // Without a name of its own, nRF Cloud calls a device by its id.
  const name = inputs.name ?? deviceId;
  const keepsName = inputs.name === undefined && adopted;
  const renames = !keepsName && (must.name === true || found?.name !== name);
  const retags = must.tags === true || !sameTags(found?.tags ?? [], tags);
  if (!renames && !retags) return found;
  if (renames) await renameDevice(open.transport, deviceId, name);
  if (retags) await retagDevice(open.transport, deviceId, tags);
  return waitFor(
    open,
    deviceId,
    (seen) =>
      seen !== undefined && (!renames || seen.name === name) && (!retags || sameTags(seen.tags ?? [], tags)),
    "to show its new name and tags",
  );
}

/**
 * Whether a device is called as it was when it was adopted, because no name has been declared since. The state says so,
 * so that it still holds once `adopt` has been taken out again; earlier versions wrote states that don't.
 */
export function keepsItsName({ keepsName }: LooseObject, { adopt, name }: LooseObject): boolean {
  return typeof keepsName === "boolean" ? keepsName : adopt !== undefined && name === undefined;
}

/** What a state keeps of this; nothing where it goes without saying. */
export function ofName(keepsName: boolean, adopts: boolean): { readonly keepsName?: boolean } {
  return keepsName || adopts ? { keepsName } : {};
}

/** Waits until the account shows what nRF Cloud has accepted. @throws ExpectedError when it takes too long */
export function waitFor(
  open: Session,
  deviceId: string,
  until: (seen: CloudDevice | undefined) => boolean,
  what: string,
): Promise<CloudDevice | undefined> {
  return open.watch.wait(
    deviceId,
    until,
    open.deadlines.readbackMs,
    () =>
      new ExpectedError(
        `nRF Cloud accepted device ${deviceId}, but waiting for it ${what} took more than ${open.deadlines.readbackMs / 1000} s. ` +
          `Run again in a while: the device and its key are kept, and what is missing is done then. ${MORE_TIME}`,
      ),
  );
}

/**
 * Waits until a device has left the account. @throws ExpectedError when it takes too long
 * @param what what nRF Cloud accepted, for the message
 */
export function waitUntilGone(open: Session, deviceId: string, what: "deletion" | "release"): Promise<void> {
  const withinMs = open.deadlines.readbackMs;
  return untilGone({
    key: deviceId,
    watch: open.watch,
    fetch: () => fetchDevice(open.transport, deviceId),
    withinMs,
    late: () =>
      new ExpectedError(
        `Device ${deviceId} is still in the account ${withinMs / 1000} s after nRF Cloud accepted its ${what}. Run again in a while. ` +
          MORE_TIME,
      ),
  });
}

/**
 * The inputs that would declare a device as it was found, from those that declare it now.
 * @param keepsName whether a name that is not declared is no drift
 */
export function declaredAsFound(found: CloudDevice, declared: LooseObject, keepsName: boolean): LooseObject {
  const { name, tags, subType, ...rest } = declared;
  // Without a name of its own, nRF Cloud calls a device by its id; that may be declared in so many words.
  const foundName = found.name === found.id && name !== found.id ? undefined : found.name;
  const declaredTags = Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
  return canonical({
    ...rest,
    name: name === undefined && keepsName ? undefined : foundName,
    tags: sameTags(found.tags ?? [], declaredTags) ? declaredTags : found.tags,
    // The service fills in a sub-type where none was given.
    subType: subType === undefined ? undefined : (found.subType ?? subType),
  });
}
