import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { defaultTeams } from "../../../emulator/index.js";
import { deleteDevice } from "../../../provider/cloud/devices.js";
import { Transport } from "../../../provider/cloud/transport.js";
import * as finding from "../../../provider/reconcile/plan/finding.js";
import { useAccount } from "../../support/account.js";
import { credentialsFor } from "../../support/credentials.js";
import { logsOf, onboardByHand, StackOfSet, type Rows } from "../../support/deviceSet.js";
import { PartlyFailed } from "../../support/resource.js";

/** Pre-connect devices that come by the API of an organization, while the API key of its team does all the rest. */

const account = useAccount();
const { slug, project, token } = defaultTeams[0]?.organization ?? { slug: "", project: "", token: "" };
const BY_KEY = { NRF_CLOUD_READBACK_TIMEOUT: "1", NRF_CLOUD_BULK_TIMEOUT: "1" };
const BY_ORGANIZATION = {
  ...BY_KEY,
  NRF_CLOUD_ORGANIZATION: slug,
  NRF_CLOUD_PROJECT: project,
  NRF_CLOUD_ORGANIZATION_TOKEN: token,
};
const CREATIONS = `POST /v1/organizations/:organization/projects/:project/long-range/devices/bulk`;

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  await account.admin("DELETE", "/faults");
  await account.admin("PUT", "/settings", { statusUrl: "relative", rejectRows: {} });
  await account.admin("DELETE", "/requests");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account, { env: BY_ORGANIZATION });
});

const ALL = ["lab-1", "lab-2", "lab-3"];
const rows = (row: Rows[string] = {}): Rows => Object.fromEntries(ALL.map((id) => [id, row]));
const faults = (operation: string, fault: object, times = 1) =>
  account.admin("PUT", "/faults", {
    seed: 1,
    rules: [{ operations: [operation], probability: 1, times, fault }],
  });
const requests = async () => {
  const { routes } = (await account.admin("GET", "/requests")) as {
    routes: Record<string, { count: number }>;
  };
  return (route: string) => routes[route]?.count ?? 0;
};

const byHand = () => new Transport({ endpoint: account.emulator.url, apiKey: account.emulator.apiKey });

async function fails(up: Promise<unknown>): Promise<string> {
  const thrown: unknown = await up.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof PartlyFailed) return thrown.reasons.join("\n");
  if (thrown instanceof Error) return thrown.message;
  throw new Error("it did not fail");
}

const nothingToDo = async (declared: Rows) => {
  expect((await stack.preview(declared)).step).toBe("same");
};

describe("devices that an organization onboards", () => {
  it("are created by its API alone, and are named, tagged, issued new certificates and deleted with the API key", async () => {
    const { told } = await stack.preview(rows());
    expect(told).toContain(
      `3 devices (lab-{1..3}): The API of the organization ${slug} (project ${project}) will onboard`,
    );
    expect(told).toContain("experimental");
    await stack.up(rows({ name: "Kit" }));
    let count = await requests();
    expect([count(CREATIONS), count("POST /v1/devices")]).toEqual([1, 0]);
    await stack.requireKeys(...ALL);
    await nothingToDo(rows({ name: "Kit" }));
    expect((await account.devices()).get("lab-1")).toMatchObject({ name: "Kit", tags: [] });

    const changed = rows({ tags: ["a"], rotation: { generation: 2 } });
    expect((await stack.preview(changed)).told).not.toContain("experimental");
    await stack.up(changed);
    await stack.requireKeys(...ALL);
    await stack.refresh();
    await nothingToDo(changed);
    count = await requests();
    expect(count(CREATIONS)).toBe(1);
    await stack.destroy();
    expect((await account.devices()).size).toBe(0);
  });

  it("may bring their certificates", async () => {
    const declared: Rows = { "lab-1": { credential: { certificate: credentialsFor("lab-1").before } } };
    await stack.up(declared);
    await nothingToDo(declared);
    expect((await account.devices()).size).toBe(1);
  });

  it.each<[string, Rows[string]]>([
    ["tags", { tags: ["a"] }],
    ["sub-type", { subType: "tracker" }],
    ["firmware types", { firmwareTypes: ["APP"] }],
    ["public key", { credential: { publicKey: credentialsFor("lab-1").publicKey[0] } }],
  ])("are refused in the preview where they have what that API does not take: %s", async (what, row) => {
    const declared: Rows = { "lab-1": row };
    await expect(stack.preview(declared)).rejects.toThrow(`can't set the ${what} of these devices`);
    await fails(stack.up(declared));
    expect((await requests())(CREATIONS)).toBe(0);
    stack.env = BY_KEY;
    await stack.up(declared);
    stack.env = BY_ORGANIZATION;
    await nothingToDo(declared);
  });

  it("fail by row, and the others come", async () => {
    await account.admin("PUT", "/settings", { rejectRows: { "lab-2": "The moon is full." } });
    expect(await fails(stack.up(rows()))).toContain(
      "1 device (lab-2): nRF Cloud did not onboard the device: The moon is full.",
    );
    expect([...(await account.devices()).keys()].sort()).toEqual(["lab-1", "lab-3"]);
    await account.admin("PUT", "/settings", { rejectRows: {} });
    await stack.up(rows());
    await stack.requireKeys(...ALL);
  });

  it("are not taken over where somebody else has them", async () => {
    await onboardByHand(account, ["lab-1"]);
    const theirs = await account.devices();
    await expect(stack.preview(rows())).rejects.toThrow(finding.TAKEN.slice(0, 60));
    await fails(stack.up(rows()));
    await stack.destroy().catch(() => undefined);
    expect(await account.devices()).toEqual(theirs);
  });

  it("are reported with where to look for them if the team does not get them", async () => {
    stack.env = { ...BY_ORGANIZATION, NRF_CLOUD_API_KEY: account.emulator.teams[1]?.apiKeys[0]?.key ?? "" };
    expect(await fails(stack.up(rows()))).toContain(
      `Check that the organization ${slug} and its project ${project}`,
    );
  });
});

describe("a run of an organization that was killed", () => {
  it("when all was done is finished with the same certificates, and nothing is created twice", async () => {
    await stack.upAndLoseState(rows());
    const made = await account.devices();
    expect((await stack.preview(rows())).told).toContain(finding.RESUMED);
    await stack.up(rows());
    expect(await account.devices()).toEqual(made);
    expect((await requests())(CREATIONS)).toBe(1);
    await stack.requireKeys(...ALL);
    await nothingToDo(rows());
  });

  it("before the creation had ended is finished as well, with the same certificates", async () => {
    await faults("CreateDevicesInBulk", { kind: "jobStalls", ms: 2_500 });
    await stack.upAndLoseState(rows());
    await stack.up(rows());
    expect((await requests())(CREATIONS)).toBe(1);
    await stack.requireKeys(...ALL);
  });

  it("leaves no orphan behind", async () => {
    await stack.upAndLoseState(rows());
    await stack.up({});
    expect((await account.devices()).size).toBe(0);
  });

  it("is finished with the API key alone only where nothing has to be proved", async () => {
    await stack.upAndLoseState(rows());
    const made = await account.devices();
    stack.env = BY_KEY;
    await expect(stack.preview(rows())).rejects.toThrow(finding.DOUBT);
    expect(await account.devices()).toEqual(made);
    stack.env = BY_ORGANIZATION;
    await stack.up(rows());
    await stack.requireKeys(...ALL);
  });

  it("does not own what was deleted and created again by hand since", async () => {
    await stack.upAndLoseState(rows());
    for (const id of ALL) await deleteDevice(byHand(), id);
    await sleep(2_000);
    await onboardByHand(account, ALL);
    const theirs = await account.devices();
    expect(await fails(stack.up(rows()))).toContain(finding.TAKEN.slice(0, 60));
    await stack.up({});
    expect(await account.devices()).toEqual(theirs);
  });
});

describe("a creation whose answer was lost", () => {
  it.each(["closeAfter", "notJson", "serverError"])(
    "is looked for and not sent again (%s); what is there is left until it is adopted, with the keys that were kept",
    async (kind) => {
      const fault = kind === "serverError" ? { kind, status: 502, afterEffect: true } : { kind };
      await faults("CreateDevicesInBulk", fault);
      const failure = await fails(stack.up(rows()));
      expect(failure).toContain(finding.DOUBT);
      expect((await requests())(CREATIONS)).toBe(1);
      const made = await account.devices();
      expect(made.size).toBe(3);
      expect(await fails(stack.up(rows()))).toContain(finding.TAKEN.slice(0, 60));
      expect(await account.devices()).toEqual(made);
      await stack.up(rows({ adopt: true }));
      expect(await account.devices()).toEqual(made);
      await stack.requireKeys(...ALL);
    },
  );

  it("and that did not arrive is not sent again by the same run, but by the next, with the same keys", async () => {
    await faults("CreateDevicesInBulk", { kind: "closeBefore" });
    expect(await fails(stack.up(rows()))).toContain(
      "The provider sent it once, and the account shows no effect.",
    );
    expect((await requests())(CREATIONS)).toBe(1);
    const { keys } = stack;
    await stack.up(rows());
    expect(stack.keys).toEqual(keys);
    await stack.requireKeys(...ALL);
  });

  it("by an interrupted run then proves nothing: present devices are reported and not changed", async () => {
    await faults("CreateDevicesInBulk", { kind: "closeAfter" });
    await stack.upAndLoseState(rows());
    const made = await account.devices();
    expect(made.size).toBe(3);
    await expect(stack.preview(rows())).rejects.toThrow(finding.DOUBT);
    expect((await stack.preview({})).told).toContain(finding.DOUBT);
    await stack.up({});
    expect(await account.devices()).toEqual(made);
  });

  it.each(["none", "foreign host"])("or does not say where its status is: %s", async (statusUrl) => {
    await account.admin("PUT", "/settings", { statusUrl });
    expect(await fails(stack.up(rows()))).toContain(finding.DOUBT);
    expect((await requests())(CREATIONS)).toBe(1);
  });

  it.each(["absolute", "body only"])("but not where it says so otherwise: %s", async (statusUrl) => {
    await account.admin("PUT", "/settings", { statusUrl });
    await stack.up(rows());
    await stack.requireKeys(...ALL);
  });

  it("for too many requests is sent again when that is over", async () => {
    await faults("CreateDevicesInBulk", { kind: "tooManyRequests", retryAfterSeconds: 1 });
    await stack.up(rows());
    await stack.requireKeys(...ALL);
  });
});

describe("a creation that does not end well", () => {
  it("in time is not repeated; after its end, it proves which devices are ours", async () => {
    await faults("CreateDevicesInBulk", { kind: "jobStalls", ms: 2_500 });
    expect(await fails(stack.up(rows()))).toContain("is still IN_PROGRESS after 1 s");
    const { keys } = stack;
    await stack.up(rows());
    expect((await requests())(CREATIONS)).toBe(1);
    expect(stack.keys).toEqual(keys);
    await stack.requireKeys(...ALL);
  });

  it("and never ends is not what somebody else created since by hand", async () => {
    await faults("CreateDevicesInBulk", { kind: "jobStalls" });
    await stack.upAndLoseState(rows());
    await onboardByHand(account, ALL);
    const theirs = await account.devices();
    expect(await fails(stack.up(rows()))).toContain(finding.DOUBT);
    await stack.up({});
    expect(await account.devices()).toEqual(theirs);
  });

  it("without naming a row keeps the created devices, and the next run creates the rest", async () => {
    await faults("CreateDevicesInBulk", { kind: "jobFailsWithoutSummary", share: 0.34 });
    expect(await fails(stack.up(rows()))).toContain("ended as FAILED without saying which of them failed");
    expect((await account.devices()).size).toBe(1);
    await stack.up(rows());
    await stack.requireKeys(...ALL);
  });
});

describe("the organization auth token", () => {
  it("that is refused is named with its remedy, and stands in no message, state or log", async () => {
    const wrong = "oat_0123456789abcdef-never-show-me";
    stack.env = { ...BY_ORGANIZATION, NRF_CLOUD_ORGANIZATION_TOKEN: wrong };
    const failure = await fails(stack.up(rows()));
    expect(failure).toContain(
      "Check that the organization auth token is complete and still exists (NRF_CLOUD_ORGANIZATION_TOKEN",
    );
    stack.env = BY_ORGANIZATION;
    await stack.up(rows());
    const kept =
      JSON.stringify(stack.backup) +
      logsOf(account)
        .map(({ text }) => text)
        .join("");
    for (const secret of [wrong, token]) {
      expect(failure + account.told.join()).not.toContain(secret);
      expect(kept).not.toContain(secret);
    }
  });

  it("of another project is recognized by the slugs", async () => {
    stack.env = { ...BY_ORGANIZATION, NRF_CLOUD_PROJECT: "other" };
    expect(await fails(stack.up(rows()))).toContain("Check the slugs of the organization and of its project");
  });

  it.each([
    ["NRF_CLOUD_ORGANIZATION", "the slug of the organization"],
    ["NRF_CLOUD_PROJECT", "the slug of its project"],
    ["NRF_CLOUD_ORGANIZATION_TOKEN", "the organization auth token"],
    ["NRF_CLOUD_API_KEY", "the API key reads and deletes them"],
  ])("does not do without %s: nothing starts", async (missing, what) => {
    stack.env = { ...BY_ORGANIZATION, [missing]: "" };
    const preview = stack.preview(rows());
    await expect(preview).rejects.toThrow(`${missing} (or nrfcloud:`);
    await expect(stack.up(rows())).rejects.toThrow(what);
    expect((await account.devices()).size).toBe(0);
  });
});
