import * as pulumi from "@pulumi/pulumi";
import type { ClaimSpec, TokenSource } from "../fleet/fleet.js";
import { AttestationClaim } from "./attestationClaim.js";
import { ClaimPreflight } from "./claimPreflight.js";
import { decodeToken } from "./fleetTokens.js";
import { secretText } from "./secretSource.js";
import { withProtection } from "./withProtection.js";

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
  const tokens = new Map(specs.map((spec) => [spec.uuid, tokenOf(spec.token, spec.uuid)]));
  const first =
    preflight && specs.length > 0
      ? new ClaimPreflight(`${name}-preflight`, { tokens: [...tokens.values()] }, options)
      : undefined;
  return new Map(
    specs.map((spec) => {
      const { uuid, tags, adopt, unclaimOnDestroy } = spec;
      const claim = new AttestationClaim(
        uuid,
        { token: tokens.get(uuid) ?? "", tags, unclaimOnDestroy, adopt: adopt === "keep" },
        withProtection(
          spec,
          first === undefined ? options : pulumi.mergeOptions(options, { dependsOn: first }),
        ),
      );
      return [uuid, claim];
    }),
  );
}

/** What could not be read with the fleet is only known now, and must be the device that it was declared to be. */
function tokenOf(source: TokenSource, uuid: string): pulumi.Output<string> {
  if (source.kind === "csv") return pulumi.secret(source.value);
  return secretText(source, "utf8").apply((token) => {
    const read = decodeToken(token);
    if (!read.ok)
      throw new pulumi.RunError(`Attestation token of device ${uuid}: ${read.message}. ${read.fix}.`);
    if (read.value.uuid === uuid) return token;
    throw new pulumi.RunError(
      `The attestation token of device ${uuid} is that of device ${read.value.uuid}. Correct one of the two in the fleet.`,
    );
  });
}
