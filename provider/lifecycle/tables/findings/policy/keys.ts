import { describeCertificate } from "../../../../pki/certificate.js";
import { sameCredential } from "../../../../reconcile/plan/change.js";
import { refuse } from "../../../../reconcile/plan/finding.js";
import type { TableFinding } from "../../../../reconcile/plan/tablePlan.js";
import type { DeclaredTable } from "../../table.js";
import { readBrought } from "./brought.js";
import { idsOf, isSignedHere, type JudgedRow } from "./judgedRow.js";

export function keyFindings(
  { earlyRenewalHours }: DeclaredTable,
  rows: readonly JudgedRow[],
): TableFinding[] {
  const findings: TableFinding[] = [];
  if (earlyRenewalHours > 0 && rows.some(({ row }) => isSignedHere(row))) {
    findings.push({
      ...refuse(
        "`earlyRenewalHours` renews certificates for the same key, and the policy forbids that (`keyReuse: false`). Remove it, and order " +
          "new keys by another generation (`rotation`).",
      ),
      ids: [],
    });
  }
  const keptKey = rows.filter(keepsKey);
  if (keptKey.length > 0) {
    findings.push({
      ...refuse(
        "These devices would get new certificates for the keys that they have, and the policy forbids that (`keyReuse: false`). Declare " +
          "another generation (`rotation`); for devices that bring a CSR or certificate, give one with a new key.",
      ),
      ids: idsOf(keptKey),
    });
  }
  const shared = sharedKeys(rows);
  if (shared.length > 0) {
    findings.push({
      ...refuse(
        "Some of these devices have the same public key, and the policy forbids that (`keyReuse: false`). Give each device its own key.",
      ),
      ids: shared,
    });
  }
  return findings;
}

/** Whether a row gets another certificate, or a next one, for the key that it has. */
function keepsKey({ row, record, brought, formerMaterial, gets: registers, next }: JudgedRow): boolean {
  const gets = registers ?? next;
  if (row.way !== "preconnect" || gets === undefined) return false;
  if (gets.credential.kind === "same key") return true;
  // The next certificate may be older than the policy.
  if (gets.credential.kind === "next")
    return (
      keyOf(record?.certificate) !== undefined &&
      keyOf(record?.certificate) === keyOf(record?.rotation?.next?.certificate)
    );
  const before = record?.row?.way === "preconnect" ? record.row.credential : undefined;
  if (before === undefined || brought === undefined) return false;
  // A certificate that is sent again after an interruption is not another one.
  const isSameOrder = record?.row?.way === "preconnect" && sameCredential(record.row, row);
  const isAnother = gets.credential.kind === "new" || !isSameOrder;
  const formerKey = keyOf(record?.certificate) ?? readBrought(before.kind, formerMaterial)?.publicKey;
  return isAnother && formerKey !== undefined && formerKey === brought.publicKey;
}

function keyOf(certificate: string | undefined): string | undefined {
  return certificate && describeCertificate(certificate).publicKeyPem;
}

/** The devices that have the same key as another. Generated keys always differ, so only keys that devices bring can be shared. */
function sharedKeys(rows: readonly JudgedRow[]): string[] {
  const holders = new Map<string, string[]>();
  const add = (key: string | undefined, id: string) => {
    if (key === undefined) return;
    const ids = holders.get(key);
    if (ids === undefined) holders.set(key, [id]);
    else ids.push(id);
  };
  for (const { id, brought } of rows) add(brought?.publicKey, id);
  if (holders.size === 0) return [];
  for (const { id, row, record, gets } of rows) {
    const isGenerated = row.way === "preconnect" && row.credential.kind === "issue";
    if (isGenerated && record?.certificate !== undefined && gets?.credential.kind !== "new")
      add(describeCertificate(record.certificate).publicKeyPem, id);
  }
  return [...holders.values()].flatMap((ids) => (ids.length > 1 ? ids : []));
}
