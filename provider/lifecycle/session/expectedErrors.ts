import { CloudError } from "../../cloud/errors.js";
import type { ExpectedErrorClass } from "../../engine/host.js";
import { PkiError } from "../../pki/errors.js";

/** Errors that users can act on; they are shown without a stack trace. */
export const expectedErrors: readonly ExpectedErrorClass[] = [CloudError, PkiError];
