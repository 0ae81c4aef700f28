// Declares one empty resource with as many lines as a fleet has.

const { readFileSync } = require("node:fs");
const path = require("node:path");
const pulumi = require("@pulumi/pulumi");

/** @type {import("./provider.cjs").Inputs} */
// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- our own file
const inputs = JSON.parse(readFileSync("floor.json", "utf8"));
const provider = JSON.stringify(path.resolve("provider.cjs"));

class Floor extends pulumi.CustomResource {
  constructor() {
    super(
      "pulumi-nodejs:dynamic/bench:Floor",
      "floor",
      {
        __provider: `exports.handler = () => require(${provider});`,
        ...inputs,
        records: undefined,
        certificates: undefined,
        privateKeys: undefined,
      },
      { additionalSecretOutputs: ["privateKeys"] },
    );
  }
}

new Floor();
