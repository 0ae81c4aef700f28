import type { Fields } from "../engine/fields.js";
import { UNKNOWN, type Unknowable } from "../engine/unknown.js";
import { parseAttestationToken, type AttestationToken } from "../pki/attestationToken.js";
import { readRotation, readSecurityTag } from "./rotation.js";
import { COMMON_INPUTS, commonInAccount, readCommon } from "./tables/single/commonInputs.js";
import { singleRow } from "./tables/single/singleRow.js";

/** A claim of a device by its attestation token. Its id is the UUID in the token, so that a new token of the same device is not a change. */
export const attestationClaim = singleRow({
  type: "AttestationClaim",
  idInput: "token",

  readRow(fields) {
    const token = readToken(fields);
    const isPartlyUnknown = [...COMMON_INPUTS, "token", "rotation"].some((key) => fields.isUnknown(key));
    const common = readCommon(fields);
    const rotation = readRotation(fields);
    const securityTag = readSecurityTag(fields);
    return {
      id: token === UNKNOWN ? UNKNOWN : (token?.deviceUuid ?? ""),
      row: isPartlyUnknown
        ? UNKNOWN
        : {
            way: "attestation",
            ...common,
            adopt: fields.flag("adopt") === true ? "keep" : "no",
            unclaim: fields.flag("unclaimOnDestroy") === true,
            rotation,
            securityTag,
          },
      material: fields.unknowable("token", () => fields.requiredText("token")),
    };
  },

  inputsInAccount: commonInAccount,

  outputs({ token }) {
    if (typeof token !== "string") return {};
    const { deviceUuid, deviceType, firmwareUuid } = parseAttestationToken(token);
    return { deviceUuid, deviceType: deviceType.name, firmwareUuid };
  },
});

function readToken(fields: Fields): Unknowable<AttestationToken | undefined> {
  return fields.unknowable("token", () => {
    const text = fields.requiredText("token");
    return text === undefined ? undefined : fields.attempt("token", () => parseAttestationToken(text));
  });
}
