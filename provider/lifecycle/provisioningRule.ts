import { isDeepStrictEqual } from "node:util";
import type { ListedRule } from "../cloud/answers.js";
import { createRule, deleteRule, type RuleContent } from "../cloud/provisioningRules.js";
import { sendReliably } from "../cloud/reliably.js";
import { ExpectedError } from "../engine/errors.js";
import type { Fields } from "../engine/fields.js";
import { poll } from "../engine/poll.js";
import type { LooseObject } from "../engine/outputs.js";
import type { Resource } from "../engine/resource.js";
import { isUnknown, UNKNOWN, type Unknowable } from "../engine/unknown.js";
import { checkProvisioningTag } from "../fleet/rules.js";
import { sameMembers } from "../reconcile/table/members.js";
import { adoptionOf, describeAdoption } from "./ruleAdoption.js";
import { explained } from "./rules.js";
import type { Cloud, Session } from "./session/session.js";
import { requireTeam } from "./session/team.js";

interface Inputs extends RuleContent {
  /** Whether to adopt a rule of this name that the account already has. */
  readonly adopt: boolean;
}

interface State {
  readonly declared: RuleContent;
  readonly team: string | undefined;
  /** The id at nRF Cloud. `undefined`: the rule was adopted, and the list of rules shows no ids. */
  readonly ruleId: string | undefined;
}

const provisioningTagRule = explained(checkProvisioningTag);

/**
 * A provisioning rule. nRF Cloud can't change an active rule, so every change replaces it. Names are unique in the team, so the present rule is
 * deleted first. Its id is that of nRF Cloud, or its name where the list of rules shows no ids.
 */
export const provisioningRule: Resource<Unknowable<Inputs>, State, Session> = {
  inputs: {
    decode: (fields) => (fields.anyUnknown() ? UNKNOWN : readInputs(fields)),
    encode: (rule) => (isUnknown(rule) ? {} : { ...encodeRule(rule), adopt: rule.adopt || undefined }),
  },
  state: {
    decode: (fields) => ({
      declared: readRule(fields),
      team: fields.text("team"),
      ruleId: fields.text("ruleId"),
    }),
    encode: ({ declared, ...others }) => ({ ...encodeRule(declared), ...others }),
  },

  async check(session, news, olds) {
    if (isUnknown(news)) return [];
    const { holders } = session;
    holders.declare(`rule ${news.name}`, {
      title: titleOf(news),
      isNew: olds === undefined,
      isRecorded: olds !== undefined && !isUnknown(olds) && olds.name === news.name,
    });
    const cloud = await session.cloudIfConfigured();
    if (cloud === undefined || holders.isReplaced(`rule ${news.name}`)) return [];
    if (olds !== undefined && !isUnknown(olds) && olds.name === news.name) return [];
    const found = await cloud.rules.find(news.name);
    if (found === undefined) return [];
    const adoption = adoptionOf(news, found);
    if (adoption.kind === "refused") return [adoption.because];
    session.notices.add(describeAdoption(adoption, news));
    return [];
  },

  async diff(session, _id, { declared, team, ruleId }, news) {
    const cloud = await session.cloudIfConfigured();
    if (cloud !== undefined) requireTeam(cloud.account, team, titleOf(declared));
    if (isUnknown(news)) return { kind: "update" };
    const because = [
      ...(news.name === declared.name ? [] : ["name"]),
      ...(news.description === declared.description ? [] : ["description"]),
      // The order of tags has no meaning.
      ...(sameMembers(news.tags, declared.tags) ? [] : ["tags"]),
      ...(isDeepStrictEqual(news.commands, declared.commands) ? [] : ["commands"]),
    ];
    if (because.length === 0) {
      // An interrupted replacement may have deleted the rule.
      if (cloud === undefined || (await cloud.rules.find(declared.name)) !== undefined)
        return { kind: "same" };
      session.notices.add({
        subject: titleOf(declared),
        text: "the account does not have this rule any more. The provider creates it again.",
      });
      return { kind: "renew" };
    }
    if (ruleId === undefined) {
      throw new ExpectedError(
        `Rule ${declared.name} can't be replaced (${because.join(", ")}), because nRF Cloud's list of rules does not show its id. ${inThePortal}`,
      );
    }
    session.holders.replace(`rule ${declared.name}`);
    session.notices.add({
      subject: titleOf(declared),
      text: "will be replaced. Devices that connected before keep what the present rule changed.",
    });
    return { kind: "replace", because, deleteFirst: true };
  },

  async create(session, news) {
    const cloud = await session.cloud();
    if (isUnknown(news)) throw new ExpectedError("The content of the rule must be known.");
    const { adopt: _, ...declared } = news;
    const team = cloud.account.team.tenantId;
    const found = await cloud.rules.findNow(news.name);
    if (found !== undefined) {
      const adoption = adoptionOf(news, found);
      if (adoption.kind === "refused") throw new ExpectedError(adoption.because);
      const { ruleId } = adoption;
      session.holders.take(`rule ${news.name}`, true);
      return { id: ruleId ?? news.name, state: { declared, team, ruleId }, failures: [] };
    }
    const ruleId = await createListed(session, cloud, declared);
    return { id: ruleId, state: { declared, team, ruleId }, failures: [] };
  },

  async read(session, _id, state) {
    const cloud = await session.cloud();
    requireTeam(cloud.account, state.team, `Rule ${state.declared.name}`);
    const found = await cloud.rules.find(state.declared.name);
    if (found === undefined || !isSame(found, state)) return { kind: "gone" };
    return { kind: "present", state: { ...state, ruleId: state.ruleId ?? found.id } };
  },

  /** Creates the rule again where it is missing. */
  async update(session, id, state, news) {
    const cloud = await session.cloud();
    if (isUnknown(news)) throw new ExpectedError("The content of the rule must be known.");
    const { adopt: _, ...declared } = news;
    requireTeam(cloud.account, state.team, titleOf(declared));
    const found = await cloud.rules.findNow(declared.name);
    const ruleId = found === undefined ? await createListed(session, cloud, declared) : state.ruleId;
    return { id, state: { ...state, declared, ruleId }, failures: [] };
  },

  /** Deletes the rule, but not what it changed on devices. */
  async delete(session, _id, { declared, team, ruleId }) {
    const holding = `rule ${declared.name}` as const;
    const fate = session.holders.fateOf(holding);
    if (fate.kind === "kept") {
      session.notices.add({
        subject: titleOf(declared),
        text: "is kept, because another resource of this run manages it now.",
      });
      return;
    }
    if (fate.kind === "declared") throw new ExpectedError(FORCED_RULE(declared));
    const cloud = await session.cloud();
    requireTeam(cloud.account, team, titleOf(declared));
    const known = ruleId ?? (await idOfListed(cloud, declared.name));
    if (known === undefined) return;
    try {
      await deleteRule(cloud.identity(), known);
    } finally {
      cloud.rules.forget();
    }
    await waitUntilGone(session, cloud, declared.name, known);
  },
};

function titleOf({ name }: RuleContent): string {
  return `Rule ${name}`;
}

/** Two resources can be the same rule, and the engine only says that one of them is removed. */
const FORCED_RULE = (rule: RuleContent): string =>
  `${titleOf(rule)} is declared, and is not deleted. After \`--replace\` or a taint: leave it out, or run \`pulumi state untaint\`. After a ` +
  "rename: give the resource `aliases`.";

/** The remedy where a rule can't be deleted, because its id is not known. */
const inThePortal = "Delete the rule in the portal, then run again.";

/** The documented form of the list has no ids. */
function isSame(found: ListedRule, { ruleId }: State): boolean {
  return found.id === undefined || ruleId === undefined || found.id === ruleId;
}

/** The id of a rule that was adopted without one. `undefined`: the rule is missing. */
async function idOfListed(cloud: Cloud, name: string): Promise<string | undefined> {
  const found = await cloud.rules.findNow(name);
  if (found !== undefined && found.id === undefined) {
    throw new ExpectedError(
      `Rule ${name} can't be deleted, because nRF Cloud's list of rules does not show its id. ${inThePortal}`,
    );
  }
  return found?.id;
}

/** Creates a rule whose name was free, waits until it is listed, and gives its id. */
async function createListed(session: Session, cloud: Cloud, rule: RuleContent): Promise<string> {
  const ruleId = await createReliably(cloud, rule);
  session.holders.take(`rule ${rule.name}`, true);
  await waitUntilListed(session, cloud, rule.name, ruleId);
  return ruleId;
}

/** Creates a rule whose name was free, and gives its id. */
async function createReliably(cloud: Cloud, rule: RuleContent): Promise<string> {
  const ids: string[] = [];
  const [outcome] = await sendReliably(
    [rule],
    {
      send: async () => {
        try {
          ids.push(await createRule(cloud.identity(), rule));
        } finally {
          cloud.rules.forget();
        }
        return [{ kind: "done" }];
      },
      readBack: async (rules) => {
        const found = await cloud.rules.findNow(rule.name);
        if (found?.id !== undefined) ids.push(found.id);
        return new Set(found === undefined ? [] : rules);
      },
    },
    cloud.deadlines,
    cloud.identity().clock,
  );
  if (outcome?.kind === "failed") throw outcome.error;
  const id = ids.at(-1);
  if (id !== undefined) return id;
  throw new ExpectedError(
    `nRF Cloud created provisioning rule ${JSON.stringify(rule.name)}, but its answer was lost, and its list of rules shows no ids. ` +
      "Declare `adopt: true` to adopt the rule, or delete it in the portal. Then run again.",
  );
}

/** Waits until the list does not show a deleted rule any more, so that its replacement does not adopt it. */
async function waitUntilGone(session: Session, cloud: Cloud, name: string, id: string): Promise<void> {
  const { kind } = await poll({
    read: () => cloud.rules.findNow(name),
    until: (seen) => seen === undefined || (seen.id !== undefined && seen.id !== id),
    ...patience(session, cloud),
  });
  if (kind === "met") return;
  throw new ExpectedError(
    `nRF Cloud accepted the deletion of rule ${name}, but its list of rules still shows the rule. Run again in a few minutes.`,
  );
}

/** Waits until the list shows a rule, so that the next reader does not confuse it with the rule that it replaces. */
async function waitUntilListed(session: Session, cloud: Cloud, name: string, id: string): Promise<void> {
  await poll({
    read: () => cloud.rules.findNow(name),
    until: (seen) => seen !== undefined && (seen.id === undefined || seen.id === id),
    ...patience(session, cloud),
  });
}

function patience({ clock }: Session, { deadlines }: Cloud) {
  return { everyMs: { first: 400, slowest: 3_000 }, withinMs: deadlines.readbackMs, clock };
}

function readInputs(fields: Fields): Inputs {
  return { ...readRule(fields), adopt: fields.flag("adopt") ?? false };
}

function readRule(fields: Fields): RuleContent {
  const commands = fields.objects("commands") ?? [];
  if (commands.length === 0) fields.fail("commands", "are missing: a rule without commands does nothing");
  for (const [i, command] of commands.entries()) {
    if (Object.keys(command).length !== 1)
      fields.fail(`commands[${i}]`, "must be one kind of command with its fields");
  }
  const tags = [...new Set(fields.texts("tags", provisioningTagRule))];
  if (tags.length === 0 && !fields.has("tags"))
    fields.fail("tags", "are missing: a rule acts on devices by their tags");
  const description = fields.text("description");
  return {
    name: fields.requiredText("name", (name) => (name.trim() === "" ? "is empty" : undefined)) ?? "",
    description: description === "" ? undefined : description,
    tags,
    commands,
  };
}

function encodeRule({ name, description, tags, commands }: RuleContent): LooseObject {
  return { name, description, tags, commands };
}
