import * as pulumi from "@pulumi/pulumi";

/** Secret settings, with their names in messages and the remedy for one that was exposed. */
const SECRETS = {
  apiKey: { what: "API key", remedy: "Replace the key in the portal" },
  organizationToken: {
    what: "organization auth token",
    remedy: "Create another token in the web app and delete this one",
  },
} as const;

/** The stack resources of runs that were warned. A run has many resources, and a process may have many runs. */
const warned = new WeakSet();

/** Warns once a run of unencrypted secrets in the stack's configuration. */
export function warnOfPlainSecrets(): void {
  const config = new pulumi.Config("nrfcloud");
  const stack = pulumi.runtime.getStackResource();
  // The SDK does not export a type for it.
  const { isConfigSecret } = pulumi.runtime as { readonly isConfigSecret?: (key: string) => boolean };
  if (stack === undefined || warned.has(stack)) return;
  for (const [name, { what, remedy }] of Object.entries(SECRETS)) {
    const setting = `${config.name}:${name}`;
    if (config.get(name) === undefined || isConfigSecret?.(setting) !== false) continue;
    warned.add(stack);
    void pulumi.log.warn(
      `The ${what} in ${setting} is not encrypted: everybody who can read the configuration file of the stack has it. ` +
        `${remedy}, then run \`pulumi config set --secret ${setting}\`.`,
    );
  }
}
