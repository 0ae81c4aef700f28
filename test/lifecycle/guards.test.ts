import { describe, expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { useWorld, type World } from "../support/world.js";

const world = useWorld();

function fleet(groups: string, more = ""): string {
  return `apiVersion: nrfcloud.dev/v1
kind: Fleet
${more}ca:
  subject: { commonName: Test CA }
groups:
${groups}`;
}

const lab = (ids: string, more = "") => `  lab: { ids: "${ids}"${more} }\n`;

async function ids(place: World): Promise<string[]> {
  return (await place.ownedDevices()).map(({ id }) => id);
}

/** Devices in the account that the stack of the test knows nothing of. */
async function onboard(pattern: string): Promise<void> {
  const maker = await world.stack({ files: { "fleet.yaml": fleet(lab(pattern)) } });
  succeeded(await maker.up());
}

describe("maxDeletes", () => {
  test("fails a preview and an update that go beyond it before anything is changed, and counts deletions and replacements together", async () => {
    const stack = await world.stack({
      files: { "fleet.yaml": fleet(lab("x-{0..9}"), "maxDeletes: 3\n") },
    });
    succeeded(await stack.up());
    const before = await world.devices();

    // Two leave, two are replaced, and one that stays gets a tag.
    stack.write(
      "fleet.yaml",
      fleet(
        lab("x-{0..5}", ", tags: [new]") + `  other: { ids: "x-{6..7}", subType: gadget }\n`,
        "maxDeletes: 3\n",
      ),
    );
    for (const run of [await stack.preview(), await stack.up(), await stack.up("--continue-on-error")]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain(
        "would take 4 devices of 10 out of the account, but maxDeletes (3) allows 3",
      );
      expect(run.output).toContain("2 devices deleted or released: x-{8..9}");
      expect(run.output).toContain("2 devices replaced, with the loss of their history: x-{6..7}");
      expect(run.output).toContain("NRF_CLOUD_ALLOW_DELETES=4");
      expect(run.output).not.toMatch(/^\s+at .*:\d+/m);
    }
    expect(await world.devices()).toEqual(before);

    // The override is for this operation, and the plan shows it.
    stack.setEnv("NRF_CLOUD_ALLOW_DELETES", "4");
    const allowed = await stack.preview("--diff");
    succeeded(allowed);
    expect(allowed.output).toContain("allowedDeletes");
    expect(allowed.output).toContain("maxDeletes (3) is overridden: 4 devices leave the account");
    succeeded(await stack.up());
    expect(await ids(world)).toEqual(Array.from({ length: 8 }, (_, i) => `x-${i}`));
    stack.setEnv("NRF_CLOUD_ALLOW_DELETES", undefined);
    expect(await stack.plannedSteps()).toEqual([]);
  });

  test("lets an operation within it pass, as a share of the fleet too, and keeps a whole destroy off", async () => {
    const stack = await world.stack({
      files: { "fleet.yaml": fleet(lab("x-{0..9}"), 'maxDeletes: "20%"\n') },
    });
    succeeded(await stack.up());
    stack.write("fleet.yaml", fleet(lab("x-{0..7}"), 'maxDeletes: "20%"\n'));
    succeeded(await stack.up());
    expect(await ids(world)).toHaveLength(8);
    expect(await stack.plannedSteps()).toEqual([]);

    for (const run of [
      await stack.pulumi("destroy", "--preview-only"),
      await stack.destroy(),
      await stack.destroy("--continue-on-error"),
    ]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain("fleet-protected-by-fleet-file");
    }
    expect(await ids(world)).toHaveLength(8);

    stack.write("fleet.yaml", fleet(lab("x-{0..7}")));
    const removed = await stack.preview();
    expect(removed.code).not.toBe(0);
    expect(removed.output).toContain(
      "the guards were taken out of the fleet file while they protect the fleet",
    );

    stack.write("fleet.yaml", fleet(lab("x-{0..7}"), 'maxDeletes: "100%"\n'));
    const raised = await stack.preview("--diff");
    expect(raised.output).toContain("maxDeletes");
    succeeded(await stack.up());
    succeeded(await stack.destroy());
    expect(await ids(world)).toEqual([]);
  });

  test("counts what an interrupted operation has not deleted yet", async () => {
    const stack = await world.stack({
      files: { "fleet.yaml": fleet(lab("x-{0..9}"), "maxDeletes: 3\n") },
    });
    succeeded(await stack.up());
    const { output: before } = await stack.pulumi("stack", "export");
    stack.write("fleet.yaml", fleet(lab("x-{0..7}"), "maxDeletes: 3\n"));
    succeeded(await stack.up());
    // As if the run had been killed after its guard had passed: the devices are still there, in state and account.
    await stack.bringBack(before, ["x-8", "x-9"]);
    await onboard("x-{8..9}");

    stack.write("fleet.yaml", fleet(lab("x-{0..5}"), "maxDeletes: 3\n"));
    const run = await stack.preview();
    expect(run.code).not.toBe(0);
    expect(run.output).toContain("would take 4 devices of 8 out of the account");
    expect(run.output).toContain("2 devices left over from an interrupted operation: x-{8..9}");
    stack.write("fleet.yaml", fleet(lab("x-{0..6}"), "maxDeletes: 3\n"));
    succeeded(await stack.up());
    expect(await ids(world)).toEqual(Array.from({ length: 7 }, (_, i) => `x-${i}`));
  });
});

describe("a protected group", () => {
  const file = (fieldIds: string, protect: string, more = "") =>
    fleet(lab("lab-{0..2}") + `  field: { ids: "${fieldIds}", protect: ${protect}${more} }\n`);

  test("can be changed, but nothing can delete or replace it until the protection is lifted by an operation of its own", async () => {
    const stack = await world.stack({ files: { "fleet.yaml": file("field-{0..2}", "true") } });
    succeeded(await stack.up());
    stack.write("fleet.yaml", file("field-{0..2}", "true", ", tags: [oslo]"));
    succeeded(await stack.up());
    const before = await world.devices();

    for (const refused of [
      file("field-{0..1}", "true", ", tags: [oslo]"),
      file("field-{0..1}", "false", ", tags: [oslo]"),
      file("field-{0..2}", "true", ", tags: [oslo], subType: gadget"),
    ]) {
      stack.write("fleet.yaml", refused);
      for (const run of [await stack.preview(), await stack.up()]) {
        expect(run.code).not.toBe(0);
        expect(run.output).toContain(
          "protected devices would be deleted, replaced or released (group field: field-",
        );
      }
    }
    const destroy = await stack.destroy();
    expect(destroy.code).not.toBe(0);
    expect(await world.devices()).toEqual(before);

    stack.write(
      "fleet.yaml",
      file("field-{0..2}", "false", ", tags: [oslo]").replace(
        "kind: Fleet\n",
        'kind: Fleet\nmaxDeletes: "100%"\n',
      ),
    );
    const lifted = await stack.preview();
    expect(lifted.output).toContain("group field is no longer protected");
    succeeded(await stack.up());
    succeeded(await stack.destroy());
    expect(await ids(world)).toEqual([]);
  });
});

describe("the preflight of a preview", () => {
  test("tells by list calls what the account has already, and what the plan does not allow", async () => {
    await onboard("x-{1..2}");
    await onboard("y-1");
    await world.admin("PUT", "/settings", { deviceLimit: 9 });
    const stack = await world.stack({
      files: {
        "fleet.yaml": fleet(lab("x-{0..7}") + `  taken: { ids: "y-{0..1}", adopt: true }\n`),
      },
    });
    await world.admin("DELETE", "/requests");
    const { code, output } = await stack.preview();
    expect(code).toBe(0);
    expect(output).toContain("already in the account, and refused by `up`: x-{1..2} (2 of 10 new devices)");
    expect(output).toContain("already in the account, and adopted by `up`: y-1 (1 of 10 new devices)");
    expect(output).toContain("plan allows 9 devices, but the account has 3 and 7 would come");
    expect(output).toContain("Whether another team has one of their ids shows only when");
    const { routes } = (await world.admin("GET", "/requests")) as {
      routes: Record<string, { count: number }>;
    };
    expect(Object.keys(routes).sort()).toEqual(["GET /v1/account", "GET /v1/devices"]);
  });

  test("is left out where there is nothing new, and said to be impossible without a key", async () => {
    const stack = await world.stack({ files: { "fleet.yaml": fleet(lab("x-{0..3}")) } });
    succeeded(await stack.up());
    await world.admin("DELETE", "/requests");
    const { output } = await stack.preview();
    expect(output).not.toContain("looked for");
    const { routes } = (await world.admin("GET", "/requests")) as { routes: Record<string, unknown> };
    expect(Object.keys(routes)).toEqual(["GET /v1/account"]);
    stack.setEnv("NRF_CLOUD_API_KEY", "");
    stack.write("fleet.yaml", fleet(lab("x-{0..4}")));
    const without = await stack.preview();
    expect(without.code).toBe(0);
    expect(without.output).toContain("no API key");
  });
});
