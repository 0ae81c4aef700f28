"use strict";
const { Fleet } = require("pulumi-nrfcloud");

const { devices } = new Fleet("bench", { file: "fleet.yaml" });

// What a flashing station reads by program: one secret output. For files, use `nrfcloud-fleet credentials`.
exports.credentials = devices.privateKeys.apply((keys) =>
  devices.certificates.apply((certificates) =>
    Object.entries(certificates).map(([clientId, cert]) => ({ clientId, cert, key: keys[clientId] })),
  ),
);
