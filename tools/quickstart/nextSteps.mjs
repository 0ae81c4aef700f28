// What to try after the quickstart: commands that work as they are, once the first of them has set the shell.

/** The device that is shown and connected. */
export const firstDevice = "sensor-00";

/**
 * @param {{ folder: string, stack: string, emulator: string }} place  Folder and stack of the quickstart, and where its emulator answers.
 * @returns {readonly { readonly title: string, readonly commands: readonly string[] }[]}
 */
export function nextSteps({ folder, stack, emulator }) {
  const simulator = "node dist/emulator/simulator/main.js";
  return [
    { title: "Set your shell for this quickstart", commands: [`source ${folder}/env.sh`] },
    {
      title: "Change a tag, and see the plan",
      commands: [
        `sed -i.bak 's/sensors]/oslo]/' ${folder}/fleet.yaml`,
        "npx nrfcloud-fleet plan",
        "npx nrfcloud-fleet apply",
      ],
    },
    {
      title: "Write the key of one device, and connect it (Ctrl-C ends that)",
      commands: [
        `npx nrfcloud-fleet credentials ${firstDevice} --out ${folder}/keys --server-root ${folder}/server-root.pem`,
        `${simulator} --devices ${folder}/keys --emulator ${emulator}`,
      ],
    },
    {
      title: "Delete the devices, stop the emulator, and remove what the quickstart made",
      commands: [
        "npx nrfcloud-fleet destroy",
        `kill $(cat ${folder}/emulator.pid); rm -r ${folder} Pulumi.${stack}.yaml`,
      ],
    },
  ];
}
