import type { LooseObject } from "../engine/outputs.js";
import type { Session } from "./session.js";

/** What comes under a resource and goes again, by what the journal calls it when it comes. */
export type ArrivingKind = "device" | "claim" | "attestation";

/** What the journal calls each when it is changed, and when it goes. */
const KINDS = {
  device: { changing: "changing", leaving: "leaving" },
  claim: { changing: "changing", leaving: "leaving" },
  attestation: { changing: "retagging", leaving: "unclaiming" },
} as const;

/** Settles what the journal has of a thing that has come: that it goes is over. */
export function settleLeaving(open: Session, kind: ArrivingKind, id: string, properties: LooseObject): void {
  open.journalOf(KINDS[kind].leaving, properties).settle(id);
}

/** Settles what the journal has of changes of a thing: it has been set as it is declared. */
export function settleChanging(open: Session, kind: ArrivingKind, id: string, properties: LooseObject): void {
  open.journalOf(KINDS[kind].changing, properties).settle(id);
}

/** Settles what the journal has of a thing that has gone: that it came, and what was changed of it. */
export function settleGone(open: Session, kind: ArrivingKind, id: string, properties: LooseObject): void {
  open.journalOf(kind, properties).settle(id);
  settleChanging(open, kind, id, properties);
}

/** Notes that a refresh has found a thing gone. It may be one that is only looked at, so that it settles no removal. */
export function foundGone(open: Session, kind: ArrivingKind, id: string, properties: LooseObject): void {
  settleGone(open, kind, id, properties);
  open.journalOf(KINDS[kind].leaving, properties).tell(id, "gone");
}
