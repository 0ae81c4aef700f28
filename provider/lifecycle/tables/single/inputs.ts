import { ExpectedError } from "../../../engine/errors.js";
import type { Fields } from "../../../engine/fields.js";
import type { LooseObject } from "../../../engine/outputs.js";
import type { Codec } from "../../../engine/resource.js";
import { isUnknown, type Unknowable } from "../../../engine/unknown.js";
import type { Row } from "../../../reconcile/table/row.js";
import { rowProblems } from "../../../reconcile/table/rowProblems.js";

/** One row as a resource of its own declares it. */
export interface DeclaredRow {
  readonly id: Unknowable<string>;
  readonly row: Unknowable<Row>;
  /** PEM text, ownership code or token. Secret. */
  readonly material: Unknowable<string | undefined>;
}

/** What differs between the resource types of one row. */
export interface SingleType {
  /** Such as `Device`. */
  readonly type: string;
  /** The input that names the device: another one is another resource. */
  readonly idInput: string;
  /** Reads the row; what is wrong is left in `fields.failures`. */
  readonly readRow: (fields: Fields) => DeclaredRow;
  /** The inputs that would declare a row as it was found. */
  readonly inputsInAccount: (inputs: LooseObject, found: Row) => LooseObject;
  /** More outputs, from what is declared. */
  readonly outputs?: (inputs: LooseObject) => LooseObject;
}

export interface SingleInputs {
  /** As the engine has them. */
  readonly bag: LooseObject;
  readonly declared: DeclaredRow;
}

/** Decodes what a program declares, and what is wrong with the row. */
export function singleInputs(single: SingleType): Codec<SingleInputs> {
  return {
    decode(fields) {
      const bag: LooseObject = Object.fromEntries(fields.keys().map((key) => [key, fields.raw(key)]));
      const declared = single.readRow(fields);
      const { id, row } = declared;
      if (!isUnknown(id) && !isUnknown(row) && fields.failures.length === 0)
        for (const problem of rowProblems(id, row)) fields.fail("", problem);
      return { bag, declared };
    },
    encode: ({ bag }) => bag,
  };
}

export function titleOf({ type }: SingleType, id: string): string {
  return `${type} ${id}`;
}

export function known({ declared }: SingleInputs): string {
  if (isUnknown(declared.id)) throw new ExpectedError("The id of the device must be known.");
  return declared.id;
}
