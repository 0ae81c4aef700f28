import { isDeepStrictEqual } from "node:util";
import { createRule, deleteRule, findRule, type RuleContent } from "../cloud/provisioningRules.js";
import { surely } from "../cloud/surely.js";
import { ExpectedError } from "../engine/errors.js";
import type { Fields } from "../engine/fields.js";
import { poll } from "../engine/poll.js";
import type { LooseObject } from "../engine/outputs.js";
import type { Resource } from "../engine/resource.js";
import { isUnknown, UNKNOWN, type Unknowable } from "../engine/unknown.js";
import { checkProvisioningTag } from "../fleet/rules.js";
import { sameTags } from "../reconcile/plan/planRow.js";
import { explained } from "./rules.js";
import type { Cloud, Session } from "./session/session.js";
import { requireTeam } from "./session/team.js";

interface State {
  readonly declared: RuleContent;
  readonly team: string | undefined;
}

const provisioningTagRule = explained(checkProvisioningTag);

/**
 * The life of a provisioning rule. An active rule can't be changed, so every change makes another; names are unique in the
 * team, so the present one goes first. Its id is the service's.
 */
export const provisioningRule: Resource<Unknowable<RuleContent>, State, Session> = {
  inputs: {
    decode: (fields) => (fields.anyUnknown() ? UNKNOWN : readRule(fields)),
    encode: (rule) => (isUnknown(rule) ? {} : encodeRule(rule)),
  },
  state: {
    decode: (fields) => ({ declared: readRule(fields), team: fields.text("team") }),
    encode: ({ declared, team }) => ({ ...encodeRule(declared), team }),
  },

  async check(session, news, olds) {
    const cloud = await session.cloudIfConfigured();
    if (cloud === undefined || isUnknown(news)) return [];
    if (olds !== undefined && !isUnknown(olds) && olds.name === news.name) return [];
    return (await findRule(cloud.identity(), news.name)) === undefined ? [] : [taken(news.name)];
  },

  async diff(session, _id, { declared, team }, news) {
    const cloud = await session.cloudIfConfigured();
    if (cloud !== undefined) requireTeam(cloud.account, team, `Rule ${declared.name}`);
    if (isUnknown(news)) return { kind: "update" };
    const because = [
      ...(news.name === declared.name ? [] : ["name"]),
      ...(news.description === declared.description ? [] : ["description"]),
      // Their order means nothing.
      ...(sameTags(news.tags, declared.tags) ? [] : ["tags"]),
      ...(isDeepStrictEqual(news.commands, declared.commands) ? [] : ["commands"]),
    ];
    if (because.length === 0) return { kind: "same" };
    session.notices.tell({
      subject: `Rule ${declared.name}`,
      text: "will be replaced: devices that came online before keep what the present rule did to them.",
    });
    return { kind: "replace", because, deleteFirst: true };
  },

  async create(session, news) {
    const cloud = await session.cloud();
    if (isUnknown(news)) throw new ExpectedError("The content of the rule must be known.");
    if ((await findRule(cloud.identity(), news.name)) !== undefined)
      throw new ExpectedError(taken(news.name));
    const id = await createSurely(cloud, news);
    await waitUntilListed(session, cloud, news.name, id);
    return { id, state: { declared: news, team: cloud.account.team.tenantId }, failures: [] };
  },

  async read(session, id, state) {
    const cloud = await session.cloud();
    requireTeam(cloud.account, state.team, `Rule ${state.declared.name}`);
    const found = await findRule(cloud.identity(), state.declared.name);
    // A list may leave out ids, as the one form that is known of it does.
    const isSame = found !== undefined && (found.id === undefined || found.id === id);
    return isSame ? { kind: "present", state } : { kind: "gone" };
  },

  update: (_session, id, state) => Promise.resolve({ id, state, failures: [] }),

  /** Deletes the rule. What it did to devices stays. */
  async delete(session, id, { declared, team }) {
    const cloud = await session.cloud();
    requireTeam(cloud.account, team, `Rule ${declared.name}`);
    await deleteRule(cloud.identity(), id);
  },
};

function taken(name: string): string {
  return (
    `The team has a provisioning rule ${JSON.stringify(name)} already, and this stack does not. Names are unique in a team: choose ` +
    "another, or delete the present rule. An interrupted run of this stack may have made it."
  );
}

/** Creates a rule whose name was free, and gives its id. */
async function createSurely(cloud: Cloud, rule: RuleContent): Promise<string> {
  const ids: string[] = [];
  const [outcome] = await surely(
    [rule],
    {
      send: async () => {
        ids.push(await createRule(cloud.identity(), rule));
        return [{ kind: "done" }];
      },
      look: async (rules) => {
        const found = await findRule(cloud.identity(), rule.name);
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
    `Provisioning rule ${JSON.stringify(rule.name)} was created, but the answer with its id was lost, and the list of rules does not ` +
      "tell ids. Delete the rule in the portal, then run again.",
  );
}

/** Waits until the list shows a rule, so that what asks for it next does not take the one before it for this one. */
async function waitUntilListed({ clock }: Session, cloud: Cloud, name: string, id: string): Promise<void> {
  await poll({
    look: () => findRule(cloud.identity(), name),
    until: (seen) => seen !== undefined && (seen.id === undefined || seen.id === id),
    everyMs: { first: 400, slowest: 3_000 },
    withinMs: cloud.deadlines.readbackMs,
    clock,
  });
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
