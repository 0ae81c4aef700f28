import type { Row, RowCredential } from "../../table/row.js";
import { type Field, type RowChange, takesOut } from "../change.js";
import { CHANGES } from "./fieldWords.js";
import { devices } from "./ids.js";
import type { Sign } from "./sign.js";

interface DangerOfRow {
  /** 0 is the worst. */
  readonly rank: number;
  readonly sign: Sign;
  readonly title: (n: number) => string;
  readonly consequence: (n: number) => string;
}

export function dangersOf(change: RowChange): DangerOfRow[] {
  switch (change.kind) {
    case "replace":
      return [
        {
          rank: 1,
          sign: "-/+",
          title: (n) =>
            `${devices(n)} will be deleted and onboarded again, because ${changing(change.fields)}`,
          consequence: (n) =>
            n === 1
              ? "Its history in nRF Cloud is lost. It can't connect before it has its new certificate."
              : "Their history in nRF Cloud is lost. They can't connect before they have their new certificates.",
        },
      ];
    case "remove":
      return takesOut(change) ? [removalDanger(change.before)] : [];
    case "update":
      return updateDangers(change.after, change.fields);
    case "add":
      return change.after.adopt === "recertify"
        ? [
            {
              rank: 4,
              sign: "+",
              title: (n) =>
                change.adopted
                  ? `${devices(n)} will be adopted with a new certificate`
                  : `${devices(n)} will be onboarded, or adopted with a new certificate`,
              consequence: needsCertificate,
            },
          ]
        : [];
    case "same":
      return [];
  }
}

function changing(fields: readonly Field[]): string {
  return `${fields.join(" and ")} ${fields.length === 1 ? "changes" : "change"}`;
}

function needsCertificate(n: number): string {
  return n === 1 ? "It can't connect before it has it." : "They can't connect before they have it.";
}

function removalDanger(before: Row): DangerOfRow {
  switch (before.way) {
    case "preconnect":
      return {
        rank: 0,
        sign: "-",
        title: (n) => `${devices(n)} will be deleted`,
        consequence: (n) =>
          n === 1
            ? "nRF Cloud deletes its data and certificates. It can't connect any more."
            : "nRF Cloud deletes their data and certificates. They can't connect any more.",
      };
    case "jitp":
      return {
        rank: 2,
        sign: "-",
        title: (n) => `${devices(n)} will be released`,
        consequence: (n) =>
          n === 1
            ? "nRF Cloud keeps it. Anybody with its ownership code can claim it."
            : "nRF Cloud keeps them. Anybody with their ownership codes can claim them.",
      };
    case "attestation":
      return {
        rank: 0,
        sign: "-",
        title: (n) => `${devices(n)} will be unclaimed`,
        consequence: (n) =>
          n === 1
            ? "nRF Cloud deletes the onboarded device and its data. Any team can claim it."
            : "nRF Cloud deletes the onboarded devices and their data. Any team can claim them.",
      };
  }
}

function updateDangers(after: Row, fields: readonly Field[]): DangerOfRow[] {
  if (fields.includes("via")) {
    return [
      {
        rank: 3,
        sign: "~",
        title: (n) => `${devices(n)} will be ${WAYS[after.way]} instead`,
        consequence: (n) =>
          n === 1
            ? "The account keeps the device. What it needs to connect may change."
            : "The account keeps the devices. What they need to connect may change.",
      },
    ];
  }
  const certificate =
    after.way === "preconnect" ? certificateDanger(after.credential.kind, fields) : undefined;
  if (certificate === undefined) return [];
  const { rank, what } = certificate;
  return [
    {
      rank,
      sign: "~",
      title: (n) => `${devices(n)} will get ${what}`,
      consequence: needsCertificate,
    },
  ];
}

/** The certificate or key that devices get. Of several reasons, the one that changes most counts. */
function certificateDanger(
  kind: RowCredential["kind"],
  fields: readonly Field[],
): { readonly rank: number; readonly what: string } | undefined {
  if (fields.includes("credential") || fields.includes("rotation"))
    return { rank: 3, what: kind === "issue" ? "a new key and certificate" : "another certificate or key" };
  const reason = RENEWALS.find((field) => fields.includes(field));
  return reason && { rank: 4, what: `${CHANGES[reason]}, for the same key` };
}

const RENEWALS = ["ca", "validity", "renewal"] as const;

const WAYS: Readonly<Record<Row["way"], string>> = {
  preconnect: "onboarded",
  jitp: "claimed by ownership code",
  attestation: "claimed by attestation token",
};

export function isDanger(after: Row, field: Field): boolean {
  return updateDangers(after, [field]).length > 0;
}
