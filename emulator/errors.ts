/**
 * An answer that refuses a request, in nRF Cloud's own shape: an integer code whose first three digits are the
 * HTTP status, and a message.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly code: number,
    message: string,
    /** Each problem; empty if there is only the message. */
    readonly problems: readonly string[] = [],
  ) {
    super(message);
  }

  /** The HTTP status: the first three digits of the code. */
  get status(): number {
    return Math.floor(this.code / 100);
  }
}

export const badRequest = (message: string) => new ApiError(40000, message);
export const noJitpCertificate = (message: string) => new ApiError(40001, message);
export const planLimitExceeded = (message: string) => new ApiError(40005, message);
export const accessDenied = (message: string) => new ApiError(40100, message);
export const associatedElsewhere = (message: string) => new ApiError(40101, message);
export const wrongOwnershipCode = (message: string) => new ApiError(40102, message);
export const notAssociated = (message: string) => new ApiError(40103, message);
export const foreign = (message: string) => new ApiError(40300, message);
export const entityNotFound = (message: string) => new ApiError(40410, message);
export const noSuchProduct = (message: string) => new ApiError(40411, message);
export const notProvisioned = (message: string) => new ApiError(40412, message);
export const nothingToDissociate = (message: string) => new ApiError(40413, message);
export const nothingToDelete = (message: string) => new ApiError(40414, message);
export const noSuchRoute = (method: string, path: string) =>
  new ApiError(
    40420,
    `Resource not found: ${method} ${path}. The emulator serves what emulator/FIDELITY.md lists.`,
  );
export const versionMismatch = (message: string) => new ApiError(41200, message);
export const bodyTooLarge = (message: string) => new ApiError(41300, message);

/** The error for a body, parameter or CSV file that breaks the documented rules. It names all problems at once. */
export const invalid = (problems: readonly string[]) =>
  new ApiError(42200, `Validation failed: ${problems.join("; ")}`, problems);
