import path from "node:path";
import { fetchAccount } from "../../cloud/account.js";
import type { Account } from "../../cloud/answers.js";
import type { Deadlines } from "../../cloud/deadlines.js";
import type { Transport } from "../../cloud/transport.js";
import type { Clock } from "../../engine/clock.js";
import { ExpectedError } from "../../engine/errors.js";
import type { Notices } from "../../engine/notices.js";
import type { Progress } from "../../engine/progress.js";
import type { OnboardingApi } from "../../cloud/onboarding/api.js";
import { Signers } from "../../signers/signers.js";
import type { TableLane } from "../../reconcile/plan/rollout/lanes.js";
import { Calls } from "../../reconcile/run/calls.js";
import { SETTINGS } from "./knownSettings.js";
import { Holders } from "./holders.js";
import { ListedRules } from "./listedRules.js";
import { organizationSettings, type OrganizationSettings } from "./organization.js";
import { allowedDeletes, requiredSettings, rolloutOfRun, settings, type SettingSources } from "./settings.js";
import { transportsOf } from "./transports.js";

/** What all resources of one run share. It is built once, when the engine configures the provider. */
export interface Session {
  readonly clock: Clock;
  readonly notices: Notices;
  readonly progress: Progress;
  /** Absolute path of the journal's folder. */
  readonly journalFolder: string;
  /** Name of the Pulumi project. */
  readonly project: string;
  /** How many devices this run may delete, replace or release, even if `maxDeletes` allows fewer. */
  readonly allowedDeletes: number | undefined;
  /** The roll-out of this run, in place of those of the program. */
  readonly rollout: readonly TableLane[] | undefined;
  /** The resources whose inputs were checked in this run. A comparison without a check belongs to a refresh. */
  readonly checked: Set<string>;
  /** Whether the user has interrupted the run. */
  readonly isStopped: () => boolean;
  readonly holders: Holders;
  readonly signers: Signers;
  /**
   * The account. FetchAccount is called once, and fails before any change if the key or the host is wrong.
   * @throws ExpectedError without an API key; CloudError when the key or the host is wrong
   */
  cloud(): Promise<Cloud>;
  /** The account. `undefined`: an API key is missing, and the preview says once that it could not read the account. */
  cloudIfConfigured(): Promise<Cloud | undefined>;
  /** The bulk calls that all tables of the run share. */
  calls(): Promise<Calls>;
}

/** The connection to nRF Cloud with the key of one team. */
export interface Cloud {
  /** Connection to the device API. */
  readonly transport: Transport;
  /**
   * Connection to the Identity and Provisioning service.
   * @throws ExpectedError where only the device API has another endpoint
   */
  identity(): Transport;
  /** The provisioning rules of the team. */
  readonly rules: ListedRules;
  /** The API that onboards devices. */
  readonly onboarding: OnboardingApi;
  readonly account: Account;
  readonly deadlines: Deadlines;
}

export interface SessionParts extends SettingSources {
  readonly clock: Clock;
  readonly notices: Notices;
  readonly progress: Progress;
  /** Whether the user has interrupted the run. Called between two batches. */
  readonly isStopped: () => boolean;
  readonly projectFolder: string;
  readonly project: string;
  /** Path of the compiled program that signs with a PKCS#11 library. */
  readonly pkcs11Program: string;
}

/** How long a batch waits for more rows (milliseconds). */
const QUIET_MS = 100;

/**
 * Builds the session of a run, without a request.
 * @throws ExpectedError where a setting is wrong
 */
export function openSession(parts: SessionParts): Session {
  const { clock, notices, progress, projectFolder, project, env } = parts;
  const once = <T>(make: () => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => (made ??= make());
  };
  const organization = organizationSettings(parts);
  const cloud = once(() => connect(parts, organization));
  const calls = once(async () => new Calls(await cloud(), progress, QUIET_MS));
  return {
    clock,
    notices,
    progress,
    journalFolder: journalFolder(projectFolder, env),
    project,
    allowedDeletes: allowedDeletes(parts),
    rollout: rolloutOfRun(parts),
    checked: new Set(),
    isStopped: parts.isStopped,
    holders: new Holders(),
    signers: new Signers(parts),
    cloud,
    async cloudIfConfigured() {
      if (settings(parts) !== undefined) return cloud();
      notices.add({
        subject: "nRF Cloud",
        text: "this preview has no API key (NRF_CLOUD_API_KEY or nrfcloud:apiKey), so it could not read the account. `pulumi up` will need one.",
      });
      return undefined;
    },
    calls,
  };
}

/** Absolute path of the journal's folder of a project. */
export function journalFolder(projectFolder: string, env: SettingSources["env"]): string {
  return path.resolve(projectFolder, env[SETTINGS.journal.variable] ?? path.join(".nrfcloud", "journal"));
}

async function connect(parts: SessionParts, organization: OrganizationSettings | undefined): Promise<Cloud> {
  const known = { ...requiredSettings(parts), organization };
  const { transport, identity, onboarding } = transportsOf(known, parts.projectFolder, parts.clock, () => {
    parts.progress.retry();
  });
  const account = await fetchAccount(transport);
  if (account.role === "viewer") {
    parts.notices.add({
      subject: "nRF Cloud",
      text: "the API key has the role viewer, which may only read. nRF Cloud will refuse the changes of `pulumi up` and `pulumi destroy`.",
    });
  }
  const requireIdentity = (): Transport => {
    if (identity !== undefined) return identity;
    throw new ExpectedError(
      "The endpoint of the device API is set, but not that of the Identity and Provisioning service, which attestation claims need. " +
        "Set NRF_CLOUD_IDENTITY_ENDPOINT or nrfcloud:identityEndpoint as well (the emulator serves it at /provisioning/v1).",
    );
  };
  return {
    transport,
    identity: requireIdentity,
    rules: new ListedRules(requireIdentity),
    onboarding,
    account,
    deadlines: known.deadlines,
  };
}
