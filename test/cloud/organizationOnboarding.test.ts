import { parse } from "csv-parse/sync";
import { beforeEach, describe, expect, it } from "vitest";
import type { Deadlines } from "../../provider/cloud/deadlines.js";
import type { Onboarding } from "../../provider/cloud/devices.js";
import type { OnboardingApi } from "../../provider/cloud/onboarding/api.js";
import { organizationOnboarding } from "../../provider/cloud/onboarding/organization.js";
import { Transport } from "../../provider/cloud/transport.js";
import { API_KEY, quickClock, TestServer, useServer, type Answer, type Asked } from "./server.js";

/** What is sent to the API of an organization, and how its answers are understood: in all the forms that are known, and in others. */

const use = useServer();
const TOKEN = "oat_0123456789abcdef-never-show-me";
const PATH = "/v1/organizations/acme/projects/sinks/long-range/devices/bulk";
const WAIT: Deadlines = { requestMs: 10_000, readbackMs: 300, bulkMs: 30_000 };
const pem = (id: string) => `-----BEGIN CERTIFICATE-----\n${id}+/=\n-----END CERTIFICATE-----\n`;
const devices = ["d-0", "d-1", "d-2"].map((deviceId): Onboarding => ({
  deviceId,
  tags: [],
  firmwareTypes: [],
  credentialPem: pem(deviceId),
}));
const done = { kind: "done" };
const refused = (reason: string) => ({ kind: "refused", reason, nothingDone: true });

let api: OnboardingApi;
beforeEach(() => {
  const transport = new Transport({
    endpoint: `${use.server.origin}/v1`,
    apiKey: TOKEN,
    service: "organization",
    clock: quickClock(),
  });
  api = organizationOnboarding({ transport, team: use.transport, organization: "acme", project: "sinks" });
});

const posts = () => use.server.asked.filter(({ method }) => method === "POST");
const tokensOf = (asked: readonly Asked[]) => new Set(asked.map(({ headers }) => headers.authorization));
const errorSummary = (...errors: unknown[]) => ({ errors });

/** A service that accepts with this, tells these views one after the other, and has these devices. */
function service({
  accepts = { status: 202, headers: { Location: `${PATH}/1` } },
  views = [{ status: "SUCCEEDED" }],
  has = [],
}: {
  readonly accepts?: Answer;
  readonly views?: readonly (Answer | { readonly status: string; readonly errorSummary?: unknown })[];
  readonly has?: readonly string[];
}) {
  let looks = 0;
  use.server.answer(({ method, url }) => {
    if (method === "POST") return accepts;
    if (url.pathname.startsWith(PATH)) {
      const view = views[Math.min(looks++, views.length - 1)] ?? { status: 404 };
      return "status" in view && typeof view.status === "string"
        ? { status: 200, body: view }
        : (view as Answer);
    }
    if (url.pathname === "/v1/devices") return { status: 200, body: { items: has.map((id) => ({ id })) } };
    return { status: 404, body: { code: 40420 } };
  });
}

const onboard = (wanted = devices, deadlines = WAIT) => {
  const accepted: string[] = [];
  return api
    .onboard(wanted, deadlines, (id) => accepted.push(id))
    .then((outcomes) => ({ outcomes, accepted }));
};

describe("a creation by an organization", () => {
  it("is a CSV of two columns with a header, sent with the token to the one path that is known", async () => {
    service({});
    const { outcomes, accepted } = await onboard();
    expect(outcomes).toEqual([done, done, done]);
    const [post] = posts();
    expect(post?.url.pathname).toBe(PATH);
    expect(post?.headers).toMatchObject({ "content-type": "text/csv", authorization: `Bearer ${TOKEN}` });
    expect(parse(post?.body ?? "")).toEqual([
      ["deviceId", "certificate"],
      ...devices.map(({ deviceId }) => [deviceId, pem(deviceId)]),
    ]);
    expect(post?.body.endsWith('-----END CERTIFICATE-----\n"\n')).toBe(true);
    expect(use.server.lines).toEqual([`POST ${PATH}`, `GET ${PATH}/1`]);
    expect(accepted).toEqual([expect.stringMatching(/Z \/organizations\/acme\/.*\/bulk\/1$/)]);
    expect(await api.requestedAt(accepted[0] ?? "")).toMatch(/^\d{4}-.*Z$/);
  });

  it.each<[string, Answer]>([
    ["an address", { status: 202, headers: { Location: "ORIGIN/PATH" } }],
    ["a path in the body", { status: 202, body: { url: `${PATH}/1` } }],
    ["a path without its slash", { status: 202, body: { url: `${PATH}/1`.slice(1) } }],
  ])("tells where its status is by %s", async (_, accepts) => {
    const text = JSON.stringify(accepts).replace("ORIGIN/PATH", `${use.server.origin}${PATH}/1`);
    service({ accepts: JSON.parse(text) as Answer });
    expect((await onboard()).outcomes).toEqual([done, done, done]);
    expect(use.server.lines).toEqual([`POST ${PATH}`, `GET ${PATH}/1`]);
  });

  it("is asked for until it has ended, whatever a passing failure says, and PENDING is no end", async () => {
    service({
      views: [{ status: "PENDING" }, { status: 503 }, { status: "IN_PROGRESS" }, { status: "SUCCEEDED" }],
    });
    expect((await onboard()).outcomes).toEqual([done, done, done]);
    expect(posts()).toHaveLength(1);
  });

  it.each(["SUCCEEDED", "FAILED", "ENDED_SOMEHOW"])(
    "that ended as %s has created what it does not name as failed",
    async (status) => {
      const errors = [{ deviceId: "d-1", error: "No." }, { row: 2, error: "Bad\u001b[31m id." }, { row: 2 }];
      service({ views: [{ status, errorSummary: errorSummary(...errors) }] });
      expect((await onboard()).outcomes).toEqual([
        done,
        refused("No."),
        refused("Bad\\u001b[31m id. nRF Cloud does not say why."),
      ]);
    },
  );

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an empty list", { errors: [] }],
    ["no list", { errors: "all of them" }],
    [
      "a device that was not sent",
      errorSummary({ deviceId: "d-0", error: "No." }, { deviceId: "x", error: "No." }),
    ],
    ["a row that was not sent", errorSummary({ row: 3, error: "No." })],
    ["neither", errorSummary({ deviceId: "d-0", error: "No." }, { error: "Something." })],
    ["text", "it failed"],
  ])("that failed and names %s takes no row for done but what the account has", async (_, summary) => {
    service({ views: [{ status: "FAILED", errorSummary: summary }], has: ["d-1"] });
    const { outcomes } = await onboard();
    expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "done", "failed"]);
    expect(posts()).toHaveLength(1);
    expect(JSON.stringify(outcomes)).not.toContain("BEGIN");
  });
});

describe("a creation of which there is no good answer", () => {
  it.each<[string, Answer]>([
    ["the connection broke", { broken: "before" }],
    ["it broke off", { broken: "within", status: 202 }],
    ["a page came", { status: 202, body: "<html>Please log in</html>" }],
    ["the service failed", { status: 500, body: { message: "Oops" } }],
    ["it is another success", { status: 201, headers: { Location: `${PATH}/1` } }],
    ["it says nothing of a status", { status: 202, body: {} }],
    ["its status is on another host", { status: 202, headers: { Location: "https://foreign.invalid/v1/x" } }],
    [
      "its status is on another host, by its name alone",
      { status: 202, body: { url: "//foreign.invalid/v1/x" } },
    ],
    ["its status is outside of the API", { status: 202, body: { url: "/admin" } }],
  ])("is looked for with the API key, and never sent again: %s", async (_, accepts) => {
    service({ accepts, has: ["d-0"] });
    const { outcomes, accepted } = await onboard();
    expect(outcomes.map(({ kind }) => kind)).toEqual(["done", "failed", "failed"]);
    expect(outcomes[1]).toMatchObject({ error: { mayHaveTakenEffect: true } });
    expect(accepted).toEqual([]);
    expect(posts()).toHaveLength(1);
    const looks = use.server.asked.filter(({ method }) => method === "GET");
    expect(tokensOf(looks)).toEqual(new Set([`Bearer ${API_KEY}`]));
    expect(new Set(looks.map(({ url }) => url.pathname))).toEqual(new Set(["/v1/devices"]));
  });

  it("is sent to no host but the endpoint's", async () => {
    const other = new TestServer(() => ({ status: 200, body: { status: "SUCCEEDED" } }));
    await other.start();
    service({ accepts: { status: 202, headers: { Location: `${other.origin}${PATH}/1` } } });
    await onboard();
    expect(other.asked).toEqual([]);
    await other.stop();
  });
});

describe("a creation that is refused", () => {
  it.each<[number, unknown, readonly string[]]>([
    [401, { message: "Bad token" }, ["Bad token", "NRF_CLOUD_ORGANIZATION_TOKEN", "still exists"]],
    [403, { message: "No" }, ["device:write", "plan"]],
    [404, { message: "No project" }, ["NRF_CLOUD_ORGANIZATION", "NRF_CLOUD_PROJECT"]],
    [422, { message: "Bad file", cause: ["Bad file", "row 3", 4] }, ["Bad file row 3"]],
    [400, "<html>", ["HTTP 400"]],
    [400, { message: `never ${TOKEN}` }, ["never [secret]"]],
  ])("with %d says why, and is not sent again", async (status, body, texts) => {
    service({ accepts: { status, body } });
    const { outcomes } = await onboard();
    for (const outcome of outcomes) {
      if (outcome.kind !== "failed") throw new Error(outcome.kind);
      for (const text of texts) expect(outcome.error.message).toContain(text);
      expect(outcome.error.message).not.toContain(TOKEN);
    }
    expect(use.server.lines).toEqual([`POST ${PATH}`]);
  });
});

describe("what is known of a creation afterwards", () => {
  const id = `2026-01-02T00:00:00.000Z ${PATH.slice(3)}/1`;
  const since = new Date("2026-01-01T00:00:00Z");
  const seen = { id, requestedAt: "2026-01-02T00:00:00.000Z", isOnlyLogged: true };

  it.each<[string, Answer | { readonly status: string; readonly errorSummary?: unknown }, unknown[]]>([
    ["it ended well", { status: "SUCCEEDED" }, [{ ...seen, status: "SUCCEEDED", refused: new Set() }]],
    [
      "it names what it refused",
      { status: "FAILED", errorSummary: errorSummary({ deviceId: "d-1" }) },
      [{ ...seen, status: "FAILED", refused: new Set(["d-1"]) }],
    ],
    ["it says nothing of what it refused", { status: "FAILED" }, [{ ...seen, refused: undefined }]],
    [
      "it names a row, of which nobody knows any more",
      { status: "FAILED", errorSummary: errorSummary({ row: 1 }) },
      [{ ...seen, refused: undefined }],
    ],
    ["its end is another", { status: "CANCELLED" }, [{ ...seen, status: "FAILED", refused: undefined }]],
    ["it goes on", { status: "PENDING" }, [{ ...seen, status: "IN_PROGRESS" }]],
    ["it can't be seen", { status: 404, body: { message: "no" } }, []],
  ])("is what its status says: %s", async (_, view, jobs) => {
    use.server.answer(withoutBulkJobs(view));
    expect(await api.jobs({ since, jobIds: [id, "01F8MECHZX3TBDSZ7XRADM79XV"] })).toMatchObject(jobs);
    expect(use.server.lines.filter((line) => line.includes("organizations"))).toEqual([`GET ${PATH}/1`]);
  });

  it("is not waited for where it can't be seen", async () => {
    use.server.answer(withoutBulkJobs({ status: 404, body: { message: "no" } }));
    await api.earlierJobsEnded([id], 60_000);
    expect(use.server.lines.filter((line) => line.includes("organizations"))).toHaveLength(1);
  });
});

function withoutBulkJobs(view: Answer | { readonly status: string; readonly errorSummary?: unknown }) {
  return ({ url }: Asked): Answer => {
    if (url.pathname === "/v1/bulk-ops-requests") return { status: 200, body: { items: [] } };
    return "status" in view && typeof view.status === "string"
      ? { status: 200, body: view }
      : (view as Answer);
  };
}
