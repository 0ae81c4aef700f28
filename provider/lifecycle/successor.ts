import type { LooseObject } from "../engine/outputs.js";
import { settleLeaving, type ArrivingKind } from "./entries.js";
import { perSession } from "./perSession.js";
import type { Session } from "./session.js";

/** When what came under a resource of this operation did so, by what it is and its id. */
const arrivals = perSession(() => new Map<string, string>());

/** A device is the same one whether it was onboarded or claimed by its code. */
function keyOf(kind: ArrivingKind, id: string): string {
  return `${kind === "attestation" ? "attestation" : "device"}/${id}`;
}

/**
 * Notes that something came under a resource, whose `create` returns next, and gives what the state of it keeps of that.
 */
export function arrived(
  open: Session,
  kind: ArrivingKind,
  id: string,
  news: LooseObject,
): { readonly since: string } {
  const since = new Date().toISOString();
  arrivals(open).set(keyOf(kind, id), since);
  open.journalOf(kind, news).tell(id, "made");
  settleLeaving(open, kind, id, news);
  return { since };
}

/**
 * Whether another resource has taken over what a resource is to delete. A resource that is renamed in the program, declared as one of
 * another type, or made anew by `--replace`, is created first and deleted then; as ids are the devices' own, that would delete the device under
 * its successor.
 */
export function hasSuccessor(open: Session, kind: ArrivingKind, id: string, { since }: LooseObject): boolean {
  const arrival = arrivals(open).get(keyOf(kind, id));
  return arrival !== undefined && arrival !== since;
}

/** What is said of it. */
export const STAYS = "stays as it is: another resource of this program has taken it over in this run.";
