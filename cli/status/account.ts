import { listDevices } from "../../provider/cloud/devices.js";
import { visibilityOf } from "../../provider/cloud/visibility.js";
import { ownConnection, type Connection } from "../cloud.js";
import { count, figure } from "../terminal.js";

/** An account, as far as an API key can see it. */
export interface AccountStatus {
  readonly endpoint: string;
  readonly team: string;
  readonly tenantId: string;
  readonly role: string | undefined;
  /** Device groups that limit what the key sees; `undefined` if it sees all devices. */
  readonly groups: readonly string[] | undefined;
  /** The number of devices that the key sees. */
  readonly devices: number;
  /** The number of devices that the team's plan allows. */
  readonly deviceLimit: number | undefined;
}

/** Reads the account (FetchAccount, and ListDevices in pages of a hundred). */
export async function accountStatus({ account, endpoint, transport }: Connection): Promise<AccountStatus> {
  const visibility = visibilityOf(account);
  const devices = await listDevices(transport);
  return {
    endpoint,
    team: account.team.name ?? account.team.tenantId,
    tenantId: account.team.tenantId,
    role: account.role,
    groups: visibility === "all" ? undefined : visibility.groups,
    devices: devices.filter(({ id }) => id !== ownConnection(account.team.tenantId)).length,
    deviceLimit: account.plan?.limits?.devices,
  };
}

/** The account as lines of text. */
export function accountLines(status: AccountStatus): readonly string[] {
  const { endpoint, team, tenantId, role, groups, devices, deviceLimit } = status;
  const limit = deviceLimit === undefined ? "" : `; the plan allows ${figure(deviceLimit)}`;
  return [
    `Account: team ${team} (${tenantId}) at ${endpoint}`,
    `  The API key has the role ${role ?? "unknown"}.${groupsText(groups)}`,
    `  ${count(devices, "device")} in the account${groups === undefined ? "" : ", as far as the key sees them"}${limit}.`,
  ];
}

function groupsText(groups: readonly string[] | undefined): string {
  if (groups === undefined) return "";
  return groups.length === 0
    ? " It sees only devices without a group."
    : ` It sees only devices of the groups ${groups.join(", ")}, and those without a group.`;
}
