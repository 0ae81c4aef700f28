import * as pulumi from "@pulumi/pulumi";
import type { Fleet } from "../fleet/fleet.js";
import { holdingsOf, idText, sizeOf, type Holdings } from "../fleet/holdings.js";
import { limitText, mostDeletes } from "../fleet/maxDeletes.js";
import { NrfCloudResource } from "./resource.js";

/**
 * Compares the fleet as it was with the fleet as it is declared, before any device is touched, and tells in a preview
 * what the account already has of it.
 */
class FleetGuard extends NrfCloudResource {
  constructor(name: string, args: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    super("FleetGuard", "fleet-guard", name, args, options);
  }
}

/**
 * Keeps a destroy off: it depends on every device, so it would have to go before them, and it is protected. The engine
 * then refuses the whole destroy, in its preview as well, where a provider is not asked.
 */
class FleetSeal extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions) {
    super("nrfcloud:index:FleetSeal", name, {}, options);
    this.registerOutputs({});
  }
}

/** What guards a fleet, as far as its file asks for it. */
export interface Guards {
  /** Options for everything that could be taken out of the account. */
  readonly options: pulumi.CustomResourceOptions;
  /** Seals the fleet against a destroy, once all that it guards is declared. */
  seal(guarded: readonly pulumi.Resource[]): void;
}

/** Declares the guard of a fleet; it comes before the devices where the fleet file limits what may be deleted. */
export function declareGuard(name: string, fleet: Fleet, options: pulumi.CustomResourceOptions): Guards {
  const { maxDeletes } = fleet;
  const devices = holdingsOf(fleet);
  const groups = protectedGroups(fleet);
  const guarded = maxDeletes !== undefined || Object.keys(groups).length > 0;
  const allowedDeletes = maxDeletes === undefined ? undefined : readAllowedDeletes();
  const guard = new FleetGuard(
    `${name}-guard`,
    {
      devices,
      ...(maxDeletes === undefined ? {} : { maxDeletes: limitText(maxDeletes) }),
      ...(allowedDeletes === undefined ? {} : { allowedDeletes }),
      ...(Object.keys(groups).length === 0 ? {} : { protected: groups }),
      // Looked at in a preview only, and not kept: an update meets what is there anyway.
      ...(pulumi.runtime.isDryRun() ? { adopting: adoptingIds(fleet) } : {}),
    },
    options,
  );
  if (!guarded) return { options, seal: () => undefined };
  const size = sizeOf(devices);
  const most = Math.max(allowedDeletes ?? 0, maxDeletes === undefined ? size : mostDeletes(maxDeletes, size));
  return {
    options: pulumi.mergeOptions(options, { dependsOn: guard }),
    seal(resources) {
      new FleetSeal(`${name}-protected-by-fleet-file`, {
        ...(options.parent === undefined ? {} : { parent: options.parent }),
        dependsOn: [...resources],
        protect: size > most || Object.keys(groups).length > 0,
      });
    },
  };
}

/** Ids of the protected devices, by group. */
function protectedGroups({ devices, jitp, claims }: Fleet): Holdings {
  const ids = new Map<string, string[]>();
  const entries = [
    ...devices.map((device) => ({ ...device, id: device.deviceId })),
    ...jitp.map((device) => ({ ...device, id: device.deviceId })),
    ...claims.map((claim) => ({ ...claim, id: claim.uuid })),
  ];
  for (const { id, group, protect } of entries) {
    const members = ids.get(group);
    if (!protect) continue;
    if (members === undefined) ids.set(group, [id]);
    else members.push(id);
  }
  return Object.fromEntries([...ids].map(([group, members]) => [group, idText(members)]));
}

function adoptingIds({ devices, jitp }: Fleet): string {
  return idText([...devices, ...jitp].filter(({ adopt }) => adopt !== "no").map(({ deviceId }) => deviceId));
}

/** The override for one operation. @throws pulumi.RunError where it is no count */
function readAllowedDeletes(): number | undefined {
  const text = process.env.NRF_CLOUD_ALLOW_DELETES ?? new pulumi.Config("nrfcloud").get("allowDeletes") ?? "";
  if (text.trim() === "") return undefined;
  if (/^\d{1,6}$/.test(text.trim())) return Number(text);
  throw new pulumi.RunError(
    `NRF_CLOUD_ALLOW_DELETES (or nrfcloud:allowDeletes) is ${JSON.stringify(text)}, which is no count. Write how many devices ` +
      "may leave the account in this operation, such as 40.",
  );
}
