import { CloudError } from "../../cloud/errors.js";
import type { ExpectedErrorClass } from "../../engine/host.js";
import { PkiError } from "../../pki/errors.js";

/** Errors that are shown without a stack trace, because users can act on them. */
export const expectedErrors: readonly ExpectedErrorClass[] = [CloudError, PkiError];
