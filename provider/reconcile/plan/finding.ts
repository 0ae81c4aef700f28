import { escaped } from "../../engine/escaped.js";

/** A remark, a warning or an error about rows. A preview and an `up` use the same text. */
export interface Finding {
  /**
   * `refuse`: the operation fails before any change. `fail`: the provider tries the change, and nRF Cloud will refuse it.
   * `keep`: the row is not changed. `note`: the change is made.
   */
  readonly kind: "refuse" | "fail" | "keep" | "note";
  /** The text has no id, so that findings with the same text are reported once, with all their ids. */
  readonly text: string;
}

export const refuse = (text: string): Finding => ({ kind: "refuse", text });
export const fail = (text: string): Finding => ({ kind: "fail", text });
export const keep = (text: string): Finding => ({ kind: "keep", text });
export const note = (text: string): Finding => ({ kind: "note", text });

/** The beginning of the line of a `fail` finding. `nrfcloud-fleet` recognizes the line in a preview by it. */
export const WILL_FAIL = "This apply will fail:";

export const TAKEN =
  "The account has these devices already, and the state of this stack does not.\n" +
  "Likely causes, each with its remedy:\n" +
  "- Another stack or person onboarded them: manage them in one place, or declare `adopt: true`.\n" +
  "- The program renamed or moved the resource: give it `aliases`, so that the engine keeps its state.\n" +
  "- The row came from another fleet: put it back, or move it with `nrfcloud-fleet move`.\n" +
  "- The engine is to replace the resource (`--replace`, a taint): leave that out, or run `pulumi state untaint`. Another generation " +
  "(`rotation`) gives new certificates.\n" +
  "- An interrupted run on another machine created them: run where its journal folder is.\n" +
  "- The journal folder or the state was lost: restore it, or declare `adopt: recertify`, which issues new certificates. The devices " +
  "can't connect before they have them.";

export const CLAIMED =
  "The account has claimed these devices already, and the state of this stack does not have them.\n" +
  "Likely causes, each with its remedy:\n" +
  "- Another stack or person claimed them: manage them in one place, or declare `adopt: true`.\n" +
  "- The program renamed or moved the resource: give it `aliases`, so that the engine keeps its state.\n" +
  "- The row came from another fleet: put it back, or move it with `nrfcloud-fleet move`.\n" +
  "- The engine is to replace the resource (`--replace`, a taint): leave that out, or run `pulumi state untaint`.\n" +
  "- An interrupted run claimed them, or the state or the journal folder was lost: restore it, or declare `adopt: true`.";

export const declaredTwice = (one: string, other: string): string =>
  one === other
    ? `Two resources of this program declare them, both as ${one}. Declare each device once.`
    : `${other} of this program declares them too, besides ${one}. Declare each device once.`;

export const MOVED = (from: string, to: string): string =>
  `${from} does not declare these devices any more, and ${to} does. That would delete them, or lose their keys. Leave them in ${from}, or move them ` +
  "to another stack with `nrfcloud-fleet move`. Within one stack: take them out of the state with `nrfcloud-fleet forget --credentials`, then " +
  "declare them with `adopt: true`.";

export const UNFINISHED_UNDER = (title: string): string =>
  `An interrupted run of ${title} began these devices, and its journal has that name. Take the new name back, run \`pulumi up\`, then rename.`;

export const FORCED =
  "A replacement was asked for (`--replace`, a taint), but these devices are declared, and are not deleted. Leave it out, or run " +
  "`pulumi state untaint`. Another generation (`rotation`) gives new certificates.";

export const NOT_THERE =
  "The provider can't adopt these devices, because the account does not have them. Check their ids and the team of the API key, or " +
  "declare credentials for them.";

export const OTHER_SUB_TYPE = (present: string, declared: string): string =>
  `The provider can't adopt these devices: their sub-type is ${escaped(JSON.stringify(present))}, and ${JSON.stringify(declared)} is declared. ` +
  "nRF Cloud can't change a sub-type: declare the present one, or delete the devices first.";

export const REPLACED =
  "Somebody else deleted these devices and created others under their ids. The provider neither changes nor deletes those. " +
  "Remove the rows, or declare `adopt: true` to manage the new devices.";

export const HIDDEN =
  "The API key may not see these devices, so they may still exist. The provider keeps them and their keys in the state. " +
  "Use the API key of an owner or admin.";

export const DOUBT =
  "An interrupted run may have created these devices, but nothing proves it. The provider does not change them. " +
  "Declare `adopt: true` to manage them, or delete them yourself.";

export const UNDER_WAY =
  "nRF Cloud still runs a bulk job of an interrupted run for these devices. The next `up` waits for it, and then resumes.";

export const ORPHANS =
  "An interrupted run created or claimed these devices, and nothing declares them any more. The provider deletes or releases them.";

export const ONLY_LOGGED = (file: string): string =>
  `Only the journal ${file} has these devices: an interrupted run created them, or may have. To delete them, run \`pulumi up\`, ` +
  "then destroy again. To leave them in the account, delete that file.";

export const RESUMED =
  "An interrupted run began to change these devices. The provider resumes it with the credentials that it made.";

export const RESTORED =
  "An interrupted run may have registered other certificates for these devices. The provider registers those of this state again.";

export const MISSING =
  "The account no longer has these devices. The provider onboards or claims them again, with the credentials that they have.";

export const MISSING_RENEWED =
  "The account no longer has these devices. The provider onboards them again, with their keys and new certificates.";

export const MISSING_NOW =
  "The account no longer has these devices. The next `up` onboards or claims them again, with the credentials that they have.";

export const SETTLED = "These devices are already as declared. The provider updates only the state.";

export const LOST_GENERATION =
  "The state has no credential of the declared generation of these devices any more. Declare the generation that they have, or a later one.";

export const CA_UNDECLARED =
  "The CA that signed the kept credentials of these devices is not declared any more. Declare it as `ca` or `nextCa`, or declare a later " +
  "generation.";

export const KEPT_VALIDITY =
  "The kept certificates of these devices were issued with another `validityDays`, and are activated as they are. What is declared now is for " +
  "certificates that are issued later. To replace those that are kept, declare a later generation.";

export const CA_TURNS = (from: string, to: string): string =>
  `Both CAs are declared. These devices keep their certificates of ${from}. From now on ${to} signs for all new keys.`;

export const CA_LEFT_BEHIND =
  "These devices have no certificate of the next CA, and this run does not issue one. Declare a later generation for them (`rotation`), with " +
  "`phase: issue` first.";

export const CSR_LEFT_BEHIND =
  "These devices bring CSRs, and have no certificate of the next CA. Declare a later generation for them (`rotation`). The CSR can be the " +
  "same, or one with a new key.";

export const CA_OF_OWN =
  "These devices bring their own certificates, which the provider can't issue again. If they are of the present CA, give other certificates.";

export const CA_OF_OTHERS =
  "These devices have no certificate of your CA: they were claimed. The rotation of the CA does not concern them.";

export const CA_REPLACED = (from: string, to: string): string =>
  `${to} replaces ${from}, and the stack does not sign with ${from} any more. These devices have certificates of ${to} already, ` +
  "and keep them.";

export const PREVIOUS_OF_DROPPED_CA =
  "These devices keep a previous credential of the CA that is dropped, and can't go back to it any more.";

export const CA_NOT_MOVED = (next: string): string =>
  `${next} is not declared any more, and \`ca\` becomes yet another CA. These devices have or keep certificates of ${next}, and would get others. ` +
  "Keep the `name` of `nextCa`, or its resource, when it becomes `ca`, and change nothing else of it in the same run.";

export const CA_GOES_BACK = (next: string): string =>
  `${next} is not declared any more, and these devices have or keep certificates of it. To go back, declare \`nextCa\` again, and the ` +
  "former generation first.";

export const LATER_GENERATION =
  "These devices made a later key themselves, and can't go back to an earlier one. Declare the generation that they have.";

export const SAME_GENERATION =
  "Another credential is declared, but with the generation that these devices have, and `phase: issue` registers nothing. Declare a later " +
  "generation.";

export const REPORTED = "These devices have reported to nRF Cloud since the last phase of their rotation.";

export const SILENT =
  "These devices have not reported to nRF Cloud since the last phase of their rotation. Check that they have their new credentials.";

export const RENEWING =
  "nRF Cloud has the order for these devices to make a new key. They do so when they come online, and the next `up` checks again.";

export const RENEWED = "These devices have made their new keys, and nRF Cloud has them.";

export const RENEWAL_FAILED = (reason: string): string =>
  `These devices could not make a new key: ${reason} The provider gives the order again.`;

export const RENEWAL_UNKNOWN =
  "nRF Cloud no longer has the order for these devices to make a new key. To give another order, declare a later generation.";

export const RENEWAL_IN_DOUBT =
  "An interrupted run may have ordered these devices to make a new key, but nothing proves it. To give another order, declare a later " +
  "generation.";

export const ADOPTED =
  "The account has these devices already. The provider adopts them with the certificates that they have.";

export const ADOPTED_OTHER =
  "The account has these devices already. The provider adopts them with the certificates that they have, and does not register the " +
  "declared ones. If the devices use those, declare `adopt: recertify`.";

export const RETIRED_ABSENT =
  "These devices are retired, and neither the state nor the account has them. The provider does not onboard them.";
export const RETIRED_MISSING =
  "These devices are retired, and the account no longer has them. The provider records that they are deleted.";
export const RETIRED_KEEPS_CREDENTIAL =
  "These devices are retired, and keep the credentials that they have. The rotation leaves them out.";
export const RETIRED_OVER =
  "These devices are retired, and the time for which they are kept is over. The provider deletes or releases them.";
export const STAYS_CLAIMED = "The Identity and Provisioning service keeps the claims of these devices.";

export const CONFIG_LATER =
  "nRF Cloud has not onboarded these claimed devices yet. The first `up` after that sets their configuration.";

export const SHADOW_FULL =
  "The desired section of these devices' shadows would be larger than 8 KB, which AWS IoT refuses. Shorten `config`, or remove keys of others.";
