import path from "node:path";
import { fetchAccount } from "../cloud/account.js";
import type { Account, CloudDevice } from "../cloud/answers.js";
import type { Deadlines } from "../cloud/deadlines.js";
import { findDevices } from "../cloud/devices.js";
import type { Transport } from "../cloud/transport.js";
import { Batcher } from "../engine/batcher.js";
import { ExpectedError } from "../engine/errors.js";
import { Journal } from "../engine/journal.js";
import { flushNotices, notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { projectFolder, projectName } from "../engine/projectFolder.js";
import { SharedPoll } from "../engine/sharedPoll.js";
import { isAnswered, onShutdown } from "../engine/shutdown.js";
import { requiredSettings, settings } from "./settings.js";
import { transportsOf } from "./transports.js";

/** How long a batch waits for more to arrive. */
export const QUIET_MS = 100;
const POLL_MS = 400;

/** What an entry of the journal is about. */
export type JournalKind =
  | "device"
  | "claim"
  | "changing"
  | "leaving"
  | "attestation"
  | "retagging"
  | "unclaiming"
  | "rule"
  | "rule leaving"
  | "jitp";

/** What all resources of one operation share: the connection, the account, the journal, and looks at many devices. */
export interface Session {
  /** To the device API. */
  readonly transport: Transport;
  /** To the Identity and Provisioning service. @throws ExpectedError where it is not known which one is meant */
  readonly identity: () => Transport;
  readonly account: Account;
  /** How long to wait for nRF Cloud. */
  readonly deadlines: Deadlines;
  /** What earlier runs of this stack left half done, of one kind. */
  readonly journalOf: (kind: JournalKind, properties: LooseObject) => Journal;
  /** What a run that was killed before it saved its state has left of this device in the account; looked for once for all of them. */
  readonly unfinishedDevice: (deviceId: string, properties: LooseObject) => Promise<CloudDevice | undefined>;
  /** One device as the account has it now; asked for together with others. */
  readonly lookUp: (deviceId: string) => Promise<CloudDevice | undefined>;
  /** Waits for devices to appear, change or vanish, all by one loop. */
  readonly watch: SharedPoll<CloudDevice>;
}

/** What an account lists, and so goes on having where nobody looks after it. */
const LISTED = ["device", "claim", "attestation", "rule"] as const satisfies readonly JournalKind[];

let current: Promise<Session> | undefined;

/**
 * The session of this operation. Opened once a process, by one FetchAccount: a wrong key or an unreachable host shows
 * before anything is changed.
 *
 * @throws ExpectedError without an API key; CloudError when the key or the host is wrong
 */
export function session(): Promise<Session> {
  return (current ??= open());
}

/**
 * The session where one can be had: a preview works without an API key, and says once that it could not look into the
 * account. A key that is wrong is an error all the same.
 */
export function sessionIfConfigured(): Promise<Session> | undefined {
  if (settings() !== undefined) return session();
  notice({
    subject: "nRF Cloud",
    text:
      "no API key (NRF_CLOUD_API_KEY or nrfcloud:apiKey), so this preview could not check it, nor look for the work of an " +
      "interrupted run. `pulumi up` will need one.",
  });
  return undefined;
}

async function open(): Promise<Session> {
  const known = requiredSettings();
  const { deadlines } = known;
  const { transport, identity } = transportsOf(known);
  const account = await fetchAccount(transport);
  const look = (deviceIds: readonly string[]) => findDevices(transport, deviceIds);
  const lookUps = new Batcher<string, CloudDevice | undefined>({
    maxSize: 1000,
    quietMs: QUIET_MS,
    run: async (ids) => {
      const found = await look([...new Set(ids)]);
      return ids.map((id) => ({ ok: true, value: found.get(id) }));
    },
  });
  // A folder may be shared by projects that have stacks and fleets of the same names.
  const journal = Journal.open(journalFolder(account)).within((projectName() ?? "").replace(/\//g, "_"));
  const scopes = new Map<string, Journal>();
  onShutdown(() => {
    if (!isAnswered()) return;
    // Of other stacks this process knows nothing.
    const stacks = new Set([...scopes.keys()].map((scope) => scope.slice(0, scope.indexOf("/"))));
    for (const stack of stacks) {
      journal.within(stack).end();
      for (const kind of LISTED) tellUnattended(journal.within(stack, kind));
    }
    flushNotices();
  });
  // Every resource is registered with the name of its stack: what another stack left is no business of this one.
  const journalOf = (kind: JournalKind, { stack: given }: LooseObject) => {
    const stack = typeof given === "string" ? given : "";
    const scope = scopes.get(`${stack}/${kind}`) ?? journal.within(stack, kind);
    scopes.set(`${stack}/${kind}`, scope);
    return scope;
  };
  // A check may not cost a call a device.
  let unfinished: Promise<ReadonlyMap<string, CloudDevice>> | undefined;
  return {
    transport,
    identity() {
      if (identity !== undefined) return identity;
      throw new ExpectedError(
        "The device API was pointed at another host, but not the Identity and Provisioning service, which attestation claims need. " +
          "Set NRF_CLOUD_IDENTITY_ENDPOINT or nrfcloud:identityEndpoint as well (the emulator serves it at /provisioning/v1).",
      );
    },
    account,
    deadlines,
    journalOf,
    async unfinishedDevice(deviceId, properties) {
      const entries = journalOf("device", properties);
      if (entries.unfinished(deviceId) === undefined) return undefined;
      unfinished ??= findDevices(
        transport,
        entries.allUnfinished().map(({ key }) => key),
        { withState: true },
      );
      return (await unfinished).get(deviceId);
    },
    lookUp: (deviceId) => lookUps.add(deviceId),
    watch: new SharedPoll({ look, intervalMs: () => POLL_MS }),
  };
}

/**
 * Says what a killed run was about to bring into the account and nobody looks after: no resource that this operation has to
 * do with is about it, and no fleet takes it out.
 */
function tellUnattended(journal: Journal): void {
  for (const { key: id } of journal.unattended()) notice({ subject: id, text: UNATTENDED });
}

const UNATTENDED =
  "was about to be brought into the account by a run that was interrupted, and this operation did not get to it. If it is declared, " +
  "run again. If it is not, and this stack's state does not have it, it stays in the account: declare it, run `pulumi up`, and " +
  "take it out again.";

/** One folder a team: device ids are only comparable within it. */
function journalFolder(account: Account): string {
  const folder = process.env.NRF_CLOUD_JOURNAL ?? path.join(projectFolder(), ".nrfcloud", "journal");
  return path.join(folder, account.team.tenantId.replace(/[^\w-]/g, "_"));
}
