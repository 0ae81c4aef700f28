import type { LogStep } from "../../journal/entry.js";

/** The words for steps in progress messages, such as `onboarding: 3,000 of 10,000 devices`. */
export const STEP_WORDS: Readonly<Record<LogStep | "confirm", string>> = {
  onboard: "onboarding",
  register: "registering certificates",
  next: "issuing the next certificates",
  renew: "ordering new keys",
  issue: "issuing certificates",
  claim: "claiming by attestation token",
  associate: "claiming by ownership code",
  confirm: "waiting for nRF Cloud to show",
  rename: "renaming",
  retag: "changing tags",
  configure: "setting the configuration",
  delete: "deleting",
  dissociate: "releasing",
  unclaim: "unclaiming",
};
