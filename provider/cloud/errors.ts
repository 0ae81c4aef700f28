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
  ) {
    const number = code === undefined ? `HTTP ${status}` : `HTTP ${status}, code ${code}`;
    super(
      asked,
      `nRF Cloud refused (${number})${reason === undefined ? "." : `: ${reason}`}`,
      remedyFor(status, code),
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
      "Check that the endpoint is that of the nRF Cloud API (a proxy or login page may answer in its place), then run again.",
      true,
    );
  }
}

/** Code of a path that the API does not have, which says nothing about the thing behind it. */
const NO_SUCH_ROUTE = 40420;

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

function remedyFor(status: number, code: number | undefined): string {
  if (code === 40005) {
    return "A limit of the team's plan is reached: remove devices, wait for the next month, or change the plan, then run again.";
  }
  if (code === 42200) {
    return "Correct what the message names, then run again. Nothing of this request was applied.";
  }
  if (status < 400) {
    return (
      "Redirects are not followed, as the API key would go with them: check the endpoint (NRF_CLOUD_ENDPOINT or " +
      "nrfcloud:endpoint), then run again."
    );
  }
  switch (status) {
    case 401:
    case 403:
      return (
        "Check the API key (NRF_CLOUD_API_KEY, or `pulumi config set --secret nrfcloud:apiKey`): is it complete, of the " +
        "right team, and of a role that may write? A regenerated key replaces the old one after an hour at the latest."
      );
    case 404:
      return "Check the device id and the team of the API key; `pulumi refresh` brings the state up to date with the account.";
    case 429:
      return "The service limits how often it may be called: wait a while, or allow fewer requests a second (NRF_CLOUD_REQUESTS_PER_SECOND or nrfcloud:requestsPerSecond), then run again.";
    default:
      return status >= 500
        ? "The service has a problem of its own: run the same command again in a while. What was done so far is kept."
        : "Correct what the message names, then run again.";
  }
}
