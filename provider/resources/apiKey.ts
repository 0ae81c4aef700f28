import * as pulumi from "@pulumi/pulumi";

/**
 * Ends the program when it is about to change the account and there is no API key. A preview does without one; an
 * update would otherwise find out only after it has begun.
 *
 * @throws pulumi.RunError saying where to put the key
 */
export function requireApiKey(): void {
  if (pulumi.runtime.isDryRun()) return;
  const known = [process.env.NRF_CLOUD_API_KEY, new pulumi.Config("nrfcloud").get("apiKey")];
  if (known.some((key) => key !== undefined && key.trim() !== "")) return;
  throw new pulumi.RunError(
    "No nRF Cloud API key. Set NRF_CLOUD_API_KEY in the environment, or run " +
      "`pulumi config set --secret nrfcloud:apiKey`, then run again. Nothing was changed in the account.",
  );
}
