import type * as pulumi from "@pulumi/pulumi";
import type { CaSpec } from "../fleet/fleet.js";
import { CaCertificate } from "./caCertificate.js";
import { publicText, secretText } from "./secretSource.js";

/** Declares the CA of a fleet, with its secrets read from where the fleet file says they are kept. */
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
            password: withoutLineEnd(secretText(spec.password, "utf8")),
          },
          earlyRenewalHours,
        },
        options,
      );
  }
}

/** A password in a file usually ends with the line break of the editor that wrote it. */
function withoutLineEnd(password: pulumi.Output<string>): pulumi.Output<string> {
  return password.apply((value) => value.replace(/\r?\n$/, ""));
}
