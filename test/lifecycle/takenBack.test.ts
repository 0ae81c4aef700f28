import { expect, test } from "vitest";
import { credentialsFor } from "../support/credentials.js";
import { AT_THE_END, killed } from "../support/killed.js";
import { useDevices } from "../support/simulated.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

// Long enough to kill an engine between what it asked for and its learning that it is done.
const world = useWorld({ mqttPort: 0, jitpDelayMs: 300, bulkDelayMs: 300, consistencyDelayMs: 1500 });
const devices = useDevices(world);

const CODE = "sesame-271828";

test("what a killed up changed and the program has taken back is set again, which the preview says", async () => {
  const minted = (await world.admin("POST", "/identity/tokens", {})) as { items: { token: string }[] };
  /** One thing of each kind that can be changed in place. */
  const program = (tag: string, subType: string) => `
    const { writeFileSync } = require("node:fs");
    const pulumi = require("@pulumi/pulumi");
    const { AttestationClaim, CaCertificate, Device, JitpCertificate, OwnershipClaim } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
    const tags = ["${tag}"];
    new Device("onboarded", { deviceId: "onboarded", name: "${tag}", tags, credential: { ca } });
    new AttestationClaim("by-token", { token: "${minted.items[0]?.token ?? ""}", tags, unclaimOnDestroy: true });
    const certificate = new JitpCertificate("certificate", { deviceId: "by-code", ownershipCode: "${CODE}" });
    if (!pulumi.runtime.isDryRun())
      pulumi.all({ clientId: certificate.deviceId, cert: certificate.certificateBundle, key: certificate.privateKey })
        .apply((one) => writeFileSync("flash.json", JSON.stringify([one]), { mode: 0o600 }));
    new OwnershipClaim("by-code", { deviceId: "by-code", ownershipCode: "${CODE}", subType: "${subType}", tags, wait: 60 }, { dependsOn: certificate });
  `;
  const seen = async () => {
    const { items: claims } = (await world.admin("GET", "/identity/claims")) as {
      items: { tags: string[] }[];
    };
    const owned = await world.ownedDevices();
    return [
      ...owned.map(({ id, name, subType, tags }) => [id, name, subType, ...tags].join(" ")),
      ...claims.map(({ tags }) => tags.join(" ")),
    ];
  };
  const stack = await world.stack({ program: program("first", "kit"), env: AT_THE_END });
  const connecting = devices.connectWhenFlashed(stack, "flash.json");
  succeeded(await stack.up());
  await connecting;
  const before = await seen();
  expect(before).toHaveLength(3);
  expect(await stack.plannedSteps()).toEqual([]);

  stack.write("index.js", program("second", "other"));
  const after = before.map((text) => text.replaceAll("first", "second").replace(" kit ", " other "));
  await killed(stack, "up", async () => (await seen()).join() === after.join());
  stack.write("index.js", program("first", "kit"));
  expect(await stack.plannedSteps()).toEqual(["update by-code", "update by-token", "update onboarded"]);
  const preview = await stack.preview();
  expect(preview.output).toContain("3 times: was being changed by a run that was interrupted");
  succeeded(await stack.up());
  expect(await seen()).toEqual(before);
  expect(await stack.plannedSteps()).toEqual([]);

  // What is gone is in no doubt any more.
  stack.write("index.js", program("second", "other"));
  await killed(stack, "up", async () => (await seen()).join() === after.join());
  succeeded(await stack.destroy());
  expect(await seen()).toEqual([]);
  expect(stack.journal()).not.toContain("second");
});

test("what a killed up made in the place of a device that an earlier one had taken out is its own, though both have the same certificate", async () => {
  const { certificate } = credentialsFor("own-1");
  const program = (subType: string) => `
    const { Device } = require("pulumi-nrfcloud");
    new Device("own-1", { deviceId: "own-1", subType: "${subType}", credential: { certificate: ${JSON.stringify(certificate[0])} } });
  `;
  const subTypes = async () => (await world.ownedDevices()).map(({ subType }) => subType);
  const stack = await world.stack({ program: program("kit"), env: AT_THE_END });
  succeeded(await stack.up());

  await world.admin("PUT", "/settings", { rejectRows: { "own-1": "No." } });
  stack.write("index.js", program("other"));
  expect((await stack.up()).code).not.toBe(0);
  expect(await subTypes()).toEqual([]);
  await world.admin("PUT", "/settings", { rejectRows: {} });
  await killed(stack, "up", async () => (await subTypes()).join() === "other");

  succeeded(await stack.up());
  expect(await subTypes()).toEqual(["other"]);
  expect(await stack.plannedSteps()).toEqual([]);
});
