/** One device that a creation by an organisation names as failed. */
interface NamedError {
  readonly deviceId: string | undefined;
  /** From 0, without the header. Only where the device id could not be read. */
  readonly row: number | undefined;
  readonly reason: string;
}

const NO_REASON = "nRF Cloud does not say why.";

/**
 * The rows of a creation that failed, by their index from 0, each with its reason. Understood as a whole or not at all (`undefined`): a
 * row that is not named counts as done, so an entry that fits no row could pass off a failed device as a good one.
 */
export function failedRows(
  errorSummary: unknown,
  deviceIds: readonly string[],
): ReadonlyMap<number, string> | undefined {
  const errors = namedErrors(errorSummary);
  if (errors === undefined) return undefined;
  const rowOf = new Map(deviceIds.map((id, row) => [id, row]));
  const failed = new Map<number, string>();
  for (const { deviceId, row: index, reason } of errors) {
    const row = deviceId === undefined ? index : rowOf.get(deviceId);
    if (row === undefined || row < 0 || row >= deviceIds.length) return undefined;
    const before = failed.get(row);
    failed.set(row, before === undefined ? reason : `${before} ${reason}`);
  }
  return failed;
}

/** The devices of a creation that failed; `undefined` where an entry names none. */
export function failedDevices(errorSummary: unknown): ReadonlySet<string> | undefined {
  const errors = namedErrors(errorSummary);
  if (errors === undefined) return undefined;
  const failed = new Set<string>();
  for (const { deviceId } of errors) {
    if (deviceId === undefined) return undefined;
    failed.add(deviceId);
  }
  return failed;
}

/** What an error summary lists; nothing where there is none, `undefined` where it can't be read. */
function namedErrors(errorSummary: unknown): readonly NamedError[] | undefined {
  if (errorSummary === undefined || errorSummary === null) return [];
  const { errors } = bagOf(errorSummary);
  if (!Array.isArray(errors)) return undefined;
  return errors.map((entry: unknown): NamedError => {
    const { deviceId, row, error } = bagOf(entry);
    return {
      deviceId: typeof deviceId === "string" ? deviceId : undefined,
      row: typeof row === "number" && Number.isInteger(row) ? row : undefined,
      reason: typeof error === "string" && error !== "" ? error : NO_REASON,
    };
  });
}

function bagOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
