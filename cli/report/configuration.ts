/** The desired configuration of devices, compared with what they report. */
import type { DeviceConfig } from "../../provider/fleet/config.js";
import { devices } from "../../provider/reconcile/plan/summary/ids.js";
import { differencesIn, type Configuration, type Difference } from "../status/configuration.js";
import type { Changes } from "./changes.js";
import { number } from "./things.js";

/** The declared configuration of a device. */
export interface Desired {
  readonly id: string;
  readonly config: DeviceConfig;
  /** Whether the apply changes the configuration, so that the device can't report it yet. */
  readonly isChanged: boolean;
}

/** How many devices report their desired configuration. */
export type Agreement =
  | {
      readonly kind: "unread";
      /** The number of devices with a configuration. */
      readonly devices: number;
      readonly reason: string;
    }
  | {
      readonly kind: "read";
      readonly devices: number;
      /** The number of devices that report what is desired. */
      readonly reporting: number;
      /** The number of devices that the account does not show to the API key. */
      readonly hidden: number;
      readonly differences: readonly ReportedDifference[];
    };

/** Devices with the same differences. */
export interface ReportedDifference extends Difference {
  readonly isChanged: boolean;
}

/** Devices with a configuration that the stack has before and after. Without those that the preview does not name. */
export function desiredIn({ changes, unchanged }: Changes): readonly Desired[] {
  return [
    ...changes.flatMap(({ id, config, action, row }) => {
      const isChanged = action === "replace" || (row?.kind === "update" && row.fields.includes("config"));
      return config === undefined ? [] : [{ id, config, isChanged }];
    }),
    ...unchanged.flatMap(({ id, config }) =>
      config === undefined ? [] : [{ id, config, isChanged: false }],
    ),
  ];
}

export function unreadAgreement(desired: readonly Desired[], reason: string): Agreement | undefined {
  return desired.length === 0 ? undefined : { kind: "unread", devices: desired.length, reason };
}

export function agreementOf(desired: readonly Desired[], all: readonly Configuration[]): Agreement {
  const changed = new Set(desired.flatMap(({ id, isChanged }) => (isChanged ? [id] : [])));
  const differences = [true, false].flatMap((isChanged) =>
    differencesIn(all.filter(({ id }) => changed.has(id) === isChanged)).map((each) => ({
      ...each,
      isChanged,
    })),
  );
  const hidden = all.filter(({ isInAccount }) => !isInAccount).length;
  const differing = differences.reduce((sum, { ids }) => sum + ids.length, 0);
  return {
    kind: "read",
    devices: all.length,
    reporting: all.length - hidden - differing,
    hidden,
    differences: differences.sort((one, other) => other.ids.length - one.ids.length),
  };
}

/** The agreement in a sentence or two. */
export function agreementText(agreement: Agreement): string {
  const { devices: all } = agreement;
  if (agreement.kind === "unread") {
    const have = all === 1 ? "has" : "have";
    return `${devices(all)} ${have} a configuration. What ${all === 1 ? "it reports" : "they report"} was not read: ${agreement.reason}`;
  }
  const { reporting, hidden } = agreement;
  const report = reporting === 1 ? "reports" : "report";
  const unseen = hidden === 0 ? "" : ` The account does not show ${number(hidden)} of them to the API key.`;
  return `Of ${devices(all)} with a configuration, ${number(reporting)} ${report} what is desired.${unseen}`;
}

/** A sentence on devices with the same differences. */
export function differenceText({ ids, isChanged }: ReportedDifference): string {
  const one = ids.length === 1;
  if (isChanged) return `${devices(ids.length)} ${one ? "gets" : "get"} this by the apply`;
  return `${devices(ids.length)} ${one ? "does" : "do"} not report this`;
}
