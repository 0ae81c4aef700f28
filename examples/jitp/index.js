"use strict";
const { Fleet } = require("pulumi-nrfcloud");
const pulumi = require("@pulumi/pulumi");

const fleet = new Fleet("bench", { file: "fleet.yaml" });

// What the flashing station needs for each device. Secret as a whole: `pulumi stack output credentials --show-secrets`.
exports.credentials = pulumi.secret(
  [...fleet.jitpCertificates].map(([clientId, { certificateBundle, privateKey }]) => ({
    clientId,
    cert: certificateBundle,
    key: privateKey,
  })),
);
