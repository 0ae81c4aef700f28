import * as pulumi from "@pulumi/pulumi";
import type { ClaimSpec, TokenSource } from "../fleet/fleet.js";
import { AttestationClaim } from "./attestationClaim.js";
import { ClaimPreflight } from "./claimPreflight.js";
import { secretText } from "./secretSource.js";

/**
 * Declares the devices of a fleet that are claimed by attestation token, each named by its UUID.
 * @param preflight whether previews ask the service, once for all, if the devices can be claimed
 */
export function declareClaims(
  name: string,
  specs: readonly ClaimSpec[],
  preflight: boolean,
  options: pulumi.CustomResourceOptions,
): ReadonlyMap<string, AttestationClaim> {
  const tokens = new Map(specs.map((spec) => [spec.uuid, tokenOf(spec.token)]));
  const first =
    preflight && specs.length > 0
      ? new ClaimPreflight(`${name}-preflight`, { tokens: [...tokens.values()] }, options)
      : undefined;
  return new Map(
    specs.map(({ uuid, tags, adopt, unclaimOnDestroy }) => [
      uuid,
      new AttestationClaim(
        uuid,
        { token: tokens.get(uuid) ?? "", tags, unclaimOnDestroy, adopt: adopt === "keep" },
        first === undefined ? options : { ...options, dependsOn: first },
      ),
    ]),
  );
}

function tokenOf(source: TokenSource): pulumi.Output<string> {
  return source.kind === "csv" ? pulumi.secret(source.value) : secretText(source, "utf8");
}
