import * as pulumi from "@pulumi/pulumi";
import type { CodeSource, JitpSpec, SecretSource } from "../fleet/fleet.js";
import { codeFromList } from "../fleet/codeList.js";
import { parseOwnershipCode } from "../fleet/ownershipCode.js";
import type { Read } from "../fleet/sources.js";
import { JitpCertificate } from "./jitpCertificate.js";
import { OwnershipClaim } from "./ownershipClaim.js";
import { secretText } from "./secretSource.js";
import { withProtection } from "./withProtection.js";

/** Declares the just-in-time devices of a fleet: a claim each, and a certificate where the fleet asks for one. */
export function declareJitp(
  specs: readonly JitpSpec[],
  options: pulumi.CustomResourceOptions,
): {
  readonly claims: ReadonlyMap<string, OwnershipClaim>;
  readonly certificates: ReadonlyMap<string, JitpCertificate>;
} {
  const claims = new Map<string, OwnershipClaim>();
  const certificates = new Map<string, JitpCertificate>();
  for (const spec of specs) {
    const { deviceId } = spec;
    const ownershipCode = codeOf(spec.code, deviceId);
    const certificate = spec.certificate
      ? new JitpCertificate(`${deviceId}-certificate`, { deviceId, ownershipCode }, options)
      : undefined;
    if (certificate !== undefined) certificates.set(deviceId, certificate);
    claims.set(
      deviceId,
      new OwnershipClaim(
        deviceId,
        {
          deviceId,
          ownershipCode,
          tags: spec.tags,
          wait: spec.waitSeconds,
          pending: spec.pending,
          adopt: spec.adopt === "keep",
          ...(spec.subType === undefined ? {} : { subType: spec.subType }),
          ...(spec.name === undefined ? {} : { name: spec.name }),
        },
        withProtection(
          spec,
          certificate === undefined ? options : pulumi.mergeOptions(options, { dependsOn: certificate }),
        ),
      ),
    );
  }
  return { claims, certificates };
}

const lists = new WeakMap<SecretSource, pulumi.Output<string>>();

/** The text of a list of codes, read once for all the devices in it. */
function listText(from: SecretSource): pulumi.Output<string> {
  const text = lists.get(from) ?? secretText(from, "utf8");
  lists.set(from, text);
  return text;
}

function codeOf(source: CodeSource, deviceId: string): pulumi.Output<string> {
  const checked = (code: Read<string>): string => {
    if (code.ok) return code.value;
    throw new pulumi.RunError(`Ownership code of device ${deviceId}: ${code.message}. ${code.fix}.`);
  };
  switch (source.kind) {
    case "csv":
      return pulumi.secret(source.value);
    case "list":
      return listText(source.from).apply((list) => checked(codeFromList(list, source.deviceId)));
    case "config":
    case "env":
    case "file":
      return secretText(source, "utf8").apply((code) => checked(parseOwnershipCode(code)));
  }
}
