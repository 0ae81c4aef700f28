/** A creation of devices by an organisation: what its API does not tell afterwards is kept in its id. */
export interface CreationId {
  /** When it was sent, by the service's clock (ISO 8601). */
  readonly requestedAt: string;
  /** Where its status is, below the endpoint. */
  readonly statusPath: string;
}

/** The id under which log and state know a creation. */
export function writeJobId({ requestedAt, statusPath }: CreationId): string {
  return `${requestedAt} ${statusPath}`;
}

/** What an id says; `undefined` for that of a bulk job of a team. */
export function readJobId(id: string): CreationId | undefined {
  const [, requestedAt, statusPath] = /^(\S+Z) (\/\S*)$/.exec(id) ?? [];
  return requestedAt === undefined || statusPath === undefined ? undefined : { requestedAt, statusPath };
}
