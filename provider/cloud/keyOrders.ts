import { isProvisioningCommand, isProvisioningCommandPage, type ProvisioningCommand } from "./answers.js";
import { allPages } from "./list.js";
import { path, type Transport } from "./transport.js";

/** By this a command is known again whose answer was lost. */
function descriptionOf(generation: number): string {
  return `pulumi-nrfcloud: key of generation ${generation}`;
}

/**
 * Orders a claimed device to make a new key, which it does when it comes online (a provisioning command, `cloudAccessKeyGeneration`).
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

/** One command; `undefined` where the service has none of this id. */
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

/** The latest order of this generation that a device has (the list's path is assumed: none is documented). */
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
