import { connectIfConfigured } from "../cloud.js";
import { CommandError } from "../commandError.js";
import { withExpectedErrors } from "../expectedErrors.js";
import { configurations } from "../status/configuration.js";
import { agreementOf, unreadAgreement } from "./configuration.js";
import type { Report } from "./report.js";

/**
 * Adds to a report what its devices report, if an API key is set (FetchAccount, and ListDevices with a hundred devices a call). If it
 * can't read that, the report says why. It gives up after seven seconds if the host can't be reached. Without devices that have a
 * configuration, it sends no request.
 */
export async function withReported(report: Report): Promise<Report> {
  const { desired } = report;
  if (desired.length === 0) return report;
  try {
    return await withExpectedErrors(async () => {
      const connection = await connectIfConfigured({ isHasty: true });
      if (connection === undefined) return report;
      const read = await configurations(connection.transport, desired);
      return { ...report, configuration: agreementOf(desired, read) };
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { ...report, configuration: unreadAgreement(desired, error.message) };
  }
}
