import { idText } from "../fleet/idText.js";
import { count } from "../terminal.js";
import { deletedBy, type Losses } from "./losses.js";

/** What a destroy will delete, the worst first, then what will remain. One line each. */
export function describeLosses(losses: Losses): string {
  const lines = [
    line(losses.devices, "device will be deleted with its data", "devices will be deleted with their data"),
    line(
      losses.unclaimed,
      "claim by token will end: nRF Cloud deletes its device and data, if it was ever onboarded",
      "claims by token will end: nRF Cloud deletes their devices and data, if they were ever onboarded",
    ),
    line(
      losses.released,
      "just-in-time device will be released: anybody with its code can claim it",
      "just-in-time devices will be released: anybody with their codes can claim them",
    ),
    line(
      losses.keys,
      "device has its private key in this state only: the key will be lost",
      "devices have their private keys in this state only: the keys will be lost",
    ),
    line(
      losses.certificates,
      "device certificate will be forgotten, with its private key",
      "device certificates will be forgotten, with their private keys",
    ),
    line(
      losses.cas,
      "CA will be forgotten: without its key nobody can renew its certificates",
      "CAs will be forgotten: without their keys nobody can renew their certificates",
    ),
    line(
      losses.pending,
      "claim will leave the state only: its device never connected, so nobody claimed it",
      "claims will leave the state only: their devices never connected, so nobody claimed them",
    ),
    ...(losses.others > 0
      ? [`  ${count(losses.others, "other resource will be deleted", "other resources will be deleted")}`]
      : []),
    line(
      losses.undeletableRules,
      "provisioning rule can't be deleted, as its id is not known: this fails until you delete it in the portal",
      "provisioning rules can't be deleted, as their ids are not known: this fails until you delete them in the portal",
    ),
    line(
      losses.keptCertificates,
      "just-in-time certificate will remain valid at nRF Cloud",
      "just-in-time certificates will remain valid at nRF Cloud",
    ),
    line(losses.keptClaims, "claim by token will remain", "claims by token will remain"),
    line(
      losses.kept,
      "device will remain in the account, because its set says `keepOnDestroy`",
      "devices will remain in the account, because their set says `keepOnDestroy`",
    ),
    line(
      losses.left,
      "device will not change: somebody else created it again, or the API key can't see it",
      "devices will not change: somebody else created them again, or the API key can't see them",
    ),
  ].filter((text) => text !== undefined);
  const most = deletedBy(losses);
  const headline =
    most === 0
      ? "No device will leave the account:"
      : `${count(most, "device")} will leave the account permanently:`;
  return [headline, ...lines].join("\n");
}

function line(subjects: readonly string[], one: string, many: string): string | undefined {
  return subjects.length === 0 ? undefined : `  ${count(subjects.length, one, many)} (${idText(subjects)})`;
}
