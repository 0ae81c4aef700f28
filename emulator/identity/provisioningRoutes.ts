import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Cloud } from "../cloud.js";
import { badRequest, entityNotFound } from "../errors.js";
import { callerOf } from "../http/authentication.js";
import { jsonBody, jsonObject } from "../http/json.js";
import { pageRequest, takePage, type PageRequest } from "../http/page.js";
import { Query } from "../http/query.js";
import { readingOf } from "../http/reading.js";
import { parseCommand, parseRule, parseTag } from "./bodies.js";
import type { ById } from "./claimRoutes.js";
import { visibleClaim } from "./claiming.js";
import { commandView, newCommand } from "./command.js";
import { ruleView, type ProvisioningRule } from "./provisioningRule.js";
import { tagKey, tagView, type ProvisioningTag } from "./provisioningTag.js";

/** Documented. */
const maximalCommands = 20;
const pageParameters = ["pageLimit", "pageNextToken"];

/** Commands for claimed devices, rules that give commands by tag, and the tags themselves. */
export function provisioningRoutes(app: FastifyInstance, cloud: Cloud): void {
  commands(app, cloud);
  rules(app, cloud);
  tags(app, cloud);
}

function commands(app: FastifyInstance, cloud: Cloud): void {
  app.post<ById>(
    "/claimed-devices/:deviceId/provisioning",
    { config: { operation: { id: "CreateDeviceProvisioningCommand", access: "write", success: 201 } } },
    (request, reply) => {
      const claim = visibleClaim(cloud, callerOf(request), request.params.deviceId);
      const command = newCommand(parseCommand(jsonBody(request.body)));
      const unfinished = claim.commands.filter(({ status }) => status === "PENDING");
      if (unfinished.length >= maximalCommands) {
        throw badRequest(`The device has ${maximalCommands} commands, and can have no more.`);
      }
      cloud.identity.claims.set(claim.deviceId, { ...claim, commands: [...claim.commands, command] });
      return reply.status(201).send(commandView(command));
    },
  );

  app.get<ById>(
    "/claimed-devices/:deviceId/provisioning",
    {
      config: {
        operation: {
          id: "ListDeviceProvisioningCommands",
          access: "read",
          success: 200,
          query: pageParameters,
        },
      },
    },
    (request) => {
      const reading = readingOf(request);
      const page = pageRequest(new Query(request.query), reading);
      const all = visibleClaim(cloud, callerOf(request), request.params.deviceId, reading.at).commands;
      const rest = all.slice(all.findIndex(({ id }) => id === page.after) + 1);
      return takePage(page, rest, ({ id }) => id, commandView);
    },
  );

  app.get<{ Params: { deviceId: string; commandId: string } }>(
    "/claimed-devices/:deviceId/provisioning/:commandId",
    { config: { operation: { id: "FetchDeviceProvisioningCommand", access: "read", success: 200 } } },
    (request) => {
      const { deviceId, commandId } = request.params;
      const claim = visibleClaim(cloud, callerOf(request), deviceId, readingOf(request).at);
      const command = claim.commands.find(({ id }) => id === commandId);
      if (command === undefined)
        throw entityNotFound(`No command found for id ${JSON.stringify(commandId)}.`);
      return commandView(command);
    },
  );
}

function rules(app: FastifyInstance, { identity }: Cloud): void {
  const rulesOf = (tenantId: string, at = Infinity) =>
    [...identity.rules.valuesAt(at)].filter((rule) => rule.tenantId === tenantId);
  const existing = (tenantId: string, ruleId: string, at = Infinity): ProvisioningRule => {
    const rule = identity.rules.getAt(ruleId, at);
    if (rule?.tenantId !== tenantId) throw entityNotFound(`No rule found for id ${JSON.stringify(ruleId)}.`);
    return rule;
  };

  app.get(
    "/provisioning-rules",
    {
      config: {
        operation: { id: "ListProvisioningRules", access: "read", success: 200, query: pageParameters },
      },
    },
    (request) => {
      const reading = readingOf(request);
      const page = pageRequest(new Query(request.query), reading);
      const all = rulesOf(callerOf(request).team.tenantId, reading.at).sort((a, b) =>
        compared(a.name, b.name),
      );
      return takePage(
        page,
        all.filter(({ name }) => isAfter(name, page)),
        ({ name }) => name,
        ruleView,
      );
    },
  );

  app.post(
    "/provisioning-rules",
    { config: { operation: { id: "CreateProvisioningRule", access: "write", success: 201 } } },
    (request, reply) => {
      const { tenantId } = callerOf(request).team;
      const parsed = parseRule(jsonObject(request.body));
      if (rulesOf(tenantId).some(({ name }) => name === parsed.name)) {
        throw badRequest(`A rule with the name ${JSON.stringify(parsed.name)} exists already.`);
      }
      const rule: ProvisioningRule = { ...parsed, id: randomUUID(), tenantId, createdAt: Date.now() };
      identity.rules.set(rule.id, rule);
      return reply.status(201).send(ruleView(rule));
    },
  );

  app.get<{ Params: { ruleId: string } }>(
    "/provisioning-rules/:ruleId",
    { config: { operation: { id: "FetchProvisioningRule", access: "read", success: 200 } } },
    (request) =>
      ruleView(existing(callerOf(request).team.tenantId, request.params.ruleId, readingOf(request).at)),
  );

  app.delete<{ Params: { ruleId: string } }>(
    "/provisioning-rules/:ruleId",
    { config: { operation: { id: "DeleteProvisioningRule", access: "write", success: 204 } } },
    (request, reply) => {
      identity.rules.delete(existing(callerOf(request).team.tenantId, request.params.ruleId).id);
      return reply.status(204).send();
    },
  );
}

function tags(app: FastifyInstance, { identity }: Cloud): void {
  app.get(
    "/provisioning/tags",
    {
      config: {
        operation: { id: "ListProvisioningTags", access: "read", success: 200, query: pageParameters },
      },
    },
    (request) => {
      const reading = readingOf(request);
      const page = pageRequest(new Query(request.query), reading);
      const { tenantId } = callerOf(request).team;
      const all = [...identity.tags.valuesAt(reading.at)]
        .filter((tag) => tag.tenantId === tenantId)
        .sort((a, b) => compared(a.tag, b.tag));
      return takePage(
        page,
        all.filter(({ tag }) => isAfter(tag, page)),
        ({ tag }) => tag,
        tagView,
      );
    },
  );

  app.post(
    "/provisioning/tags",
    { config: { operation: { id: "CreateProvisioningTag", access: "write", success: 201 } } },
    (request, reply) => {
      const { tenantId } = callerOf(request).team;
      const tag: ProvisioningTag = { tenantId, ...parseTag(jsonObject(request.body)) };
      if (identity.tags.get(tagKey(tag)) !== undefined) {
        throw badRequest(`The provisioning tag ${JSON.stringify(tag.tag)} exists already.`);
      }
      identity.tags.set(tagKey(tag), tag);
      return reply.status(201).send(tagView(tag));
    },
  );

  app.delete<{ Params: { tag: string } }>(
    "/provisioning/tags/:tag",
    { config: { operation: { id: "DeleteProvisioningTag", access: "write", success: 204 } } },
    (request, reply) => {
      const key = tagKey({ tenantId: callerOf(request).team.tenantId, tag: request.params.tag });
      if (identity.tags.get(key) === undefined) {
        throw entityNotFound(`No provisioning tag ${JSON.stringify(request.params.tag)}.`);
      }
      identity.tags.delete(key);
      return reply.status(204).send();
    },
  );
}

const compared = (a: string, b: string) => (a < b ? -1 : 1);

const isAfter = (key: string, { after }: PageRequest) => after === undefined || key > after;
