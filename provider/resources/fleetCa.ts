import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { CaSpec, SecretSource, TextSource } from "../fleet/fleet.js";
import { CaCertificate } from "./caCertificate.js";

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
          takeOver: { certificate: text(spec.certificate), privateKey: secret(spec.privateKey, "utf8") },
          earlyRenewalHours,
        },
        options,
      );
    case "pkcs12":
      return new CaCertificate(
        name,
        {
          takeOver: {
            pkcs12: secret(spec.pkcs12, "base64"),
            password: withoutLineEnd(secret(spec.password, "utf8")),
          },
          earlyRenewalHours,
        },
        options,
      );
  }
}

function text(source: TextSource): pulumi.Input<string> {
  return source.kind === "text" ? source.text : configuration(source.key).require(keyOf(source.key));
}

/** @param fileEncoding how to turn the bytes of a file into text */
function secret(source: SecretSource, fileEncoding: "utf8" | "base64"): pulumi.Output<string> {
  switch (source.kind) {
    case "config":
      return configuration(source.key).requireSecret(keyOf(source.key));
    case "env":
      return pulumi.secret(environment(source.name));
    case "file":
      return pulumi.secret(readFileSync(source.path).toString(fileEncoding));
  }
}

/** A password in a file usually ends with the line break of the editor that wrote it. */
function withoutLineEnd(password: pulumi.Output<string>): pulumi.Output<string> {
  return password.apply((value) => value.replace(/\r?\n$/, ""));
}

function environment(name: string): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new pulumi.RunError(`The environment variable ${name}, which the fleet refers to, is not set.`);
}

/** `key` belongs to the project, `namespace:key` to another namespace. */
function configuration(key: string): pulumi.Config {
  return key.includes(":") ? new pulumi.Config(key.slice(0, key.indexOf(":"))) : new pulumi.Config();
}

function keyOf(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}
