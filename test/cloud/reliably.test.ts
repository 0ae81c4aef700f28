import { parse } from "csv-parse/sync";
import { beforeEach, describe, expect, it } from "vitest";
import { onboardDevices, registerCredentials } from "../../provider/cloud/bulk.js";
import type { Deadlines } from "../../provider/cloud/deadlines.js";
import type { Onboarding } from "../../provider/cloud/devices.js";
import { useServer, type Answer, type Asked } from "./server.js";

const use = useServer();

const WAIT: Deadlines = { requestMs: 10_000, readbackMs: 600, bulkMs: 5_000 };
const TAKEN = "Thing already exists in account with different attributes";
const REGISTERED = "The device certificate is already registered and attached to a different device.";
const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
const device = (deviceId: string): Onboarding => ({
  deviceId,
  tags: [],
  firmwareTypes: [],
  credentialPem: pem(deviceId),
});
const devices = ["d-0", "d-1", "d-2"].map(device);
const done = { kind: "done" };
const lost: Answer = { broken: "before" };

/** How a request that changes something goes. */
interface Fate {
  /** Whether it reaches the service. Default yes. */
  readonly reaches?: boolean;
  /** What comes back instead of the service's answer. */
  readonly answer?: Answer;
  /** How long its job is under way, in looks at the list of jobs or at the job itself. Default 0. */
  readonly looks?: number;
  /** Whether the job fails without saying which rows, applying those before this one. */
  readonly appliesBefore?: number;
}

interface Job {
  readonly id: string;
  readonly endpoint: string;
  readonly errors: readonly string[];
  readonly unexplained: boolean;
  readonly apply: () => void;
  looks: number;
}

/** An account that takes requests as a test says, one after the other; from the last one on all goes well. */
class Account {
  readonly devices = new Map<string, string>();
  /** Ids that another team has. */
  readonly elsewhere = new Set<string>();
  readonly jobs: Job[] = [];
  readonly posts: { readonly path: string; readonly body: string }[] = [];

  constructor(private readonly fates: readonly Fate[]) {}

  readonly handler = ({ method, url, body }: Asked): Answer => {
    const { pathname } = url;
    if (method === "POST") return this.post(pathname, body);
    const id = pathname.split("/")[3];
    if (pathname === "/v1/bulk-ops-requests") return page(this.jobs.map((job) => this.view(job)));
    if (pathname.startsWith("/v1/bulk-ops-requests/")) {
      const job = this.jobs.find((each) => each.id === id);
      return job === undefined ? missing : { status: 200, body: this.view(job) };
    }
    if (pathname.startsWith("/files/")) {
      return {
        status: 200,
        body: { errors: this.jobs.find((each) => each.id === pathname.slice(7))?.errors },
      };
    }
    if (pathname === "/v1/devices") {
      const wanted = url.searchParams.get("deviceIds")?.split(",") ?? [];
      return page(wanted.filter((each) => this.devices.has(each)).map((each) => ({ id: each })));
    }
    return this.devices.has(id ?? "") ? { status: 200, body: { id } } : missing;
  };

  private post(path: string, body: string): Answer {
    const fate = this.fates[this.posts.length] ?? {};
    this.posts.push({ path, body });
    const answer = fate.reaches === false ? lost : this.take(path, body, fate);
    return fate.answer ?? answer;
  }

  private take(path: string, body: string, fate: Fate): Answer {
    const isOnboarding = path === "/v1/devices";
    const rows = parse(body).map((row): [string, string] => [row[0] ?? "", row.at(-1) ?? ""]);
    const applied = rows.slice(0, fate.appliesBefore);
    const work = isOnboarding ? this.onboard : this.register;
    let done = false;
    const errors: string[] = [];
    const job: Job = {
      id: `01F8MECHZX3TBDSZ7XRADM79X${this.jobs.length}`,
      endpoint: isOnboarding ? "ONBOARD_DEVICES" : "REGISTER_CERTIFICATES",
      errors,
      unexplained: fate.appliesBefore !== undefined,
      looks: fate.looks ?? 0,
      apply: () => {
        if (done) return;
        done = true;
        for (const [row, [deviceId, credential]] of applied.entries()) {
          const error = work(deviceId, credential);
          if (error !== undefined) errors.push(`[${row}]: ${error}`);
        }
      },
    };
    this.jobs.push(job);
    return { status: 202, body: { bulkOpsRequestId: job.id } };
  }

  private readonly onboard = (deviceId: string, credential: string): string | undefined => {
    if (this.elsewhere.has(deviceId)) return TAKEN;
    const present = this.devices.get(deviceId);
    if (present !== undefined) return TAKEN;
    if ([...this.devices.values()].includes(credential)) return REGISTERED;
    this.devices.set(deviceId, credential);
    return undefined;
  };

  private readonly register = (deviceId: string, credential: string): string | undefined => {
    // As strict as the service could be: even the same device's is refused.
    if ([...this.devices.values()].includes(credential)) return REGISTERED;
    this.devices.set(deviceId, credential);
    return undefined;
  };

  private view(job: Job) {
    if (job.looks-- > 0) return { bulkOpsRequestId: job.id, endpoint: job.endpoint, status: "IN_PROGRESS" };
    job.apply();
    const failed = job.unexplained || job.errors.length > 0;
    return {
      bulkOpsRequestId: job.id,
      endpoint: job.endpoint,
      status: failed ? "FAILED" : "SUCCEEDED",
      ...(failed && !job.unexplained ? { errorSummaryUrl: `${use.server.origin}/files/${job.id}` } : {}),
    };
  }
}

const missing: Answer = { status: 404, body: { code: 40410, message: "not found" } };
const page = (items: readonly unknown[]): Answer => ({ status: 200, body: { items } });

function account(...fates: Fate[]): Account {
  const made = new Account(fates);
  use.server.answer(made.handler);
  return made;
}

/** Answers by which the effect of a request can't be told. */
const losses: [string, Answer][] = [
  ["the connection broke", lost],
  ["it broke off", { broken: "within", status: 202 }],
  ["something else answered", { status: 200, body: "<html>Please log in</html>" }],
  ["the service failed after it", { status: 502 }],
];

describe.each(losses)("a bulk request that took effect, though its answer was lost: %s", (_, answer) => {
  it("is found by its job and its devices, and not sent again", async () => {
    const cloud = account({ answer, looks: 2 });
    expect(await onboardDevices(use.transport, devices, WAIT)).toEqual([done, done, done]);
    expect(cloud.posts).toHaveLength(1);
    expect(cloud.jobs[0]?.looks).toBeLessThan(0);
  });
});

describe("a bulk request whose answer was lost", () => {
  it("is sent again where nothing took effect", async () => {
    const cloud = account({ reaches: false });
    expect(await onboardDevices(use.transport, devices, WAIT)).toEqual([done, done, done]);
    expect(cloud.posts).toHaveLength(2);
    expect(cloud.posts[1]).toEqual(cloud.posts[0]);
    expect(cloud.devices.size).toBe(3);
  });

  it("is sent again for those rows alone that did not take effect", async () => {
    const cloud = account({ answer: lost, appliesBefore: 2 });
    expect(await onboardDevices(use.transport, devices, WAIT)).toEqual([done, done, done]);
    // A single one goes by a job as well: only a job tells afterwards what came into the account when.
    expect(cloud.posts.map(({ path }) => path)).toEqual(["/v1/devices", "/v1/devices"]);
    expect(parse(cloud.posts[1]?.body ?? "")).toEqual([["d-2", "", "", "", pem("d-2")]]);
  });

  it("waits for every job that may be it", async () => {
    const cloud = account({ answer: lost, looks: 1 });
    const other: Job = {
      id: "01F8MECHZX3TBDSZ7XRADM79ZZ",
      endpoint: "PROVISION_DEVICES",
      errors: [],
      unexplained: false,
      looks: 4,
      apply: () => undefined,
    };
    cloud.jobs.push(other);
    expect(await onboardDevices(use.transport, devices, WAIT)).toEqual([done, done, done]);
    expect(other.looks).toBeLessThan(0);
  });

  it("is sent three times at most, and then says what is known", async () => {
    const cloud = account(...Array<Fate>(5).fill({ reaches: false }));
    const outcomes = await onboardDevices(use.transport, devices, WAIT);
    expect(cloud.posts).toHaveLength(3);
    for (const outcome of outcomes) {
      if (outcome.kind !== "failed") throw new Error(outcome.kind);
      expect(outcome.error).toMatchObject({ mayHaveTakenEffect: true });
      expect(outcome.error.message).toContain(
        "The provider sent it 3 times, and the account shows no effect.",
      );
      expect(outcome.error.message).toContain("Run the same command again");
    }
  });

  it("is not sent again while it may be under way", async () => {
    const cloud = account({ answer: lost, looks: 1_000 });
    const outcomes = await onboardDevices(use.transport, devices, { ...WAIT, bulkMs: 1_000 });
    expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "failed", "failed"]);
    expect(cloud.posts).toHaveLength(1);
  });

  it("is not sent again where nobody can look", async () => {
    const cloud = account({ reaches: false });
    use.server.answer((asked) =>
      asked.method === "POST" ? cloud.handler(asked) : { status: 403, body: { code: 40300 } },
    );
    const [outcome] = await onboardDevices(use.transport, devices, WAIT);
    expect(outcome).toMatchObject({ kind: "failed" });
    expect(cloud.posts).toHaveLength(1);
  });

  it("leaves a device to the other team that took it in between, and knows its name", async () => {
    const cloud = account({ reaches: false });
    cloud.elsewhere.add("d-1");
    expect(await onboardDevices(use.transport, devices, WAIT)).toEqual([
      done,
      { kind: "refused", reason: TAKEN, nothingDone: false },
      done,
    ]);
  });
});

describe("a job that failed without saying which rows", () => {
  it("is settled by what is in the account, and the rest is sent once more", async () => {
    const cloud = account({ appliesBefore: 1 });
    expect(await onboardDevices(use.transport, devices, WAIT)).toEqual([done, done, done]);
    expect(cloud.posts).toHaveLength(2);
    expect(parse(cloud.posts[1]?.body ?? "")).toHaveLength(2);
  });
});

describe("the onboarding of a single device, its answer lost", () => {
  it("is done where the device is there", async () => {
    const cloud = account({ answer: lost });
    expect(await onboardDevices(use.transport, [device("d-0")], WAIT)).toEqual([done]);
    expect(cloud.posts).toHaveLength(1);
  });

  it("is sent again where it is not", async () => {
    const cloud = account({ reaches: false });
    expect(await onboardDevices(use.transport, [device("d-0")], WAIT)).toEqual([done]);
    expect(cloud.posts).toHaveLength(2);
  });

  it("is ours where it shows only when it is sent again and refused", async () => {
    const cloud = account({ reaches: false }, {});
    use.server.answer((asked) => {
      // It arrives late: after nothing was seen of it, and before it is sent again.
      if (asked.method === "POST" && cloud.posts.length === 1) cloud.devices.set("d-0", pem("d-0"));
      return cloud.handler(asked);
    });
    expect(await onboardDevices(use.transport, [device("d-0")], WAIT)).toEqual([done]);
    expect(cloud.posts).toHaveLength(2);
  });

  it("that was refused at once is no loss", async () => {
    const cloud = account();
    cloud.elsewhere.add("d-0");
    expect(await onboardDevices(use.transport, [device("d-0")], WAIT)).toEqual([
      { kind: "refused", reason: TAKEN, nothingDone: true },
    ]);
    expect(cloud.posts).toHaveLength(1);
  });
});

describe("certificates that are registered, with the answer lost", () => {
  const certificates = ["d-0", "d-1"].map((deviceId) => ({ deviceId, pem: pem(`new ${deviceId}`) }));

  it("are registered once more, and a refusal then says that they are registered already", async () => {
    const cloud = account({ answer: lost });
    expect(await registerCredentials(use.transport, certificates, WAIT)).toEqual([done, done]);
    expect(cloud.posts).toHaveLength(2);
    expect(cloud.devices.get("d-1")).toBe(pem("new d-1"));
  });

  it("are registered once more where nothing took effect", async () => {
    const cloud = account({ reaches: false });
    expect(await registerCredentials(use.transport, certificates, WAIT)).toEqual([done, done]);
    expect(cloud.devices.get("d-0")).toBe(pem("new d-0"));
  });

  it("say nothing about public keys that are sent at the same time", async () => {
    const cloud = account();
    use.server.answer((asked) =>
      asked.url.pathname.endsWith("/public-keys")
        ? { status: 422, body: { code: 42200, message: "row 0: keyPem" } }
        : cloud.handler(asked),
    );
    const key = { deviceId: "d-2", pem: "-----BEGIN PUBLIC KEY-----" };
    expect(await registerCredentials(use.transport, [key, ...certificates], WAIT)).toMatchObject([
      { kind: "failed", error: { status: 422 } },
      done,
      done,
    ]);
  });

  it("are refused where they were never sent before", async () => {
    const cloud = account();
    cloud.devices.set("d-9", pem("new d-1"));
    expect(await registerCredentials(use.transport, certificates, WAIT)).toEqual([
      done,
      { kind: "refused", reason: REGISTERED, nothingDone: true },
    ]);
  });
});

describe("what was never sent", () => {
  beforeEach(() => use.server.stop());

  it("fails at once", async () => {
    for (const outcome of await onboardDevices(use.transport, devices, WAIT))
      expect(outcome).toMatchObject({ kind: "failed", error: { mayHaveTakenEffect: false } });
    await use.server.start();
  });
});
