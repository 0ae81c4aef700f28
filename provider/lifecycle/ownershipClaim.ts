import { UNKNOWN } from "../engine/unknown.js";
import { DEFAULT_WAIT_SECONDS } from "../reconcile/table/row.js";
import { COMMON_INPUTS, commonInAccount, readCommon } from "./tables/single/commonInputs.js";
import { singleRow } from "./tables/single/singleRow.js";

/** A claim of a just-in-time device by its ownership code. Its id is the device id. */
export const ownershipClaim = singleRow({
  type: "OwnershipClaim",
  idInput: "deviceId",

  readRow(fields) {
    const id = fields.unknowable("deviceId", () => fields.requiredText("deviceId") ?? "");
    const isPartlyUnknown = [...COMMON_INPUTS, "deviceId", "subType", "name", "wait", "pending"].some((key) =>
      fields.isUnknown(key),
    );
    const common = readCommon(fields);
    const name = fields.text("name");
    const pending = fields.text("pending", (value) =>
      value === "allow" || value === "fail" ? undefined : 'must be "allow" or "fail"',
    );
    const waitSeconds =
      fields.number("wait", (value) =>
        Number.isInteger(value) && value >= 0 && value <= 3600
          ? undefined
          : "must be a whole number of seconds, 0 to 3600",
      ) ?? DEFAULT_WAIT_SECONDS;
    const code = fields.unknowable("ownershipCode", () => fields.requiredText("ownershipCode"));
    return {
      id,
      row: isPartlyUnknown
        ? UNKNOWN
        : {
            way: "jitp",
            ...common,
            subType: fields.text("subType"),
            name: name === id ? undefined : name,
            adopt: fields.has("adopt") ? "keep" : "no",
            issued: false,
            waitSeconds,
            pending: pending === "allow" ? "allow" : "fail",
          },
      material: code,
    };
  },

  inputsInAccount: (inputs, found) =>
    found.way === "jitp"
      ? {
          ...commonInAccount(inputs, found),
          name: found.name,
          subType: inputs.subType === undefined ? undefined : found.subType,
        }
      : inputs,
});
