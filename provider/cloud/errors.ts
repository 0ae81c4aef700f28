import { NO_SUCH_ROUTE, remedyFor, type Service } from "./remedies.js";

/** A request in messages: the operation's name in the API, and the device. */
export interface Asked {
  readonly operation: string;
  readonly deviceId?: string | undefined;
}

/** A failed request. It never contains headers, bodies or anything else that could be secret. */
export class CloudError extends Error {
  override readonly name: string = "CloudError";
  readonly asked: Asked;

  constructor(
    { operation, deviceId }: Asked,
    /** What happened, without the request and the remedy. */
    readonly problem: string,
    remedy: string,
  ) {
    super(`${operation}${deviceId === undefined ? "" : ` for device ${deviceId}`}: ${problem}\n${remedy}`);
    // Callers pass the whole request, and the error must not keep its body.
    this.asked = { operation, deviceId };
  }
}

/** nRF Cloud answered, and refused. */
export class RefusedError extends CloudError {
  override readonly name = "RefusedError";

  /**
   * @param status the HTTP status
   * @param code nRF Cloud's error code (its first three digits are the status), if the body had one
   * @param reason the API's message, if it had one
   */
  constructor(
    asked: Asked,
    readonly status: number,
    readonly code: number | undefined,
    readonly reason: string | undefined,
    service: Service = "device",
  ) {
    const number = code === undefined ? `HTTP ${status}` : `HTTP ${status}, code ${code}`;
    super(
      asked,
      `nRF Cloud refused (${number})${reason === undefined ? "." : `: ${reason}`}`,
      remedyFor({ asked, status, code, service }),
    );
  }
}

/** nRF Cloud gave no usable answer: it was not reachable, too slow, or its answer did not have the documented form. */
export class NoAnswerError extends CloudError {
  override readonly name: string = "NoAnswerError";

  constructor(
    asked: Asked,
    problem: string,
    remedy: string,
    /** Whether the request may have taken effect nevertheless. */
    readonly mayHaveTakenEffect: boolean,
  ) {
    super(asked, problem, remedy);
  }
}

/** An answer did not have the documented form. */
export class NotUnderstoodError extends NoAnswerError {
  override readonly name = "NotUnderstoodError";

  constructor(asked: Asked, problem: string) {
    super(
      asked,
      `nRF Cloud's answer can't be used: ${problem}.`,
      "Check that the endpoint is that of the nRF Cloud API, as a proxy or login page may answer instead. Then run again.",
      true,
    );
  }
}

/**
 * Whether an error says that something does not exist. A 404 without a code of the API comes from a proxy or a wrong endpoint, and must
 * not make a device look deleted.
 */
export function isNotFound(error: unknown): boolean {
  return (
    error instanceof RefusedError &&
    error.status === 404 &&
    error.code !== undefined &&
    error.code !== NO_SUCH_ROUTE
  );
}

/** Whether a failed request may have changed something nevertheless. */
export function mayHaveTakenEffect(error: unknown): boolean {
  if (error instanceof RefusedError) return error.status >= 500;
  return error instanceof NoAnswerError && error.mayHaveTakenEffect;
}
