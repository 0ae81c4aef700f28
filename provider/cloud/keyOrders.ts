import { isProvisioningCommand, isProvisioningCommandPage, type ProvisioningCommand } from "./answers.js";
import { allPages } from "./list.js";
import { path, type Transport } from "./transport.js";

/** Identifies the command if its answer was lost. */
function descriptionOf(generation: number): string {
  return `pulumi-nrfcloud: key of generation ${generation}`;
}

/**
 * Orders a claimed device to generate a new key when it is online (the provisioning command `cloudAccessKeyGeneration`).
 * @returns the id of the command
 */
export async function orderKey(
  transport: Transport,
  deviceUuid: string,
  securityTag: number,
  generation: number,
): Promise<string> {
  const { id } = await transport.ask(
    {
      operation: "CreateDeviceProvisioningCommand",
      deviceId: deviceUuid,
      method: "POST",
      path: path("claimed-devices", deviceUuid, "provisioning"),
      body: {
        type: "application/json",
        text: JSON.stringify({
          description: descriptionOf(generation),
          request: { cloudAccessKeyGeneration: { secTag: securityTag } },
        }),
      },
    },
    isProvisioningCommand,
  );
  return id;
}

/** One command; `undefined` if it does not exist. */
export function fetchCommand(
  transport: Transport,
  deviceUuid: string,
  commandId: string,
): Promise<ProvisioningCommand | undefined> {
  return transport.askIfFound(
    {
      operation: "FetchDeviceProvisioningCommand",
      deviceId: deviceUuid,
      method: "GET",
      path: path("claimed-devices", deviceUuid, "provisioning", commandId),
    },
    isProvisioningCommand,
  );
}

/** The latest order for this generation (the list's path is assumed: none is documented). */
export async function findKeyOrder(
  transport: Transport,
  deviceUuid: string,
  generation: number,
): Promise<ProvisioningCommand | undefined> {
  const commands = await allPages(
    transport,
    {
      operation: "ListDeviceProvisioningCommands",
      path: path("claimed-devices", deviceUuid, "provisioning"),
      page: isProvisioningCommandPage,
    },
    {},
  );
  return commands.filter(({ description }) => description === descriptionOf(generation)).at(-1);
}
