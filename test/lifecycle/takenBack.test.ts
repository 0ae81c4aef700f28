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

/** A device that brings its certificate, and one that gets its own. */
function twoDevices(subType: string): string {
  return `
    const { CaCertificate, Device } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
    const subType = "${subType}";
    new Device("own-1", { deviceId: "own-1", subType, tags: [subType], credential: { certificate: ${JSON.stringify(OWN)} } });
    new Device("issued-1", { deviceId: "issued-1", subType, tags: [subType], credential: { ca } });
  `;
}

const OWN = credentialsFor("own-1").certificate[0];

async function subTypes(): Promise<string[]> {
  return (await world.ownedDevices()).map(({ subType = "", tags }) => `${subType} ${tags.join()}`);
}

test("what a killed up made in the place of a device that an earlier one had taken out is its own, though both have the same certificate", async () => {
  const stack = await world.stack({ program: twoDevices("kit"), env: AT_THE_END });
  succeeded(await stack.up());

  await world.admin("PUT", "/settings", { rejectRows: { "own-1": "No.", "issued-1": "No." } });
  stack.write("index.js", twoDevices("other"));
  expect((await stack.up()).code).not.toBe(0);
  expect(await subTypes()).toEqual([]);
  await world.admin("PUT", "/settings", { rejectRows: {} });
  await killed(stack, "up", async () => (await subTypes()).length === 2);

  succeeded(await stack.up());
  expect(await subTypes()).toEqual(["other other", "other other"]);
  expect(await stack.plannedSteps()).toEqual([]);
});

test("a device that a killed up replaced is made anew as the program has it then, which the preview says", async () => {
  const stack = await world.stack({ program: twoDevices("kit"), env: AT_THE_END });
  succeeded(await stack.up());
  stack.write("index.js", twoDevices("other"));
  await killed(stack, "up", async () => (await subTypes()).join() === "other other,other other");

  stack.write("index.js", twoDevices("kit"));
  const preview = await stack.preview();
  expect(preview.output).toContain("2 times: was deleted and onboarded with another sub-type by a run");
  succeeded(await stack.up());
  expect(await subTypes()).toEqual(["kit kit", "kit kit"]);
  expect(await stack.plannedSteps()).toEqual([]);
});

test("what a killed destroy took out is made anew, though a refresh was looked at and not made", async () => {
  const stack = await world.stack({ program: twoDevices("kit"), env: AT_THE_END });
  succeeded(await stack.up());
  await killed(stack, "destroy", async () => (await subTypes()).length === 0);
  succeeded(await stack.pulumi("refresh", "--preview-only"));
  const preview = await stack.preview();
  expect(preview.output).toContain("2 times: was taken out of the account by a run that could not save that");
  succeeded(await stack.up());
  expect(await subTypes()).toEqual(["kit kit", "kit kit"]);
  expect(await stack.plannedSteps()).toEqual([]);
});
