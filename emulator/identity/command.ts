import { randomUUID } from "node:crypto";
import { isRecord, isText } from "../http/json.js";

/** What a device has to do. */
export interface CommandOrder {
  readonly description: string | undefined;
  /** One kind of command with its fields, such as `{"finished":{}}`. */
  readonly request: Readonly<Record<string, unknown>>;
}

/** A command that waits for its device, or was done by it. */
export interface Command extends CommandOrder {
  readonly id: string;
  readonly status: "PENDING" | "SUCCEEDED";
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly response: Readonly<Record<string, unknown>> | undefined;
}

export const newCommand = ({ description, request }: CommandOrder): Command => ({
  id: randomUUID(),
  status: "PENDING",
  createdAt: Date.now(),
  description,
  request,
  response: undefined,
});

/** Whether a value read from the state file orders a command. */
export const isCommandOrder = (value: unknown): value is CommandOrder =>
  isRecord(value) &&
  (value.description === undefined || typeof value.description === "string") &&
  isRecord(value.request);

/** Whether a value read from the state file is a command. */
export const isCommand = (value: unknown): value is Command =>
  isCommandOrder(value) &&
  isRecord(value) &&
  isText(value.id) &&
  (value.status === "PENDING" || value.status === "SUCCEEDED") &&
  typeof value.createdAt === "number" &&
  (value.response === undefined || isRecord(value.response));

/** A command as the API shows it. */
export const commandView = ({ id, status, description, request, response, createdAt }: Command) => ({
  id,
  status,
  ...(description === undefined ? {} : { description }),
  request,
  ...(response === undefined ? {} : { response }),
  createdAt: new Date(createdAt).toISOString(),
});
