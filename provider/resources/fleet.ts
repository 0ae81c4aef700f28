import * as pulumi from "@pulumi/pulumi";
import type { CertificateTerm, DeviceSpec, Fleet as ResolvedFleet, FleetDefinition } from "../fleet/fleet.js";
import { loadFleetDefinition, loadFleetFile } from "../fleet/disk.js";
import { FleetFileError } from "../fleet/problems.js";
import type { AttestationClaim } from "./attestationClaim.js";
import { requireApiKey } from "./apiKey.js";
import type { CaCertificate } from "./caCertificate.js";
import { Device, type DeviceCredential } from "./device.js";
import { declareCa } from "./fleetCa.js";
import { declareClaims } from "./fleetClaims.js";
import { declareGuard } from "./fleetGuard.js";
import { declareJitp } from "./fleetJitp.js";
import { decodeToken } from "./fleetTokens.js";
import type { JitpCertificate } from "./jitpCertificate.js";
import type { OwnershipClaim } from "./ownershipClaim.js";
import { becomesFleet } from "./resource.js";
import { withProtection } from "./withProtection.js";
import { withoutStackTraces } from "./withoutStackTraces.js";

/** A fleet file, or the same content as an object. */
export type FleetArgs = (
  | {
      /** Path of the fleet file, from the folder of the program. */
      readonly file: string;
    }
  | { readonly definition: FleetDefinition }
) & {
  /** Whether previews ask the service, by one dry run for all, if devices can be claimed by their tokens. Default `false`. */
  readonly preflight?: boolean;
};

/**
 * A whole fleet: its CA and its devices, from a fleet file. Everything that is wrong with the file is reported at once,
 * before the engine registers anything. Each device is a resource of its own, named by its id, so that a preview shows
 * every one that changes.
 */
export class Fleet extends pulumi.ComponentResource {
  /** The CA that signs the certificates issued in this fleet; `undefined` when every device brings its own. */
  readonly ca: CaCertificate | undefined;
  /** The devices that are onboarded with a certificate of your own, by their id. */
  readonly devices: ReadonlyMap<string, Device>;
  /** The claims of devices by attestation token, by the devices' UUIDs. */
  readonly attestationClaims: ReadonlyMap<string, AttestationClaim>;
  /** The claims of just-in-time devices, by device id. */
  readonly claims: ReadonlyMap<string, OwnershipClaim>;
  /** The certificates that nRF Cloud issues for just-in-time devices, where the fleet asks for them, by device id. */
  readonly jitpCertificates: ReadonlyMap<string, JitpCertificate>;

  /** @throws pulumi.RunError naming every problem of the fleet file with its line, column and remedy */
  constructor(name: string, args: FleetArgs, options: pulumi.ComponentResourceOptions = {}) {
    const fleet = resolve(args);
    requireApiKey();
    super("nrfcloud:index:Fleet", name, {}, options);
    becomesFleet(this, name);
    const declared = withoutStackTraces(() => this.declare(name, fleet, args.preflight === true));
    this.ca = declared.ca;
    this.devices = declared.devices;
    this.attestationClaims = declared.attestationClaims;
    this.claims = declared.claims;
    this.jitpCertificates = declared.jitpCertificates;
    this.registerOutputs({
      devices: this.devices.size + this.claims.size + this.attestationClaims.size,
    });
  }

  private declare(name: string, fleet: ResolvedFleet, preflight: boolean) {
    const guard = declareGuard(name, fleet, { parent: this });
    const { options } = guard;
    const ca = fleet.ca && declareCa(`${name}-ca`, fleet.ca, { parent: this });
    const devices = new Map(
      fleet.devices.map((spec) => [
        spec.deviceId,
        new Device(spec.deviceId, deviceArgs(spec, ca, fleet.certificates), withProtection(spec, options)),
      ]),
    );
    const { claims, certificates } = declareJitp(fleet.jitp, options);
    const attestationClaims = declareClaims(name, fleet.claims, preflight, options);
    guard.seal([...devices.values(), ...claims.values(), ...attestationClaims.values()]);
    return { ca, devices, claims, jitpCertificates: certificates, attestationClaims };
  }
}

function resolve(args: FleetArgs): ResolvedFleet {
  try {
    return "file" in args
      ? loadFleetFile(args.file, decodeToken)
      : loadFleetDefinition(args.definition, decodeToken);
  } catch (error) {
    // Pulumi prints a RunError without its stack.
    throw error instanceof FleetFileError
      ? new pulumi.RunError(`The fleet can't be used:\n${error.message}`)
      : error;
  }
}

function deviceArgs(
  spec: DeviceSpec,
  ca: CaCertificate | undefined,
  term: CertificateTerm,
): ConstructorParameters<typeof Device>[1] {
  const credential = credentialOf(spec, ca, term);
  return {
    deviceId: spec.deviceId,
    tags: spec.tags,
    firmwareTypes: spec.firmwareTypes,
    ...(spec.subType === undefined ? {} : { subType: spec.subType }),
    ...(spec.name === undefined ? {} : { name: spec.name }),
    ...(spec.adopt === "no" ? {} : { adopt: spec.adopt === "keep" ? true : spec.adopt }),
    ...(credential === undefined ? {} : { credential }),
  };
}

function credentialOf(
  { credential }: DeviceSpec,
  ca: CaCertificate | undefined,
  term: CertificateTerm,
): DeviceCredential | undefined {
  switch (credential.kind) {
    case "certificate":
      return { certificate: credential.certificate };
    case "publicKey":
      return { publicKey: credential.publicKey };
    case "existing":
      return undefined;
    case "issue":
    case "csr":
      // The fleet file was refused if it lets a certificate be issued without a CA.
      return (
        ca && { ca, ...unlessDefault(term), ...(credential.kind === "csr" ? { csr: credential.csr } : {}) }
      );
  }
}

/** Defaults are left out of ten thousand inputs. */
function unlessDefault({ validityDays, earlyRenewalHours }: CertificateTerm): Partial<CertificateTerm> {
  return {
    ...(validityDays === DEFAULT_TERM.validityDays ? {} : { validityDays }),
    ...(earlyRenewalHours === DEFAULT_TERM.earlyRenewalHours ? {} : { earlyRenewalHours }),
  };
}

const DEFAULT_TERM: CertificateTerm = { validityDays: 3650, earlyRenewalHours: 0 };
