import { setImmediate as turn } from "node:timers/promises";
import { dissociateDevice } from "../../cloud/association.js";
import { retagClaimedDevice, unclaimDevice } from "../../cloud/claimedDevices.js";
import { orderKey } from "../../cloud/keyOrders.js";
import { deleteDevice, renameDevice, retagDevice } from "../../cloud/devices.js";
import { CloudError, mayHaveTakenEffect } from "../../cloud/errors.js";
import type { Outcome } from "../../cloud/reliably.js";
import type { Clock } from "../../engine/clock.js";
import { asError } from "../../engine/errors.js";
import type { Progress } from "../../engine/progress.js";
import type { Cloud } from "../../lifecycle/session/session.js";
import { bareToken } from "../../ways/attestation/token.js";
import { associate } from "../../ways/jitp/associate.js";
import { issueCertificate } from "../../ways/jitp/issue.js";
import {
  loggedCredential,
  makeCredential,
  type Issuer,
  type MadeCredential,
} from "../../ways/preconnect/credential.js";
import type { Calls } from "./calls.js";
import { configuring, formerOf, isConfigured } from "./configure.js";
import { compareRows, isSigned } from "../plan/change.js";
import { DOUBT, TAKEN } from "../plan/finding.js";
import { mustStop, type RolloutPart, type Tally } from "../plan/rollout.js";
import { loggedNext, sameTags, settle } from "../plan/planRow.js";
import type { RowRecord, Records } from "../table/record.js";
import { formatRow, type Row } from "../table/row.js";
import { RowRun } from "./rowRun.js";
import type { LoggedCredential, Seen, UnfinishedStep } from "../plan/situation.js";
import type { LoggedRow, StepLog } from "./stepLog.js";
import type { CredentialSource, Step } from "../plan/step.js";
import type { Observations, TablePlan } from "../plan/planTable.js";
import { watch } from "./watch.js";
import { NOT_CONNECTED, refusalText, isTaken, tooLate } from "./words.js";

/** What a table is carried out with. */
export interface RunContext {
  readonly cloud: Cloud;
  readonly calls: Calls;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly log: StepLog;
  readonly issuer: Issuer;
}

/** What is to be carried out. */
export interface Order {
  readonly plan: TablePlan;
  readonly declared: ReadonlyMap<string, Row>;
  /** What devices bring: PEM texts, ownership codes, tokens. Secret. */
  readonly materials: ReadonlyMap<string, string>;
  readonly recorded: Records;
  readonly observations: Observations;
}

export interface TableOutcome {
  readonly records: Records;
  /** Why which rows are not as declared, for people. */
  readonly failures: ReadonlyMap<string, string>;
  /** Where a roll-out stopped. */
  readonly stopped: Stopped | undefined;
  /** Root of nRF Cloud's MQTT server (PEM), where nRF Cloud issued certificates. */
  readonly serverCa: string | undefined;
}

/** A roll-out that stopped, because too many rows failed. */
export interface Stopped {
  readonly part: RolloutPart;
  readonly tally: Tally;
  /** The rows that were not attempted, in the order of their change. */
  readonly rest: readonly string[];
}

/** Rows that share one line of the log. */
const LOGGED_TOGETHER = 1000;

/**
 * Carries out a plan, batch by batch: in each deletions for replacements first, then creations, updates, and the other deletions. Every
 * row that was attempted has an outcome; the others are left as they were recorded.
 */
export async function runTable(context: RunContext, order: Order): Promise<TableOutcome> {
  const { plan, declared, recorded, observations } = order;
  const records = new Map<string, RowRecord>(recorded);
  for (const [id, record] of recorded) {
    const row = declared.get(id);
    // Tags in another order are the same tags, and are recorded as they are declared.
    if (row !== undefined && record.row !== undefined && compareRows(record.row, row).kind === "same")
      records.set(id, { ...record, row });
  }
  const failures = new Map<string, string>();
  const tried = new Set<string>();
  const { batches } = plan;
  const now = context.clock.now();
  let serverCa: string | undefined;
  let stopped: Stopped | undefined;
  for (const [i, { ids, part }] of batches.entries()) {
    const rows = ids.flatMap((id) => {
      const rowPlan = plan.rows.get(id);
      if (rowPlan === undefined) return [];
      const { log, seen } = observations;
      return [new RowRun(id, rowPlan, declared.get(id), recorded.get(id), log.get(id), seen.get(id), now)];
    });
    if (batches.length > 1) context.progress.batch({ number: i + 1, of: batches.length });
    const run = new TableRun(context, order, rows);
    await run.all();
    serverCa = run.serverCa ?? serverCa;
    for (const row of rows) {
      const record = row.result();
      if (record === undefined) records.delete(row.id);
      else records.set(row.id, record);
      if (row.failed !== undefined) failures.set(row.id, row.failed);
      tried.add(row.id);
    }
    const tally = part && tallyOf(part, tried, failures);
    if (part === undefined || tally === undefined || !mustStop(part.rollout, tally)) continue;
    const rest = batches.slice(i + 1).flatMap((batch) => batch.ids);
    if (rest.length === 0) continue;
    stopped = { part, tally, rest };
    break;
  }
  return { records, failures, stopped, serverCa };
}

function tallyOf(
  { ids }: RolloutPart,
  tried: ReadonlySet<string>,
  failures: ReadonlyMap<string, string>,
): Tally {
  return {
    tried: ids.filter((id) => tried.has(id)).length,
    failed: ids.filter((id) => failures.has(id)).length,
  };
}

class TableRun {
  serverCa: string | undefined;
  private readonly certified = new Set<string>();

  constructor(
    private readonly context: RunContext,
    private readonly order: Order,
    private readonly rows: readonly RowRun[],
  ) {}

  async all(): Promise<void> {
    for (const row of this.rows) this.takeLogged(row);
    const replaced = this.rows.filter((row) => row.has("onboard"));
    // What can't get a certificate is not deleted for it.
    await this.certify("onboard", replaced.filter(isRemoved));
    await this.remove(replaced);
    await this.issueJitp();
    await this.issueNext();
    await this.onboard();
    await this.register();
    await this.claim();
    await this.renewKeys();
    await this.associate();
    await this.confirmArrivals();
    await this.set("rename");
    await this.set("retag");
    await this.configure();
    await this.remove(this.rows.filter((row) => !row.has("onboard")));
  }

  /** Finds the credential of an interrupted run. It is recorded even if nothing is left to be done. */
  private takeLogged(row: RowRun): void {
    const { id, plan, declared, log } = row;
    const { certificate, privateKey } = log?.credential ?? {};
    if (certificate === undefined) return;
    const isPreconnect = (log?.row ?? declared)?.way === "preconnect";
    row.logged = isPreconnect
      ? loggedCredential(id, log?.credential, this.context.issuer)
      : issuedByCloud(certificate, privateKey);
    if (plan.then !== "logged" || declared === undefined) return;
    if (declared.way !== "preconnect" || isSigned(declared.credential)) row.made = row.logged;
  }

  private async remove(rows: readonly RowRun[]): Promise<void> {
    const { transport } = this.context.cloud;
    await this.removeBy(rows, "delete", (id) => deleteDevice(transport, id), false);
    await this.removeBy(rows, "dissociate", (id) => dissociateDevice(transport, id), false);
    await this.removeBy(rows, "unclaim", (id) => unclaimDevice(this.context.cloud.identity(), id), true);
  }

  private async removeBy(
    candidates: readonly RowRun[],
    kind: "delete" | "dissociate" | "unclaim",
    call: (id: string) => Promise<void>,
    isClaim: boolean,
  ): Promise<void> {
    const rows = candidates.filter((row) => row.step(kind) !== undefined);
    if (rows.length === 0) return;
    await this.singly(rows, kind, kind, call, async (sent) => {
      const late = await watch(this.context, {
        ids: sent.map(({ id }) => id),
        isClaim,
        expects: "absent",
        until: (_, seen) => seen === undefined,
      });
      for (const row of sent)
        if (late.has(row.id)) row.fail(tooLate(this.context.cloud.deadlines, "to leave the account"));
    });
  }

  private async issueJitp(): Promise<void> {
    const rows = this.rows.filter((row) => row.step("issue") !== undefined);
    if (rows.length === 0) return;
    const { cloud, log, progress } = this.context;
    const under = progress.step("issue", rows.length);
    const started = log.start("issue", rows.map(loggedRow));
    const ended = { done: [] as string[], refused: [] as string[], unsettled: [] as string[] };
    await Promise.all(
      rows.map(async (row) => {
        const code = this.order.materials.get(row.id) ?? "";
        const issued = await issueCertificate(cloud.transport, row.id, code, cloud.deadlines);
        under.done(1);
        if (issued.kind === "failed") {
          row.fail(issued.reason);
          ended[issued.nothingDone ? "refused" : "unsettled"].push(row.id);
          return;
        }
        const { clientCert: certificate, privateKey, caCert } = issued.credentials;
        this.serverCa = caCert;
        row.made = issuedByCloud(certificate, privateKey);
        // The key is in this answer only.
        const kept = log.start("issue", [{ ...loggedRow(row), certificate, privateKey }]);
        kept.ended({ done: [row.id], refused: [], unsettled: [] });
        row.succeed("issue");
        ended.done.push(row.id);
      }),
    );
    started.ended(ended);
    under.end();
  }

  /** Makes the next credentials. They are in the log before anything else knows of them. */
  private async issueNext(): Promise<void> {
    const rows = this.rows.filter((row) => row.step("next") !== undefined);
    if (rows.length === 0) return;
    const { cloud, log, progress } = this.context;
    const under = progress.step("next", rows.length);
    for (const some of chunks(rows, LOGGED_TOGETHER)) {
      const made = (
        await Promise.all(
          some.map(async (row) => {
            const step = row.step("next");
            const credential = step && (await this.makeNext(row, step.credential));
            return credential === undefined ? [] : [{ row, credential }];
          }),
        )
      ).flat();
      const started = log.start(
        "next",
        made.map(({ row, credential }) => ({ ...loggedRow(row), ...keptOf(credential) })),
      );
      for (const { row, credential } of made) {
        row.next = credential;
        row.rotatedAt = cloud.transport.serverTime().toISOString();
        row.succeed("next");
      }
      started.ended({ done: made.map(({ row }) => row.id), refused: [], unsettled: [] });
      under.done(some.length);
      await turn();
    }
    under.end();
  }

  /** Orders claimed devices to make new keys, each by a command of its own. */
  private async renewKeys(): Promise<void> {
    const rows = this.rows.filter((row) => row.step("renew") !== undefined);
    if (rows.length === 0) return;
    const { cloud, log, progress } = this.context;
    const under = progress.step("renew", rows.length);
    await Promise.all(
      rows.map(async (row) => {
        const { declared } = row;
        if (declared?.way !== "attestation") return;
        const { generation } = declared.rotation;
        // The id of a command stands in the log as soon as it is known, so each has a line of its own.
        const started = log.start("renew", [loggedRow(row)]);
        const ended = { done: [] as string[], refused: [] as string[], unsettled: [] as string[] };
        try {
          row.command = await orderKey(cloud.identity(), row.id, declared.securityTag, generation);
          started.accepted(row.command);
          row.rotatedAt = cloud.transport.serverTime().toISOString();
          row.succeed("renew");
          ended.done.push(row.id);
        } catch (thrown) {
          const isUnsettled = mayHaveTakenEffect(thrown);
          if (isUnsettled) {
            // Whether nRF Cloud has the order is not known, which is recorded: the next run looks before it gives another.
            row.command = "";
            row.succeed("renew");
          }
          row.fail(textOf(thrown));
          ended[isUnsettled ? "unsettled" : "refused"].push(row.id);
        }
        started.ended(ended);
        under.done(1);
      }),
    );
    under.end();
  }

  private async onboard(): Promise<void> {
    const { calls, log } = this.context;
    await this.inBulk("onboard", (row, declared, made) => {
      if (declared.way !== "preconnect") return undefined;
      const { subType, tags, firmwareTypes } = declared;
      const item = { deviceId: row.id, subType, tags, firmwareTypes, credentialPem: made.pem };
      return calls.onboard.add({ item, logged: { ...loggedRow(row), ...keptOf(made) }, log });
    });
  }

  private async register(): Promise<void> {
    const { calls, log } = this.context;
    await this.inBulk("register", (row, _, made) =>
      calls.register.add({
        item: { deviceId: row.id, pem: made.pem },
        logged: { ...loggedRow(row), ...keptOf(made) },
        log,
      }),
    );
  }

  /** Makes credentials and hands them to the bulk calls, a job's worth at a time, so that the first job is under way early. */
  private async inBulk(
    kind: "onboard" | "register",
    send: (
      row: RowRun,
      declared: Row,
      made: NonNullable<RowRun["made"]>,
    ) => Promise<Outcome & { jobId?: string | undefined }> | undefined,
  ): Promise<void> {
    const rows = this.rows.filter((row) => row.step(kind) !== undefined);
    const pending: Promise<void>[] = [];
    for (const some of chunks(rows, LOGGED_TOGETHER)) {
      await this.certify(kind, some);
      for (const row of some) {
        const { declared, made } = row;
        // A failed row has no steps left.
        if (row.step(kind) === undefined || declared === undefined || made === undefined) continue;
        const sent = send(row, declared, made);
        if (sent !== undefined) pending.push(settled(row, kind, sent));
      }
      await turn();
    }
    await Promise.all(pending);
  }

  /** Makes, or finds, the credentials of rows, side by side: a signer may be far away. */
  private async certify(kind: "onboard" | "register", rows: readonly RowRun[]): Promise<void> {
    await Promise.all(
      rows.map(async (row) => {
        const step = row.step(kind);
        const once = `${kind} ${row.id}`;
        if (step === undefined || this.certified.has(once)) return;
        this.certified.add(once);
        await this.make(row, step.credential);
      }),
    );
  }

  private async make(row: RowRun, source: CredentialSource): Promise<void> {
    row.made = await this.credentialOf(row, source, row.log?.credential);
    row.rotatedAt = this.context.cloud.transport.serverTime().toISOString();
  }

  private makeNext(row: RowRun, source: CredentialSource): Promise<RowRun["made"]> {
    const { declared, log } = row;
    const logged = declared?.way === "preconnect" ? loggedNext(log, declared) : undefined;
    return this.credentialOf(row, source, logged);
  }

  private async credentialOf(
    row: RowRun,
    source: CredentialSource,
    logged: LoggedCredential | undefined,
  ): Promise<RowRun["made"]> {
    const { declared, record } = row;
    if (declared?.way !== "preconnect") return undefined;
    try {
      const material = this.order.materials.get(row.id);
      return await makeCredential(
        { id: row.id, row: declared, source, material, record, logged },
        this.context.issuer,
      );
    } catch (thrown) {
      row.fail(asError(thrown).message);
      return undefined;
    }
  }

  private async claim(): Promise<void> {
    const rows = this.rows.filter((row) => row.step("claim") !== undefined);
    await Promise.all(
      rows.map((row) => {
        const token = bareToken(this.order.materials.get(row.id) ?? "");
        const item = { token, deviceUuid: row.id, tags: row.declared?.tags ?? [] };
        const { calls, log } = this.context;
        return settled(row, "claim", calls.claim.add({ item, logged: loggedRow(row), log }));
      }),
    );
  }

  private async associate(): Promise<void> {
    const rows = this.rows.filter((row) => row.step("associate") !== undefined);
    if (rows.length === 0) return;
    const { cloud, clock, log, progress } = this.context;
    const started = log.start("associate", rows.map(loggedRow));
    const under = progress.step("associate", rows.length);
    const claims = rows.flatMap(({ id, declared }) =>
      declared?.way === "jitp"
        ? [
            {
              deviceId: id,
              ownershipCode: this.order.materials.get(id) ?? "",
              subType: declared.subType,
              waitSeconds: declared.waitSeconds,
            },
          ]
        : [],
    );
    const answers = await associate(cloud.transport, clock, claims, (devices) => {
      under.waiting(devices);
    });
    const ended = { done: [] as string[], refused: [] as string[], unsettled: [] as string[] };
    for (const row of rows) {
      const answer = answers.get(row.id);
      if (answer?.kind === "claimed") {
        row.succeed("associate");
        ended.done.push(row.id);
        continue;
      }
      ended.refused.push(row.id);
      if (answer?.kind === "failed") row.fail(answer.reason);
      else if (row.declared?.way === "jitp" && row.declared.pending === "allow") row.wait();
      else row.fail(NOT_CONNECTED);
    }
    started.ended(ended);
    under.end();
  }

  /** Reads back what was created, and verifies that it is ours: a late list may have hidden somebody else's device. */
  private async confirmArrivals(): Promise<void> {
    const arrived = this.rows.filter((row) => row.arrived && row.failed === undefined);
    if (arrived.length === 0) return;
    const under = this.context.progress.step("confirm", arrived.length);
    for (const isClaim of [false, true]) {
      const rows = new Map(
        arrived
          .filter(({ declared }) => (declared?.way === "attestation") === isClaim)
          .map((row) => [row.id, row]),
      );
      const late = await watch(this.context, {
        ids: [...rows.keys()],
        isClaim,
        expects: "present",
        until: (id, seen) => {
          const row = rows.get(id);
          if (seen === undefined || row === undefined || !isAsClaimed(row, seen)) return false;
          row.seen = seen;
          under.done(1);
          return true;
        },
      });
      for (const id of late) {
        const row = rows.get(id);
        if (row?.seen !== undefined && !row.did("onboard")) continue;
        const { deadlines, onboarding } = this.context.cloud;
        const elsewhere = row?.did("onboard") === true ? onboarding.ifUnseen : undefined;
        row?.fail(tooLate(deadlines, "to appear in the account", elsewhere), true);
      }
    }
    await this.requireOurs(arrived.filter((row) => row.did("onboard") && row.failed === undefined));
    for (const row of arrived) {
      const { seen, declared, record, plan } = row;
      if (row.failed !== undefined || seen === undefined || declared === undefined) continue;
      const keepsName = record?.keepsName === true || plan.outcome === "adopted";
      const isNew = row.did("onboard") && row.has("rename");
      const settling = settle(seen, declared, {
        keepsName,
        doubtful: new Set(isNew ? ["name" as const] : []),
        former: formerOf(row),
      });
      row.steps = [...row.steps.filter(({ kind }) => !SETTLING.has(kind)), ...settling];
    }
    under.end();
  }

  private async requireOurs(rows: readonly RowRun[]): Promise<void> {
    const { transport, onboarding } = this.context.cloud;
    const requested = new Map<string, string | undefined>();
    for (const id of new Set(rows.map(({ jobId }) => jobId)))
      if (id !== undefined) requested.set(id, await onboarding.requestedAt(id));
    // Where an answer was lost, or a job did not say how it ended, an earlier job than the last one may have created the device.
    const doubtful = rows.filter(
      ({ jobId, seen }) => jobId === undefined || isOlder(seen?.createdAt, requested.get(jobId)),
    );
    if (doubtful.length === 0) return;
    const since = new Date(transport.serverTime().getTime() - JOBS_BACK_MS);
    const jobs = await onboarding.jobs({ since, jobIds: [] });
    for (const row of doubtful) {
      const sent = jobs.filter(
        ({ credentials, refused }) =>
          credentials?.get(row.id) === row.made?.pem && refused?.has(row.id) !== true,
      );
      const isOurs = sent.some(({ requestedAt }) => !isOlder(row.seen?.createdAt, requestedAt));
      if (!isOurs) failAsForeign(row, sent.length === 0 && row.jobId === undefined ? DOUBT : TAKEN);
    }
  }

  /** Sets names or tags, one call a device, because nRF Cloud has no other. */
  private async set(kind: "rename" | "retag"): Promise<void> {
    const rows = this.rows.filter((row) => row.step(kind) !== undefined);
    for (const isClaim of [false, true]) {
      const some = rows.filter(({ declared }) => (declared?.way === "attestation") === isClaim);
      if (some.length === 0) continue;
      const byId = new Map(some.map((row) => [row.id, row]));
      await this.singly(
        some,
        kind,
        kind,
        (id) => this.setOne(kind, id, byId.get(id)?.declared),
        async (sent) => {
          const late = await watch(this.context, {
            ids: sent.map(({ id }) => id),
            isClaim,
            expects: "present",
            until: (id, seen) => shows(kind, id, byId.get(id)?.declared, seen),
          });
          for (const row of sent) {
            if (late.has(row.id))
              row.fail(
                tooLate(
                  this.context.cloud.deadlines,
                  kind === "rename" ? "to show its new name" : "to show its new tags",
                ),
              );
          }
        },
      );
    }
  }

  /** Sets what is desired, one call a device. */
  private async configure(): Promise<void> {
    const rows = this.rows.filter((row) => row.step("configure") !== undefined);
    if (rows.length === 0) return;
    const { cloud } = this.context;
    const { present, call } = await configuring(cloud.transport, rows);
    if (present.length === 0) return;
    const byId = new Map(present.map((row) => [row.id, row]));
    await this.singly(present, "configure", "configure", call, async (sent) => {
      const late = await watch(this.context, {
        ids: sent.map(({ id }) => id),
        isClaim: false,
        withShadow: true,
        expects: "present",
        until: (id, seen) => isConfigured(byId.get(id), seen),
      });
      for (const row of sent)
        if (late.has(row.id)) row.fail(tooLate(cloud.deadlines, "to show its configuration"));
    });
  }

  private setOne(kind: "rename" | "retag", id: string, declared: Row | undefined): Promise<void> {
    const { cloud } = this.context;
    if (declared?.way === "attestation") return retagClaimedDevice(cloud.identity(), id, declared.tags);
    return kind === "rename"
      ? renameDevice(cloud.transport, id, declared?.name ?? id)
      : retagDevice(cloud.transport, id, declared?.tags ?? []);
  }

  /** Writes rows down, makes one call for each, and confirms them together. */
  private async singly(
    rows: readonly RowRun[],
    kind: Step["kind"],
    step: UnfinishedStep,
    call: (id: string) => Promise<void>,
    confirm: (sent: readonly RowRun[]) => Promise<void>,
  ): Promise<void> {
    const { log, progress } = this.context;
    const under = progress.step(step, rows.length);
    const sent: RowRun[] = [];
    const started = chunks(rows, LOGGED_TOGETHER).map((some) => ({
      some,
      started: log.start(step, some.map(loggedRow)),
    }));
    const unsettled = new Set<string>();
    await Promise.all(
      rows.map(async (row) => {
        try {
          await call(row.id);
          sent.push(row);
        } catch (thrown) {
          row.fail(textOf(thrown));
          if (mayHaveTakenEffect(thrown)) unsettled.add(row.id);
        }
        under.done(1);
      }),
    );
    if (sent.length > 0) await confirm(sent);
    for (const row of sent) if (row.failed === undefined) row.succeed(kind);
    for (const { some, started: each } of started) {
      each.ended({
        done: some.filter((row) => row.did(kind)).map(({ id }) => id),
        refused: some
          .filter((row) => !row.did(kind) && !sent.includes(row) && !unsettled.has(row.id))
          .map(({ id }) => id),
        unsettled: some
          .filter((row) => !row.did(kind) && (sent.includes(row) || unsettled.has(row.id)))
          .map(({ id }) => id),
      });
    }
    under.end();
  }
}

/** Whether it leaves the account before it is created again. */
function isRemoved(row: RowRun): boolean {
  return (["delete", "dissociate", "unclaim"] as const).some((kind) => row.has(kind));
}

/** What is decided once a device is in the account. */
const SETTLING: ReadonlySet<Step["kind"]> = new Set(["rename", "retag", "configure"]);

/** How far back a job of this run can have been requested. */
const JOBS_BACK_MS = 60 * 60_000;

/** Whether a device was in the account before a job was requested, with a second for clocks without fractions. */
function isOlder(createdAt: string | undefined, requestedAt: string | undefined): boolean {
  return Date.parse(createdAt ?? "") < Date.parse(requestedAt ?? "") - 1000;
}

/** The device is not ours. In doubt the key is kept, as later it may be known better. */
function failAsForeign(row: RowRun, reason: string): void {
  row.seen = undefined;
  row.fail(reason, reason === DOUBT);
}

/** Only claiming sets the sub-type of a just-in-time device, and a list may lag behind it. */
function isAsClaimed({ declared }: RowRun, seen: Seen & { kind: "present" }): boolean {
  return declared?.way !== "jitp" || declared.subType === undefined || declared.subType === seen.subType;
}

function shows(
  kind: "rename" | "retag",
  id: string,
  declared: Row | undefined,
  seen: (Seen & { kind: "present" }) | undefined,
): boolean {
  if (seen === undefined || declared === undefined) return false;
  if (kind === "retag") return sameTags(seen.tags, declared.tags);
  return declared.way === "attestation" || (seen.name ?? id) === (declared.name ?? id);
}

async function settled(
  row: RowRun,
  kind: "onboard" | "register" | "claim",
  sent: Promise<Outcome & { jobId?: string | undefined }>,
): Promise<void> {
  try {
    const outcome = await sent;
    row.jobId = outcome.jobId ?? row.jobId;
    switch (outcome.kind) {
      case "done":
        row.succeed(kind);
        return;
      case "refused":
        // That it exists may be the work of the same request, which something between sent twice.
        row.fail(refusalText(kind, outcome.reason), !outcome.nothingDone || isTaken(outcome.reason));
        return;
      case "failed":
        row.fail(textOf(outcome.error), mayHaveTakenEffect(outcome.error));
    }
  } catch (thrown) {
    row.fail(textOf(thrown), mayHaveTakenEffect(thrown));
  }
}

/** The failure without its device, so that the same failure of many devices is reported once. */
function textOf(thrown: unknown): string {
  if (!(thrown instanceof CloudError)) return asError(thrown).message;
  const remedy = thrown.message.slice(thrown.message.indexOf("\n") + 1);
  return `${thrown.asked.operation}: ${thrown.problem} ${remedy}`;
}

function loggedRow({ id, declared, record, log }: RowRun): LoggedRow {
  const row = declared ?? record?.row ?? log?.row;
  return { id, line: row === undefined ? "" : formatRow(row) };
}

/** What nRF Cloud issued: it is not sent to it again, and its end is not read. */
function issuedByCloud(certificate: string, privateKey: string | undefined): MadeCredential {
  return { pem: certificate, fingerprint: "", certificate, privateKey, validUntil: undefined };
}

function keptOf({
  fingerprint,
  certificate,
  privateKey,
}: NonNullable<RowRun["made"]>): Omit<LoggedRow, "id" | "line"> {
  return { fingerprint, certificate, privateKey };
}

function chunks<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  const all: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += size) all.push(items.slice(start, start + size));
  return all;
}
