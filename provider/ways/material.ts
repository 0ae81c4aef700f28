import type { Row } from "../reconcile/table/row.js";
import { tokenProblem } from "./attestation/token.js";
import { codeProblem } from "./jitp/code.js";
import { materialProblem } from "./preconnect/material.js";

/** Why what a device brings (PEM, ownership code or token) does not do; `undefined` where it does. */
export function problemOfMaterial(
  id: string,
  row: Row,
  material: string | undefined,
  now: Date,
): string | undefined {
  switch (row.way) {
    case "preconnect":
      return materialProblem(id, row, material, now);
    case "jitp":
      return codeProblem(material);
    case "attestation":
      return tokenProblem(id, material);
  }
}
