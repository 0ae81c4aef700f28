import * as pulumi from "@pulumi/pulumi";

/** Runs that were warned, by their stack: a run has many resources, and a process may have many runs. */
const warned = new WeakSet();

/** Warns of an API key that stands in the stack's configuration in clear, once a run. */
export function warnOfPlainApiKey(): void {
  const config = new pulumi.Config("nrfcloud");
  if (config.get("apiKey") === undefined) return;
  const setting = `${config.name}:apiKey`;
  const stack = pulumi.runtime.getStackResource();
  // The SDK has this for itself, without a type.
  const { isConfigSecret } = pulumi.runtime as { readonly isConfigSecret?: (key: string) => boolean };
  if (stack === undefined || warned.has(stack) || isConfigSecret?.(setting) !== false) return;
  warned.add(stack);
  void pulumi.log.warn(
    `The API key in ${setting} is not encrypted: everybody who can read the configuration file of the stack has it. ` +
      `Replace the key in the portal, then run \`pulumi config set --secret ${setting}\`.`,
  );
}
