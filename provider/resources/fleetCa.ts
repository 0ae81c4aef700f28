import path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { SecretSource } from "../fleet/sources/secretSource.js";
import type { CaSpec, ExistingCaSpec, SignerSpec } from "../fleet/caSpec.js";
import { CaCertificate } from "./caCertificate.js";
import { projectOfProgram } from "./project.js";
import { publicText, secretPassword, secretText } from "./secretSource.js";
import type { SecretReference, SignerArgs } from "./signingCa.js";

/**
 * Declares a CA of a fleet, and reads its secrets. The resource's name depends only on the CA's name, so that the next CA keeps its key
 * when it becomes the present one.
 */
export function declareCa(fleet: string, spec: CaSpec, options: pulumi.CustomResourceOptions): CaCertificate {
  const name = spec.name === undefined ? `${fleet}-ca` : `${fleet}-ca-${spec.name}`;
  const { earlyRenewalHours } = spec;
  switch (spec.kind) {
    case "generate":
      return new CaCertificate(
        name,
        { subject: spec.subject, validityDays: spec.validityDays, earlyRenewalHours },
        options,
      );
    case "pem":
      return new CaCertificate(
        name,
        {
          takeOver: {
            certificate: publicText(spec.certificate),
            privateKey: secretText(spec.privateKey, "utf8"),
            ...password(spec),
          },
          ...chain(spec),
          earlyRenewalHours,
        },
        options,
      );
    case "signer":
      return new CaCertificate(
        name,
        {
          certificate: publicText(spec.certificate),
          signer: signerOf(spec.signer),
          ...chain(spec),
          earlyRenewalHours,
        },
        options,
      );
    case "pkcs12":
      return new CaCertificate(
        name,
        {
          takeOver: {
            pkcs12: secretText(spec.pkcs12, "base64"),
            ...password(spec),
          },
          ...chain(spec),
          earlyRenewalHours,
        },
        options,
      );
  }
}

function chain({ chain: text }: { readonly chain?: string }): { readonly chain?: string } {
  return text === undefined ? {} : { chain: text };
}

function signerOf(spec: SignerSpec): SignerArgs {
  const { kind: _, ...args } = spec;
  if ("command" in args) return args;
  const { uri, module, pin, ...pace } = args;
  return { pkcs11: { uri, module, ...(pin === undefined ? {} : { pin: referenceTo(pin) }) }, ...pace };
}

/** File paths are relative to the project's folder, so that the state is the same on all machines. */
function referenceTo(source: SecretSource): SecretReference {
  switch (source.kind) {
    case "env":
      return { env: source.name };
    case "config":
      return { config: source.key };
    case "file":
      return { file: path.relative(projectOfProgram(), path.resolve(source.path)) };
  }
}

function password({ password: source }: ExistingCaSpec): { readonly password?: pulumi.Output<string> } {
  return source === undefined ? {} : { password: secretPassword(source) };
}
