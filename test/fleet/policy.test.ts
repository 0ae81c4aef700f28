import { describe, expect, it } from "vitest";
import { parsePolicy, policyLine, readPolicy } from "../../provider/fleet/policy.js";
import { load, problemsOf } from "./io.js";

const fleet = (policy: string) =>
  `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca: { subject: { commonName: Lab CA } }
policy: ${policy}
groups:
  lab: { ids: "lab-{1..3}" }
`;

describe("the policy of a fleet", () => {
  it("is read, and is the same after a round trip through its line", () => {
    const { policy } = load(fleet("{ maxValidity: 2y, minRemaining: 90d, keyReuse: false }"));
    expect(policy).toEqual({
      maxValidity: { text: "2y", hours: 17_520 },
      minRemaining: { text: "90d", hours: 2_160 },
      keyReuse: false,
    });
    const line = policy && policyLine(policy);
    expect(line).toBe("maxValidity=2y minRemaining=90d keyReuse=false");
    expect(parsePolicy(line ?? "")).toEqual({ ok: true, policy });
  });

  it.each([
    ["{ maxValidity: 2 years }", "policy.maxValidity: it is not a duration"],
    ["{ minRemaining: 0d }", "policy.minRemaining: it is not a duration"],
    ["{ maxValidity: 730 }", "policy.maxValidity: it must be a string"],
    ["{ keyReuse: never }", "policy.keyReuse: it must be true or false"],
    ["{ minRemainig: 90d }", 'unknown key "minRemainig"'],
    [
      "{ maxValidity: 30d, minRemaining: 90d }",
      "policy.minRemaining: 90d is not less than maxValidity (30d)",
    ],
    ["{}", "policy: it is empty"],
  ])("%s is reported once, with its place", (policy, problem) => {
    const problems = problemsOf(fleet(policy));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("of a program without types is refused too", () => {
    expect(readPolicy("2y")).toMatchObject({ ok: false });
    expect(readPolicy({ maxValidity: 2 })).toMatchObject({ ok: false, key: "maxValidity" });
    expect(readPolicy({ keyReuse: "no" })).toMatchObject({ ok: false, key: "keyReuse" });
    expect(readPolicy({ most: "2y" })).toMatchObject({ ok: false, key: "most" });
    expect(parsePolicy("maxValidity")).toMatchObject({ ok: false, key: "maxValidity" });
  });
});
