import type { ProvisioningCommand } from "../../cloud/answers.js";
import { RefusedError } from "../../cloud/errors.js";
import { fetchCommand, findKeyOrder } from "../../cloud/keyOrders.js";
import type { Unrecorded } from "../../journal/log.js";
import type { Cloud } from "../../lifecycle/session/session.js";
import type { Renewal } from "../plan/situation.js";
import type { Tables } from "../plan/tablePlan.js";
import type { KeyOrder } from "../table/record.js";
import { parseRow } from "../table/parseRow.js";

/** Reads the orders for new keys that the state or the journal knows. */
export async function renewalsOf(
  cloud: Cloud,
  { declared, recorded, isChosen }: Pick<Tables, "declared" | "recorded" | "isChosen">,
  logged: ReadonlyMap<string, Unrecorded>,
): Promise<ReadonlyMap<string, Renewal>> {
  const orders = new Map<string, KeyOrder>();
  for (const [id, { rotation }] of recorded)
    if (rotation?.ordered !== undefined) orders.set(id, rotation.ordered);
  for (const [id, entry] of logged) {
    const order = loggedOrder(entry);
    if (order !== undefined) orders.set(id, order);
  }
  const found = await Promise.all(
    [...orders]
      .filter(([id]) => declared.get(id)?.way === "attestation" && isChosen(id))
      .map(async ([id, order]) => [id, await renewalOf(cloud, id, order)] as const),
  );
  return new Map(found);
}

function loggedOrder({ steps }: Unrecorded): KeyOrder | undefined {
  const last = [...steps].reverse().find(({ step }) => step === "renew");
  const parsed = last === undefined ? undefined : parseRow(last.line);
  if (last?.ended?.outcome === "refused" || parsed?.ok !== true || parsed.row.way !== "attestation")
    return undefined;
  return { command: last?.jobIds[0] ?? "", generation: parsed.row.rotation.generation };
}

async function renewalOf(cloud: Cloud, id: string, order: KeyOrder): Promise<Renewal> {
  const { command, generation } = order;
  if (command !== "") {
    const found = await fetchCommand(cloud.identity(), id, command);
    return found === undefined ? { kind: "unknown", ...order } : { ...order, ...standing(found) };
  }
  try {
    const found = await findKeyOrder(cloud.identity(), id, generation);
    if (found === undefined) return { kind: "failed", ...order, reason: "nRF Cloud never got the order." };
    return { generation, command: found.id, ...standing(found) };
  } catch (error) {
    // The documentation does not say whether this API has such a list.
    if (error instanceof RefusedError && error.status === 404) return { kind: "doubt", ...order };
    throw error;
  }
}

type Standing = { readonly kind: "waiting" | "done" } | { readonly kind: "failed"; readonly reason: string };

/** Only these three states are documented, so any other state counts as failed. */
function standing({ status = "PENDING", response }: ProvisioningCommand): Standing {
  if (["PENDING", "IN_PROGRESS"].includes(status)) return { kind: "waiting" };
  if (status === "SUCCEEDED") return { kind: "done" };
  return { kind: "failed", reason: reasonIn(response) };
}

/** The longest reason that a message quotes. */
const MOST_CHARACTERS = 200;

/** Finds the message of the modem anywhere in the response, because the documentation does not say where it is. */
function reasonIn(response: unknown): string {
  const message = messageIn(response, 0);
  return message === undefined
    ? "the service gives no reason."
    : `${JSON.stringify(message.slice(0, MOST_CHARACTERS))}.`;
}

function messageIn(value: unknown, depth: number): string | undefined {
  if (typeof value !== "object" || value === null || depth > 3) return undefined;
  if ("message" in value && typeof value.message === "string") return value.message;
  return Object.values(value)
    .map((inner) => messageIn(inner, depth + 1))
    .find((message) => message !== undefined);
}
