/** One failed device of a creation through the organization API. */
interface NamedError {
  readonly deviceId: string | undefined;
  /** From 0, without the header. Only present if the API could not read the device id. */
  readonly row: number | undefined;
  readonly reason: string;
}

const NO_REASON = "nRF Cloud does not say why.";

/**
 * The reasons of the failed rows of a creation, by index from 0. It is parsed completely or not at all (`undefined`): rows that it does
 * not name count as done, so an entry without a row would hide a failure.
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

/** The failed devices of a creation; `undefined` if an entry has no device id. */
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

/** The entries of an error summary; empty without one, `undefined` if it can't be parsed. */
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
