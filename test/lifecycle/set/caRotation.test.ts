import { rmSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import type { Phase } from "../../../provider/fleet/rotation.js";
import type { CertificateAuthority } from "../../../provider/pki/ca.js";
import { isSignedBy } from "../../../provider/pki/signedBy.js";
import { unpackCertificates } from "../../../provider/pki/pack.js";
import * as finding from "../../../provider/reconcile/plan/finding.js";
import { keptUnder, type Kept } from "../../../provider/reconcile/table/packRotation.js";
import { useAccount } from "../../support/account.js";
import { credentialsFor, csrs } from "../../support/credentials.js";
import { fleetCa, StackOfSet, type Rows } from "../../support/deviceSet.js";

/** The rotation of a CA: both are declared while the devices rotate, and then the next one replaces the other. */

const account = useAccount();

/** Stands for what a preview does not know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let stack: StackOfSet;
let old: CertificateAuthority;
let next: CertificateAuthority;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
  [old, next] = [fleetCa("Old CA"), fleetCa("Next CA")];
  stack = new StackOfSet(account, { ca: old });
});

/** What a program declares while both CAs are declared. */
const both = () => ({ nextCaCertificate: next.certificatePem, nextCaPrivateKey: next.privateKeyPem });

const rows = (generation: number, phase: Phase = "activate", ids = ["lab-1", "lab-2"]): Rows =>
  Object.fromEntries(ids.map((id) => [id, { rotation: { generation, phase } }]));

const registered = async () =>
  new Map([...(await account.devices())].map(([id, { certificate }]) => [id, certificate?.fingerprint]));

function kept(id: string, which: Kept): string | undefined {
  const { keptCertificates } = stack.outputs;
  return unpackCertificates(typeof keptCertificates === "string" ? keptCertificates : "").get(
    keptUnder(id, which),
  );
}

const isOf = (ca: CertificateAuthority, certificate: string | undefined) =>
  certificate !== undefined && isSignedBy(certificate, ca.certificatePem);
const present = (id: string) => stack.certificates.get(id);

async function nothingToDo(wanted: Rows, more = {}): Promise<void> {
  expect((await stack.preview(wanted, more)).step).toBe("same");
  await stack.refresh();
  expect((await stack.preview(wanted, more)).step).toBe("same");
}

describe("a rotation of the CA", () => {
  it("follows the phases of its devices, and changes no device when the next CA replaces the old one", async () => {
    await stack.up(rows(1));
    const before = await registered();

    const { told } = await stack.preview(rows(2, "issue"), both());
    expect(told).toContain("~ 2 devices will get their next certificate issued: lab-{1..2}");
    expect(told).toMatch(/2 devices \(lab-\{1\.\.2\}\): Both CAs are declared\..*"Old CA".*"Next CA"/);
    expect(told).not.toContain("can't connect");
    await stack.up(rows(2, "issue"), both());
    expect(await registered()).toEqual(before);
    expect(isOf(old, present("lab-1"))).toBe(true);
    expect(isOf(next, kept("lab-1", "next"))).toBe(true);
    await nothingToDo(rows(2, "issue"), both());

    const some = { ...rows(2, "activate", ["lab-1"]), ...rows(2, "issue", ["lab-2"]) };
    await stack.up(some, both());
    expect(isOf(next, present("lab-1"))).toBe(true);
    expect(isOf(old, present("lab-2"))).toBe(true);
    await nothingToDo(some, both());

    // Back, as long as the old CA is declared.
    await stack.up(rows(1), both());
    expect(await registered()).toEqual(before);
    await nothingToDo(rows(1), both());

    await stack.up(rows(2), both());
    await stack.requireKeys("lab-1", "lab-2");
    const activated = await registered();

    stack.ca = next;
    const moved = await stack.preview(rows(2));
    expect(moved.told).toMatch(
      /2 devices \(lab-\{1\.\.2\}\): "Next CA" \(\w{8}\) replaces "Old CA" \(\w{8}\)/,
    );
    expect(moved.told).toContain(finding.PREVIOUS_OF_DROPPED_CA);
    expect(moved.told).not.toContain("~ ");
    const revision = stack.certificates;
    await stack.up(rows(2));
    expect(await registered()).toEqual(activated);
    expect(stack.certificates).toEqual(revision);
    await nothingToDo(rows(2));
    await expect(stack.preview(rows(1))).rejects.toThrow(finding.CA_UNDECLARED);
    await stack.up(rows(2, "done"));
    expect(stack.outputs.keptCertificates).toBeUndefined();
    await nothingToDo(rows(2, "done"));
  });

  it("leaves out no device silently: those without a rotation, with CSRs, with their own certificates, and claimed ones", async () => {
    const [csr] = csrs();
    const brings = { credential: { csr } };
    await stack.up({ "lab-1": {}, "lab-2": brings });
    const others: Rows = {
      own: { credential: { certificate: credentialsFor("own").before } },
      kit: { via: "jitp", ownershipCode: "314159" },
    };
    const all = await stack.preview({ "lab-1": {}, "lab-2": brings, ...others }, both());
    expect(all.told).toContain(`1 device (own): ${finding.CA_OF_OWN}`);
    expect(all.told).toContain(`1 device (kit): ${finding.CA_OF_OTHERS}`);
    const { told } = await stack.preview({ "lab-1": {}, "lab-2": brings }, both());
    expect(told).toContain(`1 device (lab-1): ${finding.CA_LEFT_BEHIND}`);
    expect(told).toContain(`1 device (lab-2): ${finding.CSR_LEFT_BEHIND}`);
    await stack.up({ "lab-1": {}, "lab-2": brings }, both());
    expect(isOf(old, present("lab-1"))).toBe(true);

    // The same CSR, signed by the next CA.
    const turned: Rows = { "lab-1": {}, "lab-2": { ...brings, rotation: { generation: 2, phase: "issue" } } };
    await stack.up(turned, both());
    expect(isOf(next, kept("lab-2", "next"))).toBe(true);

    // Too early: the old CA is dropped while one device has its certificate only.
    stack.ca = next;
    const early = await stack.preview({ ...turned, "lab-2": { ...brings, rotation: { generation: 2 } } });
    expect(early.told).toContain("~ 1 device will get a certificate of the new CA, for the same key: lab-1");
    expect(early.told).toContain("It can't connect before it has it.");
    expect(early.told).toContain("~ 1 device will activate generation 2: lab-2");
  });

  it("signs for new devices with the next CA, and renews with the CA of each certificate", async () => {
    await stack.up(rows(1, "activate", ["lab-1"]));
    await stack.up(rows(1), { ...both(), validityDays: 30 });
    expect(isOf(old, present("lab-1"))).toBe(true);
    expect(isOf(next, present("lab-2"))).toBe(true);
    await nothingToDo(rows(1), { ...both(), validityDays: 30 });
    await stack.up(rows(1), { ...both(), validityDays: 40 });
    expect(isOf(old, present("lab-1"))).toBe(true);
    expect(isOf(next, present("lab-2"))).toBe(true);
  });

  it("that was interrupted issues nothing twice, and knows which CA signed what the log has", async () => {
    await stack.up(rows(1));
    await stack.upAndLoseState(rows(2, "issue"), both());
    await stack.up(rows(2, "issue"), both());
    await stack.upAndLoseState(rows(2), both());
    await stack.up(rows(2), both());
    await stack.requireKeys("lab-1", "lab-2");
    expect(isOf(next, present("lab-1"))).toBe(true);
    stack.ca = next;
    const before = await registered();
    await stack.up(rows(2));
    expect(await registered()).toEqual(before);
    await nothingToDo(rows(2));
  });

  it("that is given up reports what has certificates of the removed CA, and activates none of them", async () => {
    await stack.up(rows(1));
    await stack.up(rows(2, "issue"), both());
    const { told } = await stack.preview(rows(2, "issue"));
    expect(told).toMatch(/2 devices \(lab-\{1\.\.2\}\): "Next CA" \(\w{8}\) is not declared any more/);
    await expect(stack.preview(rows(2))).rejects.toThrow(finding.CA_UNDECLARED);
    await expect(stack.up(rows(2))).rejects.toThrow(finding.CA_UNDECLARED);
    await stack.up(rows(1));
    await nothingToDo(rows(1));
  });

  it("is refused where the next CA would not become the present one, but another CA would be made", async () => {
    await stack.up(rows(1));
    await stack.up(rows(2, "issue"), both());
    await stack.up(rows(2), both());
    const anew = { caCertificate: UNKNOWN, caPrivateKey: UNKNOWN };
    await expect(stack.preview(rows(2), anew)).rejects.toThrow(
      /2 devices \(lab-\{1\.\.2\}\): "Next CA" .* yet another CA/,
    );
    stack.ca = fleetCa("Third CA");
    await expect(stack.preview(rows(2))).rejects.toThrow("yet another CA");
    // A next CA of which nothing was issued can be given up for any other.
    const fresh = new StackOfSet(account, { ca: old, name: "other", stack: "other" });
    await fresh.up(rows(1, "activate", ["kit-1"]));
    await fresh.up(rows(1, "activate", ["kit-1"]), both());
    expect((await fresh.preview(rows(1, "activate", ["kit-1"]), anew)).told).toContain("The CA is not known");
  });

  it("of a CA that ends soon is no breach of the policy that demands more time", async () => {
    stack = new StackOfSet(account, { ca: fleetCa("Old CA", 80) });
    await stack.up(rows(1));
    const more = { policy: "minRemaining=90d" };
    await expect(stack.preview(rows(1), more)).rejects.toThrow(/The CA ends at/);
    await expect(stack.preview(rows(1), { ...more, ...both() })).rejects.not.toThrow(/The CA ends at/);
    await stack.up(rows(2), { ...more, ...both() });
    await nothingToDo(rows(2), { ...more, ...both() });
  });
});

it("a CA that is replaced without a rotation is reported as a danger that disconnects devices", async () => {
  await stack.up(rows(1));
  stack.ca = next;
  const { told } = await stack.preview(rows(1));
  expect(told).toContain("~ 2 devices will get a certificate of the new CA, for the same key: lab-{1..2}");
  expect(told).toContain("They can't connect before they have it.");
});
