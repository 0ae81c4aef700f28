import type * as pulumi from "@pulumi/pulumi";

/** The options of a device in a protected group: the engine refuses to delete or replace it. */
export function withProtection(
  { protect }: { readonly protect: boolean },
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
  return protect ? { ...options, protect } : options;
}
