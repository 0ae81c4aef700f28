import { ExpectedError } from "../engine/errors.js";
import type { Fields } from "../engine/fields.js";
import type { LooseObject } from "../engine/outputs.js";
import type { Codec } from "../engine/resource.js";
import { type CaKey, encodeSigner, readSigner, type SignerDescription } from "../signers/description.js";
import { encodeCaInputs, type Generate, readCaInputs } from "./caInputs.js";

export interface CaState {
  /** The inputs. Of a CA that was taken over only the renewal window, because the rest is secret. */
  readonly declared: Generate | { readonly kind: "existing" | "outside"; readonly earlyRenewalHours: number };
  readonly certificate: string;
  readonly key: CaKey;
  /** PEM: the certificates above the CA, in order. */
  readonly chain: string | undefined;
  readonly publicKey: string | undefined;
  readonly commonName: string | undefined;
  readonly serial: string | undefined;
  readonly subjectKeyId: string | undefined;
  readonly validFrom: string | undefined;
  readonly validUntil: string;
  readonly renewAfter: string;
}

export function caStateCodec(): Codec<CaState> {
  return {
    decode(fields: Fields): CaState {
      const certificate = fields.text("certificate");
      const privateKey = fields.text("privateKey");
      const validUntil = fields.text("validUntil");
      const given = fields.nested("signer");
      const signer = given === undefined ? undefined : readSigner(given);
      const key = keyFrom(privateKey, signer);
      if (certificate === undefined || key === undefined || validUntil === undefined) {
        throw new ExpectedError(
          "The state of the CA lacks its certificate or key. Restore an earlier state (`pulumi stack export --version`), " +
            "or declare the CA with `takeOver` from your own copy of it.",
        );
      }
      const inputs = fields.has("subject") ? readCaInputs(fields) : undefined;
      const earlyRenewalHours = fields.number("earlyRenewalHours") ?? 0;
      return {
        declared:
          inputs?.kind === "generate"
            ? inputs
            : { kind: key.kind === "outside" ? "outside" : "existing", earlyRenewalHours },
        certificate,
        key,
        chain: fields.text("chain"),
        publicKey: fields.text("publicKey"),
        commonName: fields.text("commonName"),
        serial: fields.text("serial"),
        subjectKeyId: fields.text("subjectKeyId"),
        validFrom: fields.text("validFrom"),
        validUntil,
        renewAfter: fields.text("renewAfter") ?? validUntil,
      };
    },
    encode({ declared, key, ...others }: CaState): LooseObject {
      const inputs =
        declared.kind === "generate"
          ? encodeCaInputs(declared)
          : { earlyRenewalHours: declared.earlyRenewalHours };
      const keyOrSigner =
        key.kind === "held" ? { privateKey: key.privateKeyPem } : { signer: encodeSigner(key.signer) };
      return { ...inputs, ...others, ...keyOrSigner };
    },
  };
}

function keyFrom(
  privateKeyPem: string | undefined,
  signer: SignerDescription | undefined,
): CaKey | undefined {
  if (signer !== undefined) return { kind: "outside", signer };
  return privateKeyPem === undefined ? undefined : { kind: "held", privateKeyPem };
}
