// A policy pack over fleets: `pulumi preview --policy-pack examples/policy`. Pulumi asks it of each resource as it is declared,
// before the resource is created or changed.
const { PolicyPack } = require("@pulumi/policy");

const TYPE = "pulumi-nodejs:dynamic/nrfcloud:";
const LONGEST_CA_DAYS = 3650;

/**
 * Checks the resources of one type of pulumi-nrfcloud.
 *
 * @param {string} type
 * @param {(props: Record<string, unknown>, report: import("@pulumi/policy").ReportViolation) => void} check
 * @returns {import("@pulumi/policy").ResourceValidation}
 */
const ofType = (type, check) => (resource, report) => {
  if (resource.type === `${TYPE}${type}`) check(resource.props, report);
};

new PolicyPack("fleet-policy", {
  policies: [
    {
      name: "fleets-limit-deletions",
      description: "A fleet says how many devices one run may take out of the account.",
      enforcementLevel: "mandatory",
      validateResource: ofType("DeviceSet", ({ maxDeletes }, report) => {
        if (maxDeletes === undefined) report("Add maxDeletes to the fleet file.");
      }),
    },
    {
      name: "devices-are-tagged",
      description: "Every device has a tag: keys of editors and viewers are limited by tags.",
      enforcementLevel: "mandatory",
      validateResource: ofType("DeviceSet", ({ devices }, report) => {
        // A row is a line such as `subType=tracker tags=lab,oslo`.
        const untagged = Object.entries(devices ?? {})
          .filter(([, line]) => !/(^| )tags=/.test(String(line)))
          .map(([id]) => id);
        if (untagged.length > 0)
          report(`${untagged.length} without a tag: ${untagged.slice(0, 10).join(", ")}.`);
      }),
    },
    {
      name: "authorities-end",
      description: "A CA ends within ten years, so that a lost key ends with it.",
      enforcementLevel: "advisory",
      validateResource: ofType("CaCertificate", ({ validityDays }, report) => {
        const days = Number(validityDays);
        if (days > LONGEST_CA_DAYS) report(`The CA is valid for ${days} days.`);
      }),
    },
  ],
});
