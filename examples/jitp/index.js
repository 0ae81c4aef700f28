"use strict";
const { Fleet } = require("pulumi-nrfcloud");
const pulumi = require("@pulumi/pulumi");

const { devices } = new Fleet("bench", { file: "fleet.yaml" });

// What the flashing station needs for each device. Secret as a whole: `pulumi stack output credentials --show-secrets`.
exports.credentials = pulumi
  .all([devices.certificates, devices.privateKeys])
  .apply(([certificates, keys]) =>
    Object.entries(certificates).map(([clientId, cert]) => ({ clientId, cert, key: keys[clientId] })),
  );
