// Lets a planned trouble happen to a world.

import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Nobody deletes a device and onboards it again within the second by which the service tells one from the other. */
const BY_HAND_MS = 2_500;
const COLLEAGUE = "a colleague";

/**
 * @param {import("./world.mjs").World} world
 * @param {import("./troubles.mjs").Trouble} trouble
 * @returns {Promise<boolean>}  Whether there was anything that it could happen to.
 */
export async function happen(world, trouble) {
  switch (trouble.kind) {
    case "torn journal":
      return lose(world, { inPart: true }, () => tear(world, trouble));
    case "lost journal":
      return lose(world, { inPart: false }, () => {
        const lost = logs(world).length > 0;
        rmSync(path.join(world.stack.project, ".nrfcloud"), { recursive: true, force: true });
        return lost;
      });
    case "rolled-back state":
      return world.rollBack(trouble.back);
    case "foreign devices": {
      const made = await Promise.all(trouble.ids.map((id) => onboardByHand(world, id, trouble.anew)));
      return made.includes(true);
    }
    case "second stack":
      await world.runSecond(trouble.ids);
      return true;
  }
}

/**
 * @param {import("./world.mjs").World} world
 * @param {{ inPart: boolean }} what
 * @param {() => boolean} how
 */
async function lose(world, what, how) {
  if (!how()) return false;
  await world.lostTrack(what);
  return true;
}

/**
 * @param {import("./world.mjs").World} world
 * @param {import("./troubles.mjs").TornJournal} trouble
 */
function tear(world, { how, share }) {
  const [file] = logs(world);
  if (file === undefined) return false;
  const { size } = statSync(file);
  if (how === "cut") {
    truncateSync(file, Math.floor(size * share));
    return true;
  }
  const text = readFileSync(file, "utf8");
  const last = text.trimEnd().lastIndexOf("\n") + 1;
  const place = last + Math.floor((text.trimEnd().length - last) * share * 0.99);
  writeFileSync(file, `${text.slice(0, place)}#${text.slice(place + 1)}`);
  return true;
}

/** The stack's logs, the latest first. @param {import("./world.mjs").World} world */
function logs({ stack }) {
  const folder = path.join(stack.project, ".nrfcloud", "journal");
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".log"))
      .map((name) => path.join(folder, name))
      .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  } catch {
    return [];
  }
}

/**
 * @param {import("./world.mjs").World} world
 * @param {string} id
 * @param {boolean} anew
 */
async function onboardByHand({ cloud, keys, strangers }, id, anew) {
  const present = (await cloud.devices()).get(id);
  if (present !== undefined) {
    if (!anew || strangers.has(present)) return false;
    await cloud.remove(id);
    await sleep(BY_HAND_MS);
  }
  const device = await cloud.onboardByHand(
    { id, tags: ["colleague"] },
    (await keys.of("certificate", id, 99)).pem,
  );
  if (device !== undefined) strangers.add(device, COLLEAGUE);
  return device !== undefined;
}
