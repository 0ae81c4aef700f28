import type { Field } from "../change.js";

/** Changes of a rotation, which have their own sentences. */
export type Turned = "rotation" | "next" | "activation" | "return" | "drop";

export const CHANGES: Readonly<Record<Exclude<Field, Turned>, string>> = {
  via: "another way into the account",
  subType: "another sub-type",
  firmwareTypes: "other firmware types",
  credential: "another credential",
  ca: "a certificate of the new CA",
  validity: "a certificate of another validity",
  renewal: "a renewed certificate",
  name: "another name",
  tags: "other tags",
  config: "another configuration",
  phase: "another phase of the rotation",
  unclaim: "another rule for unclaiming",
  securityTag: "another security tag",
  adopt: "another rule for adoption",
  protect: "another protection",
  retired: "another time for which retired devices are kept",
  wait: "another wait for the first connect",
};
