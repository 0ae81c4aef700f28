import { lstatSync, statSync, type Stats } from "node:fs";
import path from "node:path";
import { CommandError } from "../commandError.js";

/** What is at a place; a link is a link, not what it leads to. `undefined` where there is nothing. */
export function entryAt(place: string): Stats | undefined {
  return lstatSync(withoutSlash(place), { throwIfNoEntry: false });
}

/**
 * Nothing is written through a link: whoever made it, such as the author of a branch that is checked out, would choose the file that is
 * overwritten. Links beside the root of the disk (`/tmp` on macOS) are the system's own and do no harm.
 *
 * @param place a file or folder, which need not exist; what it is in must not be reached through a link either
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
    `${shown(link, place)} is a link, and nothing is written through links. Remove it, or give the place that it leads to.`,
    2,
  );
}

/**
 * Secrets are written only where nobody else can remove or replace files.
 * @param folder where they go; where there is none, the one that it will be made in is looked at
 * @throws CommandError (2) that says how to close it
 */
export function requirePrivate(folder: string): void {
  const user = process.getuid?.();
  // Windows tells nothing of this by modes.
  if (user === undefined) return;
  const present = entryAt(folder) === undefined ? nearest(path.resolve(folder)) : folder;
  const found = statSync(present);
  if (found.uid !== user && found.uid !== 0 && user !== 0) {
    throw new CommandError(
      `${present} belongs to another user, who could replace the files. Choose your own folder.`,
      2,
    );
  }
  // In a folder like /tmp others can't touch the folder that is made.
  const isSticky = present !== folder && (found.mode & STICKY) !== 0;
  if (isSticky || !isOpen(found)) return;
  throw new CommandError(
    `Other users can write into ${present}, and so could replace the files. Close it with \`chmod go-w ${present}\`, or choose another folder.`,
    2,
  );
}

const STICKY = 0o1000;
const GROUP_WRITES = 0o020;
const ALL_WRITE = 0o002;

function isOpen({ mode, uid, gid }: Stats): boolean {
  // Where each user has a group of their own, folders are writable by it as a rule.
  const isOwnGroup = gid === uid;
  return (mode & ALL_WRITE) !== 0 || ((mode & GROUP_WRITES) !== 0 && !isOwnGroup);
}

/** The folders that an absolute path leads through, the nearest first, the root last. */
function ancestors(place: string): string[] {
  const parent = path.dirname(place);
  return parent === place ? [] : [parent, ...ancestors(parent)];
}

function nearest(place: string): string {
  return [place, ...ancestors(place)].find((each) => entryAt(each) !== undefined) ?? place;
}

/** A link as the user named it, where it is what they named. */
function shown(link: string, place: string): string {
  return link === path.resolve(place) ? withoutSlash(place) : path.relative(process.cwd(), link) || link;
}

/** A slash at the end would follow a link. */
function withoutSlash(place: string): string {
  return place.replace(/(?<=.)[\\/]+$/, "");
}
