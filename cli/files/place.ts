import { lstatSync, statSync, type Stats } from "node:fs";
import path from "node:path";
import { CommandError } from "../commandError.js";

/** The entry at a path. Does not follow links. `undefined` if nothing exists. */
export function entryAt(place: string): Stats | undefined {
  return lstatSync(withoutSlash(place), { throwIfNoEntry: false });
}

/**
 * Refuses to write through a link. Its author, such as the author of a branch that is checked out, would choose the file that is
 * overwritten. Links in the root folder (`/tmp` on macOS) belong to the system and are allowed.
 *
 * @param place a file or folder, which need not exist. Its parent folders must not be links either
 * @throws CommandError (2) that names the link
 */
export function requireNoLink(place: string): void {
  const absolute = path.resolve(place);
  const { root } = path.parse(absolute);
  const link = [absolute, ...ancestors(absolute)]
    .filter((each) => path.dirname(each) !== root)
    .find((each) => entryAt(each)?.isSymbolicLink());
  if (link === undefined) return;
  throw new CommandError(
    `${shown(link, place)} is a link, and the command does not write through links. Remove the link, or name its target.`,
    2,
  );
}

/**
 * Refuses to write secrets where other users can remove or replace files.
 * @param folder the folder for the secrets. If it does not exist, its nearest existing parent is checked
 * @throws CommandError (2) with the remedy
 */
export function requirePrivate(folder: string): void {
  const user = process.getuid?.();
  // On Windows, modes do not show this.
  if (user === undefined) return;
  const present = entryAt(folder) === undefined ? nearest(path.resolve(folder)) : folder;
  const found = statSync(present);
  if (found.uid !== user && found.uid !== 0 && user !== 0) {
    throw new CommandError(
      `${present} belongs to another user, who could replace the files. Choose your own folder.`,
      2,
    );
  }
  // In a folder like /tmp (sticky), other users can't change a folder of ours.
  const isSticky = present !== folder && (found.mode & STICKY) !== 0;
  if (isSticky || !isOpen(found)) return;
  throw new CommandError(
    `Other users can write into ${present}, and could replace the files. Close it with \`chmod go-w ${present}\`, or choose another folder.`,
    2,
  );
}

const STICKY = 0o1000;
const GROUP_WRITES = 0o020;
const ALL_WRITE = 0o002;

function isOpen({ mode, uid, gid }: Stats): boolean {
  // Where each user has a private group, folders are often writable by the group.
  const isOwnGroup = gid === uid;
  return (mode & ALL_WRITE) !== 0 || ((mode & GROUP_WRITES) !== 0 && !isOwnGroup);
}

/** The parent folders of an absolute path, the nearest first, the root last. */
function ancestors(place: string): string[] {
  const parent = path.dirname(place);
  return parent === place ? [] : [parent, ...ancestors(parent)];
}

function nearest(place: string): string {
  return [place, ...ancestors(place)].find((each) => entryAt(each) !== undefined) ?? place;
}

/** A link in the user's own words, if the user named it. */
function shown(link: string, place: string): string {
  return link === path.resolve(place) ? withoutSlash(place) : path.relative(process.cwd(), link) || link;
}

/** A path with a final slash would follow a link. */
function withoutSlash(place: string): string {
  return place.replace(/(?<=.)[\\/]+$/, "");
}
