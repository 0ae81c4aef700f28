"use strict";
const { Fleet } = require("pulumi-nrfcloud");

const { devices } = new Fleet("bench", { file: "fleet.yaml" });

// What the flashing station needs for each device. Secret as a whole: `pulumi stack output credentials --show-secrets`.
exports.credentials = devices.privateKeys.apply((keys) =>
  devices.certificates.apply((certificates) =>
    Object.entries(certificates).map(([clientId, cert]) => ({ clientId, cert, key: keys[clientId] })),
  ),
);
