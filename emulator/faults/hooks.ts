import { setMaxListeners } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Cloud } from "../cloud.js";
import { callerOf } from "../http/authentication.js";
import type { OperationId } from "../http/operationIds.js";
import type { Caller } from "../teams.js";
import {
  answerKinds,
  closeConnection,
  isBeforeEffect,
  spoil,
  rejectRequest,
  type FaultAfterEffect,
} from "./answers.js";
import {
  anotherTeam,
  isClaimOperation,
  takeOne,
  takeoversOf,
  type ClaimOperation,
} from "./claimedByAnother.js";
import { skewed, skewedDate } from "./clock.js";
import { latencyOf } from "./latency.js";
import { Repeater } from "./repeated.js";

/** The faults that still apply to the answer of a request. */
interface Spoilt {
  readonly fault: FaultAfterEffect | undefined;
  readonly skewMs: number | undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Undefined: nothing. */
    spoilt: Spoilt | undefined;
  }
}

/**
 * Applies faults to the operations of the API: after the complete request has arrived with a valid key, and before it is handled.
 * Faults of the answer apply last.
 */
export function faultHooks(app: FastifyInstance, cloud: Cloud, callers: ReadonlyMap<string, Caller>): void {
  const { faults } = cloud;
  const closing = new AbortController();
  const repeater = new Repeater(app);
  // Every request that waits listens to it.
  setMaxListeners(0, closing.signal);
  app.decorateRequest("spoilt", undefined);
  app.decorateRequest("reading", undefined);

  app.addHook("preClose", (done) => {
    closing.abort();
    done();
  });
  app.addHook("preHandler", (request, reply, done) => {
    const id = request.routeOptions.config.operation?.id;
    if (id === undefined || faults.areNone || repeater.isRepeated(request)) done();
    else {
      arrive(id, request, reply).then(() => {
        done();
      }, done);
    }
  });
  app.addHook("preSerialization", (request, _reply, body: unknown, done) => {
    const { skewMs } = request.spoilt ?? {};
    done(null, skewMs === undefined ? body : skewed(body, skewMs));
  });
  app.addHook("onSend", (request, reply, body: unknown, done) => {
    const { fault, skewMs } = request.spoilt ?? {};
    if (skewMs !== undefined) reply.header("date", skewedDate(skewMs));
    if (fault === undefined) done(null, body);
    else {
      spoil(fault, request, reply, body, (instead) => {
        done(null, instead);
      });
    }
  });

  /** All random choices are made at once, so that waiting requests keep their order. */
  async function arrive(id: OperationId, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const latency = faults.draw(id, ["latency"]);
    const answer = faults.draw(id, answerKinds)?.fault;
    const skewMs = faults.draw(id, ["clockSkew"])?.fault.ms;
    const before = answer !== undefined && isBeforeEffect(answer) ? answer : undefined;
    const after = answer === undefined || isBeforeEffect(answer) ? undefined : answer;
    const lagMs = before === undefined ? faults.draw(id, ["listLags"])?.fault.ms : undefined;
    const isRepeated = before === undefined && faults.draw(id, ["repeated"]) !== undefined;
    request.spoilt = { fault: after, skewMs };

    if (latency !== undefined) {
      try {
        const ms = latencyOf(latency.fault, latency.random);
        await setTimeout(ms, undefined, { signal: closing.signal });
      } catch {
        closeConnection(request, reply);
        return;
      }
    }
    if (before !== undefined) {
      rejectRequest(before, request, reply);
      return;
    }
    if (isRepeated) await repeater.handle(request);
    const now = Date.now();
    request.reading = {
      at: lagMs === undefined ? now : Math.max(now - lagMs, faults.pastIsKnownSince),
      changesMeanwhile: () => faults.draw(id, ["listChanges"]) !== undefined,
    };
    if (isClaimOperation(id)) letAnotherClaim(id, request);
  }

  function letAnotherClaim(id: ClaimOperation, request: FastifyRequest): void {
    if (!faults.has("claimedByAnother")) return;
    const takeovers = takeoversOf(cloud, id, request);
    const drawn = takeovers.length === 0 ? undefined : faults.draw(id, ["claimedByAnother"]);
    if (drawn !== undefined)
      takeOne(takeovers, anotherTeam(callers.values(), callerOf(request)), drawn.random);
  }
}
