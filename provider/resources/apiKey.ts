import * as pulumi from "@pulumi/pulumi";

/** Runs that were warned of a plain key, by their stack: a run has many resources, and a process may have many runs. */
const warned = new WeakSet();

/**
 * Ends the program when it is about to change the account and there is no API key. A preview does without one; an
 * update would otherwise find out only after it has begun. A key that stands in the configuration in clear is warned of, once a run.
 *
 * @throws pulumi.RunError saying where to put the key
 */
export function requireApiKey(): void {
  const config = new pulumi.Config("nrfcloud");
  const configured = config.get("apiKey");
  if (configured !== undefined) warnIfPlain(`${config.name}:apiKey`);
  if (pulumi.runtime.isDryRun()) return;
  const known = [process.env.NRF_CLOUD_API_KEY, configured];
  if (known.some((key) => key !== undefined && key.trim() !== "")) return;
  throw new pulumi.RunError(
    "No nRF Cloud API key. Set NRF_CLOUD_API_KEY in the environment, or run " +
      "`pulumi config set --secret nrfcloud:apiKey`, then run again. Nothing was changed in the account.",
  );
}

function warnIfPlain(setting: string): void {
  const stack = pulumi.runtime.getStackResource();
  // The SDK has this for itself, without a type.
  const { isConfigSecret } = pulumi.runtime as { readonly isConfigSecret?: (key: string) => boolean };
  if (stack === undefined || warned.has(stack) || isConfigSecret?.(setting) !== false) return;
  warned.add(stack);
  void pulumi.log.warn(
    `The API key in ${setting} is not encrypted: whoever reads the stack's configuration file has it. ` +
      `Replace the key in the portal, then run \`pulumi config set --secret ${setting}\`.`,
  );
}
