import * as pulumi from "@pulumi/pulumi";
import { resolveAmount, readAmount } from "../fleet/amount.js";
import type { DeclaredRow } from "./setInputs.js";

/**
 * The options of a set. A guarded set is a protected resource, so that the engine refuses to destroy it as a whole, even in a preview,
 * where the engine does not call the provider.
 *
 * @param maxDeletes as it is declared
 * @throws pulumi.RunError for an invalid limit or override
 */
export function guarded(
  rows: readonly DeclaredRow[],
  maxDeletes: number | string | undefined,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
  const limit = readAmount(maxDeletes);
  if (maxDeletes !== undefined && limit === undefined) {
    throw new pulumi.RunError(
      `maxDeletes is ${JSON.stringify(maxDeletes)}. Write a count such as 10, or a share such as "5%".`,
    );
  }
  const isProtected = rows.some(({ protect }) => protect);
  const most = Math.max(
    readAllowedDeletes() ?? 0,
    limit === undefined ? rows.length : resolveAmount(limit, rows.length),
  );
  return isProtected || rows.length > most ? { ...options, protect: true } : options;
}

/** The override for one operation. @throws pulumi.RunError if it is not a count */
function readAllowedDeletes(): number | undefined {
  const text = process.env.NRF_CLOUD_ALLOW_DELETES ?? new pulumi.Config("nrfcloud").get("allowDeletes") ?? "";
  if (text.trim() === "") return undefined;
  if (/^\d{1,6}$/.test(text.trim())) return Number(text);
  throw new pulumi.RunError(
    `NRF_CLOUD_ALLOW_DELETES (or nrfcloud:allowDeletes) is ${JSON.stringify(text)}, which is not a count. Write how many ` +
      "devices this operation may delete, replace or release, such as 40.",
  );
}
