/** A creation through the organization API. Its id has what the API does not show later. */
export interface CreationId {
  /** When it was sent, by the service's clock (ISO 8601). */
  readonly requestedAt: string;
  /** The path of its status, below the endpoint. */
  readonly statusPath: string;
}

/** The id of a creation in journal and state. */
export function writeJobId({ requestedAt, statusPath }: CreationId): string {
  return `${requestedAt} ${statusPath}`;
}

/** The inverse of `writeJobId`; `undefined` for the id of a team's bulk job. */
export function readJobId(id: string): CreationId | undefined {
  const [, requestedAt, statusPath] = /^(\S+Z) (\/\S*)$/.exec(id) ?? [];
  return requestedAt === undefined || statusPath === undefined ? undefined : { requestedAt, statusPath };
}
