import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld();

const program = (name: string, adopt: boolean) => `
  const { CaCertificate, Device } = require("pulumi-nrfcloud");
  const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
  new Device("${name}", { deviceId: "d-1", credential: { ca }, adopt: ${adopt} });
`;
const urn = (name: string) => `urn:pulumi:dev::test::pulumi-nodejs:dynamic/nrfcloud:Device::${name}`;

test("a device whose resource is renamed, or made anew by --replace, is not deleted under its new resource", async () => {
  const stack = await world.stack({ program: program("one", true) });
  succeeded(await stack.up());
  // A run that finds the device in its state: from then on nobody takes it for half done.
  succeeded(await stack.preview("--expect-no-changes"));
  const before = await world.devices();

  stack.write("index.js", program("two", true));
  const renamed = await stack.up();
  succeeded(renamed);
  expect(renamed.output).toContain("d-1: stays as it is: another resource of this program has taken it over");
  expect(await stack.resourceNames()).toEqual(["ca", "two"]);
  expect(await world.devices()).toEqual(before);

  succeeded(await stack.up("--replace", urn("two")));
  expect(await world.devices()).toEqual(before);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});

test("neither is one that the journal takes for half done, as no run has looked at it since it was made", async () => {
  const stack = await world.stack({ program: program("one", false) });
  succeeded(await stack.up());
  stack.write("index.js", program("two", false));
  await stack.up();
  expect((await world.devices()).map(({ id }) => id)).toEqual(["d-1"]);
});
