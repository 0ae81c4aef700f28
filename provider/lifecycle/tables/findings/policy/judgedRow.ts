import { isUnknown } from "../../../../engine/unknown.js";
import { isSigned } from "../../../../reconcile/plan/change.js";
import type { Step } from "../../../../reconcile/plan/step.js";
import type { TablePlan } from "../../../../reconcile/plan/tablePlan.js";
import type { RowRecord } from "../../../../reconcile/table/record.js";
import type { Row } from "../../../../reconcile/table/row.js";
import { readBrought, type Brought } from "./brought.js";
import type { DeclaredTable, RecordedTable } from "../../table.js";

/** A row with its credential after the plan. */
export interface JudgedRow {
  readonly id: string;
  readonly row: Row;
  readonly record: RowRecord | undefined;
  /** What the device brings. */
  readonly brought: Brought | undefined;
  /** What it brought before: PEM, secret. */
  readonly formerMaterial: string | undefined;
  /** The step that gives it another credential. `undefined`: it keeps its credential. */
  readonly gets: StepOf<"onboard" | "register"> | undefined;
  /** The step that issues its next credential, which is not registered yet. */
  readonly next: StepOf<"next"> | undefined;
}

type StepOf<Kind extends Step["kind"]> = Step & { readonly kind: Kind };

export function judgedRows(
  { declared, materials, isChosen }: DeclaredTable,
  { records, materials: former }: Pick<RecordedTable, "records" | "materials">,
  { rows }: Pick<TablePlan, "rows">,
): JudgedRow[] {
  return [...declared]
    .filter(([id]) => isChosen(id))
    .map(([id, row]) => {
      const steps = rows.get(id)?.steps ?? [];
      return {
        id,
        row,
        record: records.get(id),
        brought:
          row.way === "preconnect" && !isUnknown(materials)
            ? readBrought(row.credential.kind, materials.get(id))
            : undefined,
        formerMaterial: isUnknown(former) ? undefined : former.get(id),
        gets: steps.find(
          (step): step is NonNullable<JudgedRow["gets"]> =>
            step.kind === "onboard" || step.kind === "register",
        ),
        next: steps.find((step): step is NonNullable<JudgedRow["next"]> => step.kind === "next"),
      };
    });
}

export function isSignedHere(row: Row): boolean {
  return row.way === "preconnect" && isSigned(row.credential);
}

export function idsOf(rows: readonly JudgedRow[]): string[] {
  return rows.map(({ id }) => id);
}
