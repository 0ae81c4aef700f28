import { NO_SUCH_ROUTE, remedyFor, type Service } from "./remedies.js";

/** What was asked of nRF Cloud, for messages: the operation's name in the API and the device it was about. */
export interface Asked {
  readonly operation: string;
  readonly deviceId?: string | undefined;
}

/** A failure at nRF Cloud. Never holds a header, a request body or anything else that could be secret. */
export class CloudError extends Error {
  override readonly name: string = "CloudError";
  readonly asked: Asked;

  constructor(
    { operation, deviceId }: Asked,
    /** What happened, without what was asked and what to do next. */
    readonly problem: string,
    remedy: string,
  ) {
    super(`${operation}${deviceId === undefined ? "" : ` for device ${deviceId}`}: ${problem}\n${remedy}`);
    // Callers pass the whole request; its body must not travel with the error.
    this.asked = { operation, deviceId };
  }
}

/** nRF Cloud answered, and refused. */
export class RefusedError extends CloudError {
  override readonly name = "RefusedError";

  /**
   * @param status HTTP status.
   * @param code nRF Cloud's own error code (its first three digits are the status), where the body had one.
   * @param reason The API's own words, where it gave any.
   */
  constructor(
    asked: Asked,
    readonly status: number,
    readonly code: number | undefined,
    readonly reason: string | undefined,
    /** Which one was asked. */
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

/** nRF Cloud gave no usable answer: not reachable, too late, or not the documented shape. */
export class NoAnswerError extends CloudError {
  override readonly name: string = "NoAnswerError";

  constructor(
    asked: Asked,
    problem: string,
    remedy: string,
    /** Whether the request may have taken effect all the same. */
    readonly mayHaveTakenEffect: boolean,
  ) {
    super(asked, problem, remedy);
  }
}

/** Something answered, but not in the documented shape. */
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
 * Whether an error says that the thing asked for does not exist. Only the API's own word counts: a 404 without its
 * code comes from a proxy or a wrong endpoint, and must not make a device look deleted.
 */
export function isNotFound(error: unknown): boolean {
  return (
    error instanceof RefusedError &&
    error.status === 404 &&
    error.code !== undefined &&
    error.code !== NO_SUCH_ROUTE
  );
}

/** Whether the request behind a failure may have changed something all the same. */
export function mayHaveTakenEffect(error: unknown): boolean {
  if (error instanceof RefusedError) return error.status >= 500;
  return error instanceof NoAnswerError && error.mayHaveTakenEffect;
}
