import { Ajv } from "ajv";
import { expect, it } from "vitest";
import schema from "../../schema/api/answers.schema.json";

it.each(Object.keys(schema.definitions))(
  "the form of the answer %s keeps to the rules of schemas",
  (name) => {
    const ajv = new Ajv({ strict: true, strictRequired: false }).addSchema(schema);
    expect(ajv.getSchema(`${schema.$id}#/definitions/${name}`)).toBeTypeOf("function");
  },
);
