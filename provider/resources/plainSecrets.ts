import * as pulumi from "@pulumi/pulumi";

/** Settings that nobody may read, with what they are and what makes one that was read worthless. */
const SECRETS = {
  apiKey: { what: "API key", remedy: "Replace the key in the portal" },
  organizationToken: {
    what: "organisation auth token",
    remedy: "Create another token in the web app and delete this one",
  },
} as const;

/** Runs that were warned, by their stack: a run has many resources, and a process may have many runs. */
const warned = new WeakSet();

/** Warns of secrets that stand in the stack's configuration in clear, once a run. */
export function warnOfPlainSecrets(): void {
  const config = new pulumi.Config("nrfcloud");
  const stack = pulumi.runtime.getStackResource();
  // The SDK has this for itself, without a type.
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
