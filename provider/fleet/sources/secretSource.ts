/**
 * Where a secret is kept. Loading only checks that its file or variable exists; the secret is read when it is needed. A file's
 * path is relative to the working directory, not to the fleet file.
 */
export type SecretSource =
  | { readonly kind: "config"; readonly key: string }
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string };
