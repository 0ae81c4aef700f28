import { idText } from "../fleet/idText.js";
import { count } from "../terminal.js";
import { deletedBy, type Losses } from "./losses.js";

/** What a destroy takes away, the worst first, then what it leaves. One line each. */
export function describeLosses(losses: Losses): string {
  const lines = [
    line(losses.devices, "device is deleted with its data", "devices are deleted with their data"),
    line(losses.unclaimed, "device is unclaimed and so deleted", "devices are unclaimed and so deleted"),
    line(
      losses.released,
      "just-in-time device is released: whoever has its code can claim it",
      "just-in-time devices are released: whoever has their codes can claim them",
    ),
    line(
      losses.keys,
      "device has its private key in this state only: it is lost",
      "devices have their private keys in this state only: they are lost",
    ),
    line(
      losses.certificates,
      "device certificate is forgotten, with the key that was made for it",
      "device certificates are forgotten, with the keys that were made for them",
    ),
    line(
      losses.cas,
      "CA is forgotten: without its key no certificate can be renewed",
      "CAs are forgotten: without their keys no certificate can be renewed",
    ),
    line(losses.pending, "claim was still to be made", "claims were still to be made"),
    ...(losses.others > 0 ? [`  ${count(losses.others, "other resource goes", "other resources go")}`] : []),
    line(
      losses.undeletableRules,
      "provisioning rule can't be deleted, as its id is not known: this fails until you delete it in the portal",
      "provisioning rules can't be deleted, as their ids are not known: this fails until you delete them in the portal",
    ),
    line(
      losses.keptCertificates,
      "just-in-time certificate stays valid at nRF Cloud",
      "just-in-time certificates stay valid at nRF Cloud",
    ),
    line(losses.keptClaims, "claim by token stays", "claims by token stay"),
    line(
      losses.kept,
      "device stays in the account, because its set is kept",
      "devices stay in the account, because their set is kept",
    ),
    line(
      losses.left,
      "device stays as it is: somebody else created it again, or the API key can't see it",
      "devices stay as they are: somebody else created them again, or the API key can't see them",
    ),
  ].filter((text) => text !== undefined);
  return [`This takes ${count(deletedBy(losses), "device")} out of the account, for good:`, ...lines].join(
    "\n",
  );
}

function line(subjects: readonly string[], one: string, many: string): string | undefined {
  return subjects.length === 0 ? undefined : `  ${count(subjects.length, one, many)} (${idText(subjects)})`;
}
