import { isDeepStrictEqual } from "node:util";
import {
  createRule,
  deleteRule,
  findRule,
  rulesByName,
  type ListedRule,
  type RuleContent,
} from "../cloud/provisioningRules.js";
import { surely } from "../cloud/surely.js";
import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import { SharedPoll } from "../engine/sharedPoll.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { declaredIn } from "./declared.js";
import { didNothing, UncertainError } from "./didNothing.js";
import { canonical } from "./canonical.js";
import { hasLeft, takeOut } from "./leaving.js";
import { perSession } from "./perSession.js";
import { provisioningTagRule } from "./provisioningTag.js";
import { sameTags } from "./tags.js";
import { requireTeam, teamOf } from "./team.js";
import { session, sessionIfConfigured, type Session } from "./session.js";

const POLL_MS = 400;

/**
 * The life of a provisioning rule. An active rule can't be changed, so every change makes another; names are unique in the
 * team, so the present one goes first. Its id is the service's.
 */
export const provisioningRule: Lifecycle = {
  declared: ["name", "description", "tags", "commands", "stack"],

  async check(_olds, news) {
    const fields = new Fields(news);
    readInputs(fields);
    if (fields.failures.length > 0) return { ok: false, failures: fields.failures };
    await sessionIfConfigured();
    return { ok: true, inputs: canonical(news) };
  },

  async diff(id, olds, news) {
    const before = declaredIn(olds);
    const open = await sessionIfConfigured();
    if (open !== undefined) {
      requireTeam(open, olds, `Rule ${String(before.name)}`);
      const lost = await whatStateMissed(open, id, before);
      if (lost !== undefined) {
        notice({
          subject: `Rule ${String(before.name)}`,
          text: `was ${lost} by a run that could not save that, so it will be made anew.`,
        });
        return { kind: "remake", because: ["name"] };
      }
    }
    const keys = ["name", "description", "tags", "commands"] as const;
    const because = keys.filter((key) =>
      // Their order means nothing.
      key === "tags" && Array.isArray(news.tags)
        ? !sameTags(before.tags, readInputs(new Fields(news)).tags)
        : !isDeepStrictEqual(before[key], news[key]),
    );
    if (because.length === 0) return { kind: "same" };
    notice({
      subject: `Rule ${String(before.name)}`,
      text: "will be replaced: devices that came online before keep what the present rule did to them.",
    });
    return { kind: "replace", because, deleteFirst: true };
  },

  async create(news) {
    const open = await session();
    const rule = knownInputs(news);
    const present = await findRule(open.identity(), rule.name);
    const journal = open.journalOf("rule", news);
    const halfDone = journal.unfinished(rule.name) !== undefined;
    if (present !== undefined && !halfDone) {
      throw new ExpectedError(
        `There is a provisioning rule ${JSON.stringify(rule.name)} already, and this stack's state does not have it. Names are ` +
          "unique in a team: choose another, or delete the present rule.",
      );
    }
    // What an interrupted run made may have had other content.
    if (present?.id !== undefined) await deleteRule(open.identity(), present.id);
    journal.intend([{ key: rule.name, mark: "CreateProvisioningRule" }]);
    try {
      const id = await createSurely(open, rule);
      await waitUntilListed(open, rule.name, id);
      journal.tell(rule.name, "made");
      open.journalOf("rule leaving", news).settle(rule.name);
      return { id, state: { declared: news, ...teamOf(open) } };
    } catch (error) {
      if (didNothing(error)) journal.withdraw(rule.name);
      throw error;
    }
  },

  async read(id, olds) {
    const open = await session();
    const before = declaredIn(olds);
    requireTeam(open, olds, `Rule ${String(before.name)}`);
    const found = typeof before.name === "string" ? await findRule(open.identity(), before.name) : undefined;
    // A list may leave out ids, as the one form that is known of it does.
    const isSame = found !== undefined && (found.id === undefined || found.id === id);
    if (isSame) return { kind: "present", state: olds };
    open.journalOf("rule leaving", before).tell(String(before.name), "gone");
    return { kind: "gone" };
  },

  update(_id, olds) {
    return Promise.resolve({ state: olds });
  },

  /** Deletes the rule. What it did to devices stays. */
  async delete(id, olds) {
    const open = await session();
    const before = declaredIn(olds);
    requireTeam(open, olds, `Rule ${String(before.name)}`);
    const name = String(before.name);
    const successor = await successorOf(open, id, before);
    await takeOut(open, "rule leaving", name, before, async () => {
      await deleteRule(open.identity(), id);
      if (successor !== undefined) await deleteRule(open.identity(), successor);
    });
    open.journalOf("rule", before).settle(name);
  },
};

/** What a run that was stopped before it could save anything did to the rule that the state has. */
async function whatStateMissed(
  open: Session,
  id: string,
  declared: LooseObject,
): Promise<"replaced" | "deleted" | undefined> {
  const name = String(declared.name);
  if ((await successorOf(open, id, declared)) !== undefined) return "replaced";
  open.journalOf("rule", declared).settle(name);
  return (await hasLeft(open, "rule leaving", name, declared)) ? "deleted" : undefined;
}

/** The id of the rule that an interrupted run made in the place of this one, where it did and the list tells ids. */
async function successorOf(open: Session, id: string, declared: LooseObject): Promise<string | undefined> {
  const name = String(declared.name);
  if (open.journalOf("rule", declared).unfinished(name) === undefined) return undefined;
  const found = await findRule(open.identity(), name);
  return found?.id === id ? undefined : found?.id;
}

/** Creates a rule whose name was free, and gives its id. */
async function createSurely({ identity, deadlines }: Session, rule: RuleContent): Promise<string> {
  let id: string | undefined;
  const [outcome] = await surely(
    [rule],
    {
      send: async () => {
        id = await createRule(identity(), rule);
        return [{ kind: "done" }];
      },
      look: async (rules) => {
        const found = await findRule(identity(), rule.name);
        id = found?.id;
        return new Set(found === undefined ? [] : rules);
      },
    },
    deadlines,
  );
  if (outcome?.kind === "failed") throw outcome.error;
  if (id !== undefined) return id;
  throw new UncertainError(
    `Provisioning rule ${JSON.stringify(rule.name)} was created, but the answer with its id was lost, and the list of rules does not ` +
      "tell ids. Delete the rule in the portal, then run again.",
  );
}

/** Waits until the list shows a rule, so that what asks for it next does not take the one before it for this one. */
async function waitUntilListed(open: Session, name: string, id: string): Promise<void> {
  const isThis = (seen: ListedRule | undefined) =>
    seen !== undefined && (seen.id === undefined || seen.id === id);
  // It is there, whatever the list says.
  const late = () => new ExpectedError("not listed");
  await ruleWatch(open)
    .wait(name, isThis, open.deadlines.readbackMs, late)
    .catch(() => undefined);
}

const ruleWatch = perSession(
  (open) => new SharedPoll({ look: () => rulesByName(open.identity()), intervalMs: () => POLL_MS }),
);

function readInputs(fields: Fields): Omit<RuleContent, "name"> & { readonly name: string | undefined } {
  const commands = fields.objects("commands") ?? [];
  if (commands.length === 0) fields.fail("commands", "are missing: a rule without commands does nothing");
  for (const [i, command] of commands.entries()) {
    const kinds = Object.keys(command);
    if (kinds.length !== 1) fields.fail(`commands[${i}]`, "must be one kind of command with its fields");
  }
  const tags = fields.texts("tags", provisioningTagRule) ?? [];
  if (tags.length === 0 && !fields.has("tags"))
    fields.fail("tags", "are missing: a rule acts on devices by their tags");
  return {
    name: fields.requiredText("name", (name) => (name.trim() === "" ? "is empty" : undefined)),
    description: fields.text("description"),
    tags,
    commands,
  };
}

function knownInputs(news: LooseObject): RuleContent {
  const inputs = readInputs(new Fields(news));
  if (inputs.name === undefined) throw new ExpectedError("The name of the rule must be known.");
  return { ...inputs, name: inputs.name };
}
