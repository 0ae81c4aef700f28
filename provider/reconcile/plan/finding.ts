import { escaped } from "../../engine/escaped.js";

/** What a comparison found that people should know, in the same words in a preview and in an `up`. */
export interface Finding {
  /**
   * `refuse`: the provider changes nothing as long as this holds. `fail`: the provider tries it, and nRF Cloud will refuse it.
   * `keep`: the row is left as it is. `note`: it happens, and should be known.
   */
  readonly kind: "refuse" | "fail" | "keep" | "note";
  /** Without the id: findings with the same text are told once, with all their ids. */
  readonly text: string;
}

export const refuse = (text: string): Finding => ({ kind: "refuse", text });
export const fail = (text: string): Finding => ({ kind: "fail", text });
export const keep = (text: string): Finding => ({ kind: "keep", text });
export const note = (text: string): Finding => ({ kind: "note", text });

/** How the line of a finding of the kind `fail` begins. `nrfcloud-fleet` finds it in a preview by these words. */
export const WILL_FAIL = "This apply will fail:";

export const TAKEN =
  "The account has these devices already, and this stack does not.\n" +
  "Likely causes, each with its remedy:\n" +
  "- Another stack or person onboarded them: manage them in one place, or declare `adopt: true`.\n" +
  "- The resource was renamed or moved in the program: give it `aliases`, so that the engine keeps its state.\n" +
  "- A run on another machine was interrupted, or the journal folder was deleted: run where the folder is, or declare " +
  "`adopt: recertify`. The devices then need their new certificates.\n" +
  "- The state was lost: restore it, or declare `adopt: recertify`.";

export const CLAIMED =
  "The team has these devices already, and this stack does not.\n" +
  "Likely causes, each with its remedy:\n" +
  "- Another stack or person claimed them: manage them in one place, or declare `adopt: true`.\n" +
  "- The resource was renamed or moved in the program: give it `aliases`, so that the engine keeps its state.\n" +
  "- A run was interrupted, or the state or the journal folder was lost: restore it, or declare `adopt: true`.";

export const NOT_THERE =
  "These devices are to be adopted, but the account does not have them. Check their ids and the team of the API key, or give " +
  "them credentials.";

export const OTHER_SUB_TYPE = (present: string, declared: string): string =>
  `These devices can't be adopted: their sub-type is ${escaped(JSON.stringify(present))}, declared is ${JSON.stringify(declared)}. nRF Cloud can't ` +
  "change a sub-type: declare theirs, or delete the devices first.";

export const REPLACED =
  "The account has other devices under these ids: they were created again by somebody else. They are not changed and not deleted. " +
  "Remove the rows, or declare `adopt: true` to manage the new devices.";

export const HIDDEN =
  "The API key can't see these devices, which does not say that they are gone. They and their keys are kept. Use a key of an owner " +
  "or admin.";

export const DOUBT =
  "An interrupted run may have brought these devices into the account, but nothing proves it. They are left as they are. " +
  "Declare `adopt: true` to manage them, or delete them by hand.";

export const UNDER_WAY =
  "A bulk job of an interrupted run is still under way for these devices. The next `up` waits for it, and goes on from there.";

export const ORPHANS =
  "An interrupted run brought these devices into the account, and nothing declares them any more. They are removed.";

export const ONLY_LOGGED = (file: string): string =>
  `Only the journal ${file} knows these devices: an interrupted run brought them into the account, or may have. To remove them, run ` +
  "`pulumi up`, then destroy again. To leave them in the account, delete that file.";

export const RESUMED =
  "An interrupted run began these devices. It is finished with the certificates that it made.";

export const RESTORED =
  "An interrupted run may have registered other certificates for these devices. The certificates of this state are registered again.";

export const GONE =
  "The account no longer has these devices. They are onboarded or claimed again, with the credentials they have.";

export const GONE_RENEWED =
  "The account no longer has these devices. They are onboarded again, with the keys they have and new certificates.";

export const GONE_NOW =
  "The account no longer has these devices. The next `up` onboards or claims them again, with the credentials they have.";

export const SETTLED = "These devices are as declared now. Only the state is brought up to date.";

export const ADOPTED =
  "The account has these devices already: they are adopted with the certificates they have.";

export const ADOPTED_OTHER =
  "The account has these devices already: they are adopted with the certificates they have. The declared ones are not registered. " +
  "If the devices use those, declare `adopt: recertify`.";

export const STAYS_CLAIMED = "These devices stay claimed in the Identity and Provisioning service.";
