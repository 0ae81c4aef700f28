import * as pulumi from "@pulumi/pulumi";
import type { DeviceRow } from "./deviceRow.js";
import { checkRow } from "./rowChecks.js";
import { lineOf, materialOf, publicPart, type KnownRow } from "./rows.js";

/** A row as inputs for the engine. */
export interface DeclaredRow {
  readonly id: string;
  /** The readable text of the row; an output only if the row contains outputs. */
  readonly line: pulumi.Input<string>;
  /** PEM, ownership code or token. Secret. */
  readonly material: pulumi.Input<string | undefined>;
  readonly protect: boolean;
}

/** Plain rows are read synchronously, since ten thousand outputs would be slow. @throws pulumi.RunError */
export function declareRow(id: string, row: pulumi.Input<DeviceRow>): DeclaredRow {
  if (isLater(row)) {
    const known = pulumi.output(row).apply((each) => {
      checkRow(id, each);
      return each;
    });
    return {
      id,
      line: known.apply((each) => lineOf(id, each)),
      material: known.apply((each) => materialOf(each)),
      protect: false,
    };
  }
  checkRow(id, row);
  const shown = publicPart(row);
  return {
    id,
    line: isPlain(shown) ? lineOf(id, shown) : pulumi.output(shown).apply((each) => lineOf(id, each)),
    material: materialOf(row),
    protect: row.protect === true,
  };
}

/** The material of all rows as one secret string; `undefined` without any. */
export function materialsOf(rows: readonly DeclaredRow[]): pulumi.Output<string> | undefined {
  const bringing = rows.filter(({ material }) => material !== undefined);
  if (bringing.length === 0) return undefined;
  const later = bringing.filter(({ material }) => isLater(material));
  const all = pulumi.all(
    later.map(({ id, material }) => pulumi.output(material).apply((text) => [id, text] as const)),
  );
  return pulumi.secret(
    all.apply((pairs) => {
      const known = new Map(pairs);
      const materials = bringing.flatMap(({ id, material }) => {
        const text = typeof material === "string" ? material : known.get(id);
        return text === undefined ? [] : [[id, text] as const];
      });
      return JSON.stringify(Object.fromEntries(materials.sort(([one], [other]) => (one < other ? -1 : 1))));
    }),
  );
}

function isLater<T>(value: pulumi.Input<T>): value is Promise<T> | pulumi.OutputInstance<T> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function isPlain(value: unknown): value is KnownRow {
  if (typeof value !== "object" || value === null) return true;
  return !isLater(value) && Object.values(value).every(isPlain);
}
