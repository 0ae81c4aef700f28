import type { StackOfSet } from "./deviceSet.js";

const TYPE = "pulumi-nodejs:dynamic/nrfcloud:DeviceSet";

/** What `pulumi stack export --show-secrets` prints of a stack with one DeviceSet. */
export function exportOf({ outputs }: StackOfSet): string {
  const { name, stack } = outputs;
  const project = `urn:pulumi:${String(stack)}::test::`;
  return JSON.stringify({
    version: 3,
    deployment: {
      resources: [
        {
          urn: `${project}pulumi:pulumi:Stack::test-${String(stack)}`,
          type: "pulumi:pulumi:Stack",
          custom: false,
        },
        {
          urn: `${project}${TYPE}::${String(name)}`,
          type: TYPE,
          custom: true,
          id: name,
          inputs: {},
          outputs,
        },
      ],
    },
  });
}
