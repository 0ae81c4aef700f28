import * as pulumi from "@pulumi/pulumi";
import type { Fleet as ResolvedFleet } from "../fleet/fleet.js";
import type { FleetDefinition } from "../fleet/definition.js";
import { loadFleetDefinition, loadFleetFile } from "../fleet/disk.js";
import { policyDefinition } from "../fleet/policy.js";
import { amountText } from "../fleet/amount.js";
import type { TargetedRollout } from "../fleet/rollout.js";
import { FleetFileError, formatProblem } from "../fleet/problems.js";
import { checkArgs } from "./args.js";
import type { CaCertificate } from "./caCertificate.js";
import { DeviceSet } from "./deviceSet.js";
import type { RolloutArgs } from "./rolloutArgs.js";
import { declareCa } from "./fleetCa.js";
import { fleetContents } from "./fleetContents.js";
import { rowsOf } from "./fleetRows.js";
import { JournalKey } from "./journalKey.js";

/** A fleet file, or the same content as an object. Exactly one of these. */
export type FleetArgs =
  /** From a file. */
  | {
      /** The path of the fleet file, from the folder of the program. */
      readonly file: string;
    }
  /** From an object. */
  | {
      /** The content of a fleet file. Relative paths in it start at the folder of the program. */
      readonly definition: FleetDefinition;
    };

/**
 * A whole fleet from a fleet file: a CaCertificate, a JournalKey and one DeviceSet with a row for each device. All problems of the
 * file are reported at once, before the engine registers anything. [fleet-file.md](../fleet-file.md) describes the file.
 *
 * @example
 * ```ts
 * import { Fleet } from "pulumi-nrfcloud";
 *
 * const fleet = new Fleet("lab", { file: "fleet.yaml" });
 * export const devices = fleet.size;
 * export const certificate = fleet.devices.device("lab-001").certificate;
 * ```
 *
 * @create Creates the CA, the journal key and the set: see their pages.
 * @refresh As the set.
 * @update As the set and the CA.
 * @delete As the set, then the journal key, then the CA.
 * @errors
 * - The fleet file has problems: the error has one line for each, with file, line, column and fix.
 * @operations Those of the DeviceSet.
 */
export class Fleet extends pulumi.ComponentResource {
  /** The CA that signs certificates of this fleet; `undefined` where every device brings its own. */
  readonly ca: CaCertificate | undefined;
  /** The CA that is to replace `ca`; `undefined` where none is declared. */
  readonly nextCa: CaCertificate | undefined;
  /** The key that seals the journal. */
  readonly journal: JournalKey;
  /** The devices, whichever way they are added. */
  readonly devices: DeviceSet;
  /** How many devices the fleet declares. */
  readonly size: number;

  /** @throws pulumi.RunError naming every problem of the fleet file with its line, column and remedy */
  constructor(name: string, args: FleetArgs, options: pulumi.ComponentResourceOptions = {}) {
    const fleet = resolve(name, args);
    super("nrfcloud:index:Fleet", name, {}, options);
    const parent = { parent: this };
    for (const remark of fleet.remarks ?? []) void pulumi.log.warn(formatProblem(remark), this);
    const rows = rowsOf(fleet);
    this.ca = fleet.ca && declareCa(name, fleet.ca, parent);
    this.nextCa = fleet.nextCa && declareCa(name, fleet.nextCa, parent);
    const cas = [this.ca, this.nextCa].filter((ca) => ca !== undefined);
    // With this dependency, a destroy deletes the journal key before the CA, which unfinished work may still need.
    this.journal = new JournalKey(`${name}-journal`, {
      ...parent,
      ...(cas.length === 0 ? {} : { dependsOn: cas }),
    });
    this.devices = new DeviceSet(
      name,
      {
        devices: rows,
        journal: this.journal,
        validityDays: fleet.certificates.validityDays,
        earlyRenewalHours: fleet.certificates.earlyRenewalHours,
        ...(fleet.certificates.profile === undefined ? {} : { profile: fleet.certificates.profile }),
        ...(this.ca === undefined ? {} : { ca: this.ca }),
        ...(this.nextCa === undefined ? {} : { nextCa: this.nextCa }),
        ...(fleet.policy === undefined ? {} : { policy: policyDefinition(fleet.policy) }),
        rollout: fleet.rollouts.map(rolloutArgs),
        ...(fleet.maxDeletes === undefined ? {} : { maxDeletes: amountText(fleet.maxDeletes) }),
      },
      parent,
    );
    this.size = Object.keys(rows).length;
    this.registerOutputs({ devices: this.size });
  }
}

function rolloutArgs({ rollout: { first, batch, stopAfter }, ids }: TargetedRollout): RolloutArgs {
  return {
    first: amountText(first),
    ...(batch === undefined ? {} : { batch: amountText(batch) }),
    stopAfter: amountText(stopAfter),
    ...(ids === undefined ? {} : { ids }),
  };
}

function resolve(name: string, args: FleetArgs | undefined): ResolvedFleet {
  const contents = fleetContents(new Date());
  const subject = `Fleet ${name}`;
  if (args !== undefined) checkArgs(subject, args, { file: "optional", definition: "optional" });
  if (args !== undefined && "file" in args && "definition" in args)
    throw new pulumi.RunError(`${subject} has both file and definition. Give it only one of the two.`);
  try {
    if (args !== undefined && "file" in args) return loadFleetFile(args.file, contents);
    if (args !== undefined && "definition" in args) return loadFleetDefinition(args.definition, contents);
  } catch (error) {
    // Pulumi prints a RunError without its stack.
    throw error instanceof FleetFileError
      ? new pulumi.RunError(`The provider can't use the fleet:\n${error.message}`)
      : error;
  }
  throw new pulumi.RunError(
    `${subject} has neither file nor definition. Give it one: { file: "fleet.yaml" }.`,
  );
}
