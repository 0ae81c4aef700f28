import type * as pulumi from "@pulumi/pulumi";
import type { CaSpec, ExistingCaSpec } from "../fleet/fleet.js";
import { CaCertificate } from "./caCertificate.js";
import { publicText, secretPassword, secretText } from "./secretSource.js";

/** Declares the CA of a fleet, with its secrets read from the places that the fleet file names. */
export function declareCa(name: string, spec: CaSpec, options: pulumi.CustomResourceOptions): CaCertificate {
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
          earlyRenewalHours,
        },
        options,
      );
  }
}

function password({ password: source }: ExistingCaSpec): { readonly password?: pulumi.Output<string> } {
  return source === undefined ? {} : { password: secretPassword(source) };
}
