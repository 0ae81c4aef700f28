import { parseCsv, maximalRows } from "../devices/csv.js";
import { ApiError, invalid } from "../errors.js";
import type { Caller } from "../teams.js";
import { splitTags, tagProblems, type ClaimRequest } from "./bodies.js";
import { claimDevice, prepareClaim, type ClaimStore } from "./claiming.js";

/** The result of a bulk claim. */
export interface BulkClaim {
  readonly claimedIds: string[];
  /** Rows are counted from 0. */
  readonly failed: { readonly row: number; readonly code: number; readonly message: string }[];
}

/** Claims each row's device separately: a refused row does not stop the others. */
export const claimRows = (store: ClaimStore, caller: Caller, csv: string): BulkClaim =>
  eachRow(csv, (request) => claimDevice(store, caller, request).deviceId);

/** The same as a dry run. */
export function checkRows(store: ClaimStore, caller: Caller, csv: string): BulkClaim {
  const seen = new Set<string>();
  return eachRow(csv, (request) => {
    const { deviceId } = prepareClaim(store, caller, request);
    if (seen.has(deviceId)) throw invalid([`the device ${deviceId} is in an earlier row`]);
    seen.add(deviceId);
    return deviceId;
  });
}

function eachRow(csv: string, claim: (request: ClaimRequest) => string): BulkClaim {
  const result: BulkClaim = { claimedIds: [], failed: [] };
  for (const [row, request] of readRequests(csv).entries()) {
    try {
      const problems = tagProblems(request.tags);
      if (problems.length > 0) throw invalid(problems);
      result.claimedIds.push(claim(request));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      result.failed.push({ row, code: error.code, message: error.message });
    }
  }
  return result;
}

/** Rows of `"token"` or `"token","tag1,tag2"`. Throws 42200 if the file as a whole is not made of them. */
function readRequests(csv: string): ClaimRequest[] {
  const rows = parseCsv(csv);
  if (rows.length === 0) throw invalid(["the file has no rows"]);
  if (rows.length > maximalRows) {
    throw invalid([`the file has ${rows.length} rows, more than the ${maximalRows} allowed`]);
  }
  const problems = rows.flatMap((row, index) =>
    row.length > 2 || row[0] === "" ? [`row [${index}] is not "token" or "token","tags"`] : [],
  );
  if (problems.length > 0) throw invalid(problems);
  return rows.map(([token = "", tags = ""]) => ({ token, tags: [...new Set(splitTags(tags))] }));
}
