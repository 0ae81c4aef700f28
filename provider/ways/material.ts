import type { Finding } from "../reconcile/plan/finding.js";
import type { Row } from "../reconcile/table/row.js";
import { tokenProblem } from "./attestation/token.js";
import { codeProblem } from "./jitp/code.js";
import { materialFinding, type MaterialContext } from "./preconnect/material.js";

/** The finding for the material of a device (PEM text, ownership code or token): a refusal, or a note. */
export function findingOfMaterial(
  id: string,
  row: Row,
  material: string | undefined,
  context: MaterialContext,
): Finding | undefined {
  switch (row.way) {
    case "preconnect":
      return materialFinding(id, row, material, context);
    case "jitp":
      return refusal(codeProblem(material));
    case "attestation":
      return refusal(tokenProblem(id, material));
  }
}

function refusal(text: string | undefined): Finding | undefined {
  return text === undefined ? undefined : { kind: "refuse", text };
}
