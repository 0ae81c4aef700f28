import { ExpectedError } from "../../../engine/errors.js";
import { Fields } from "../../../engine/fields.js";
import type { LooseObject } from "../../../engine/outputs.js";
import type { Codec } from "../../../engine/resource.js";
import { isUnknown, type Unknowable } from "../../../engine/unknown.js";
import type { Row } from "../../../reconcile/table/row.js";
import { rowProblems } from "../../../reconcile/table/rowProblems.js";
import { readSigningCa } from "../../../signers/description.js";
import { readTerm, type IssueTerm } from "../../issue.js";
import type { DeclaredTable } from "../table.js";

/** The row that a single resource declares. */
export interface DeclaredRow {
  readonly id: Unknowable<string>;
  readonly row: Unknowable<Row>;
  /** PEM text, ownership code or token. Secret. */
  readonly material: Unknowable<string | undefined>;
}

/** The differences between the resource types of one row. */
export interface SingleType {
  /** Such as `Device`. */
  readonly type: string;
  /** The input that identifies the device. Another value replaces the resource. */
  readonly idInput: string;
  /** Reads the row. Problems are in `fields.failures`. */
  readonly readRow: (fields: Fields) => DeclaredRow;
  /** The inputs that would declare a row as the account has it. */
  readonly inputsInAccount: (inputs: LooseObject, found: Row) => LooseObject;
  /** More outputs, from the inputs. */
  readonly outputs?: (inputs: LooseObject) => LooseObject;
}

export interface SingleInputs {
  /** The inputs in the form of the engine. */
  readonly bag: LooseObject;
  readonly declared: DeclaredRow;
  readonly terms: Terms;
}

/** The CAs and the validity for the row, and the key of its journal. */
type Terms = IssueTerm & Pick<DeclaredTable, "ca" | "nextCa" | "journalKey">;

/** Decodes the inputs, and checks the row. */
export function singleInputs(single: SingleType): Codec<SingleInputs> {
  return {
    decode(fields) {
      const bag: LooseObject = Object.fromEntries(fields.keys().map((key) => [key, fields.raw(key)]));
      const inputs = readInputs(single, bag, fields);
      const { id, row } = inputs.declared;
      if (!isUnknown(id) && !isUnknown(row) && fields.failures.length === 0)
        for (const problem of rowProblems(id, row)) fields.fail("", problem);
      return inputs;
    },
    encode: ({ bag }) => bag,
  };
}

/** Reads the inputs. Problems are in `fields.failures`. */
export function readInputs(single: SingleType, bag: LooseObject, fields = new Fields(bag)): SingleInputs {
  const declared = single.readRow(fields);
  // Both read the credential, and each problem of it is reported once.
  const terms = readTerms(fields.failures.length === 0 ? fields : new Fields(bag));
  return { bag, declared, terms };
}

function readTerms(fields: Fields): Terms {
  return {
    ca: readSigningCa(fields),
    nextCa: readSigningCa(fields, "nextCa"),
    journalKey: fields.unknowable("journalKey", () => fields.text("journalKey")),
    ...readTerm(fields.nested("credential") ?? fields),
  };
}

export function titleOf({ type }: SingleType, id: string): string {
  return `${type} ${id}`;
}

export function known({ declared }: SingleInputs): string {
  if (isUnknown(declared.id)) throw new ExpectedError("The id of the device must be known.");
  return declared.id;
}
