import { describe, expect, it } from "vitest";
import { RequestLimiter } from "../../provider/cloud/limiter.js";
import { Transport, type Request } from "../../provider/cloud/transport.js";
import { API_KEY, rejection, TestServer, useServer, type Answer } from "./server.js";

const use = useServer();

const accepted: Answer = { status: 202 };
const put = (n: number): Request => ({
  operation: "SomeOperation",
  method: "PUT",
  path: `/devices/${n}/tags`,
});
const transports = (limiter: RequestLimiter, count: number): Transport[] =>
  Array.from(
    { length: count },
    () => new Transport({ endpoint: `${use.server.origin}/v1`, apiKey: API_KEY, limiter }),
  );

/** When each request arrived, in milliseconds since the first. */
function arrivals(answer: (nth: number) => Answer): number[] {
  const at: number[] = [];
  let first: number | undefined;
  use.server.answer((_, nth) => {
    first ??= performance.now();
    at.push(performance.now() - first);
    return answer(nth);
  });
  return at;
}

describe("the limit of requests a second", () => {
  it("holds in any second", async () => {
    const limiter = new RequestLimiter(20);
    const at: number[] = [];
    const note = () => Promise.resolve(at.push(Date.now()));
    await Promise.all(Array.from({ length: 30 }, () => limiter.run(note)));
    await new Promise((resolve) => setTimeout(resolve, 700));
    await Promise.all(Array.from({ length: 30 }, () => limiter.run(note)));
    expect(at).toHaveLength(60);
    // A busy machine notes the earlier of two late.
    for (const [i, time] of at.slice(20).entries())
      expect(time - (at[i] ?? Infinity)).toBeGreaterThanOrEqual(950);
  });

  it("holds for all who share it", async () => {
    const started = performance.now();
    use.server.answer(() => accepted);
    const sharing = transports(new RequestLimiter(10), 3);
    await Promise.all(sharing.flatMap((each) => Array.from({ length: 10 }, (_, n) => each.execute(put(n)))));
    expect(use.server.asked).toHaveLength(30);
    expect(performance.now() - started).toBeGreaterThanOrEqual(1990);
  });

  it("counts what is repeated like what is sent first", async () => {
    const at = arrivals((nth) => (nth % 2 === 1 ? { status: 503 } : accepted));
    const [transport] = transports(new RequestLimiter(2), 1);
    await transport?.execute(put(0));
    await transport?.execute(put(1));
    expect(at).toHaveLength(4);
    expect(at[3]).toBeGreaterThan(900);
  });
});

describe("being called too often", () => {
  it.each([
    ["in seconds", () => "1"],
    // HTTP dates have no fractions of a second.
    ["as a date", () => new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000).toUTCString()],
  ])("stops everybody for as long as the service asks for, %s", async (_, retryAfter) => {
    const at = arrivals((nth) =>
      nth === 1 ? { status: 429, headers: { "Retry-After": retryAfter() } } : accepted,
    );
    const [one, other] = transports(new RequestLimiter(), 2);
    const first = one?.execute(put(0));
    while (at.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // The answer is on its way; whoever comes now is to wait as well.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await Promise.all([first, ...Array.from({ length: 10 }, (__, n) => other?.execute(put(n)))]);
    expect(at).toHaveLength(12);
    expect(at[1]).toBeGreaterThanOrEqual(990);
  });

  it("stops everybody for the pause before the next try, where the service does not say how long", async () => {
    const at = arrivals((nth) => (nth === 1 ? { status: 429 } : accepted));
    const [one, other] = transports(new RequestLimiter(), 2);
    const first = one?.execute(put(0));
    while (at.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([first, other?.execute(put(1))]);
    expect(at[1]).toBeGreaterThanOrEqual(195);
  });

  it("ends the pause when the longest of several ends", async () => {
    const limiter = new RequestLimiter();
    const started = performance.now();
    limiter.pause(400);
    limiter.pause(100);
    await limiter.run(() => Promise.resolve());
    expect(performance.now() - started).toBeGreaterThanOrEqual(390);
  });

  it("is no reason to wait for an hour", async () => {
    use.server.answer(() => ({ status: 429, headers: { "Retry-After": "3600" } }));
    const [transport] = transports(new RequestLimiter(), 1);
    const error = await rejection(transport?.execute(put(0)) ?? Promise.resolve());
    expect(error.message).toContain("NRF_CLOUD_REQUESTS_PER_SECOND");
    use.server.answer(() => accepted);
    await transport?.execute(put(1));
    expect(use.server.asked).toHaveLength(2);
  });
});

describe("pauses between tries", () => {
  it("differ, so that many who failed together do not come back together", async () => {
    const seen = new Map<string, number[]>();
    const server = new TestServer(({ url }) => {
      const tries = seen.get(url.pathname) ?? [];
      seen.set(url.pathname, [...tries, performance.now()]);
      return tries.length === 0 ? { status: 503 } : accepted;
    });
    await server.start();
    const transport = new Transport({ endpoint: `${server.origin}/v1`, apiKey: API_KEY });
    await Promise.all(Array.from({ length: 16 }, (_, n) => transport.execute(put(n))));
    await server.stop();
    const pauses = [...seen.values()].map(([first = 0, second = 0]) => second - first);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(195);
    // 200 ms and up to a fifth more.
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(5);
  });
});
