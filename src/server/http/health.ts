/** What an operator asks every process: whether it is ready, from the needs it is given, its health, its metrics. */

import { Router } from "express";
import type { NeedName } from "#core/connection/connection-board.ts";
import { installationMark, isMadeWith, type Keys } from "#core/connection/signing-keys.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { answerWithin } from "#core/values/deadline.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { ApiRefusal } from "./problem.ts";

// Readiness.

/** Details of a need, such as the version of the schema. */
type Facts = Readonly<Record<string, unknown>>;

/** The result of checking a need. */
interface Answer {
  /** Why it is not met; left out when it is. */
  readonly reason?: string;
  /** Reported either way. */
  readonly facts?: Facts;
  /** Since when the state holds, where that is known; otherwise the first check that found it. */
  readonly since?: Date;
}

/** Something a process needs for its tasks. */
export interface Need {
  readonly name: NeedName;
  /** False for what the process can work without: reported with its reason, but decides nothing. */
  readonly required: boolean;
  /** A thrown error counts as the reason, too. */
  readonly ask: () => Promise<Answer>;
  /** How long an answer stays valid; a check costs something, and strangers may ask as often as they like. */
  readonly freshMs?: number;
}

/** The state of one need. */
interface NeedState {
  readonly state: "ok" | "away";
  readonly required: boolean;
  readonly since: string;
  readonly reason: string | null;
}

/** The result of a readiness check. */
export interface NeedCheck {
  readonly ready: boolean;
  /** Not ready although every part may be well: the process is being stopped. */
  readonly stopping: boolean;
  /** Those of the tasks this process has. */
  readonly needs: Readonly<Partial<Record<NeedName, NeedState>>>;
  readonly facts: Facts;
}

/** Whether a process can do its tasks now. */
export type Readiness = ReturnType<typeof processReadiness>;

/** Callers wait at most three seconds for readiness, so a hanging part counts as away after two. */
const ANSWER_MS = 2_000;

/** A process is ready when every required need is met; the other needs are only reported. */
export function processReadiness(needs: readonly Need[], clock: Clock) {
  const state = { stopping: false };
  const looks = needs.map((need) => ({ name: need.name, look: lookAt(need, clock) }));
  return {
    /** Looks at those of this name alone where a choice is given. */
    async look(isWanted: (name: NeedName) => boolean = () => true): Promise<NeedCheck> {
      const wanted = looks.filter(({ name }) => isWanted(name));
      const found = await Promise.all(wanted.map(({ look }) => look()));
      const unmet = found.some(({ seen }) => seen.required && seen.state === "away");
      return {
        ready: !state.stopping && !unmet,
        stopping: state.stopping,
        needs: Object.fromEntries(found.map(({ name, seen }) => [name, seen])),
        facts: Object.assign({}, ...found.map(({ facts }) => facts)),
      };
    },
    /** From now on it is not ready, so that no new requests are sent here while current ones finish. */
    stop(): void {
      state.stopping = true;
    },
  };
}

interface NeedHistory {
  readonly name: string;
  readonly seen: NeedState;
  readonly facts: Facts;
}

/** Keeps the last answer while it is valid, and since when the need has been in its state. */
function lookAt(need: Need, clock: Clock): () => Promise<NeedHistory> {
  let last: NeedHistory | null = null;
  let lookedAt = 0;
  let asked: Promise<Answer> | null = null;
  // A hanging part is asked once, not once per check: every question may hold a connection.
  const ask = (): Promise<Answer> => (asked ??= need.ask().finally(() => (asked = null)));
  return async () => {
    if (last !== null && performance.now() - lookedAt < (need.freshMs ?? 0)) return last;
    const { reason = null, facts = {}, since } = await needAnswer(ask);
    const state = reason === null ? "ok" : "away";
    const began =
      last?.seen.state === state ? last.seen.since : (since ?? clock.now()).toISOString();
    const { name, required } = need;
    last = { name, seen: { state, required, since: began, reason }, facts };
    lookedAt = performance.now();
    return last;
  };
}

/** Their sentences hold the system's own message already. */
const SPEAKING = ["store.unavailable", "queue.unavailable"];

/** The operator has to act on it, so the system's own message is included. */
function withCause(error: unknown): string {
  if (error instanceof DeskhandError && SPEAKING.includes(error.code)) return reasonOf(error);
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error ? `${reasonOf(error)} (${withCause(cause)})` : reasonOf(error);
}

async function needAnswer(ask: Need["ask"]): Promise<Answer> {
  try {
    return await answerWithin(ANSWER_MS, ask());
  } catch (error) {
    return { reason: withCause(error) };
  }
}

// The routes.

/** Whether this header carries the token. Without a token, no caller is the operator. */
export function isOperator(header: string | undefined, token: Keys | null): boolean {
  if (token === null || header === undefined) return false;
  return isMadeWith(token, header, (key) => `Bearer ${key}`);
}

const NONCE_MAX = 64;

/**
 * `/health/live` answers as long as the process runs; with a nonce it shows the asker which installation answers. `/health/ready` says `ready` or `not ready` to every caller,
 * which is all a load balancer needs; what is away and why needs the operator's token.
 */
export function healthRoutes(
  readiness: Pick<Readiness, "look">,
  options: {
    /** What tells this installation from others. */
    readonly instance: string;
    /** Without a token, no caller gets details. */
    readonly token: Keys | null;
    /** Reported with the needs, but decides nothing. */
    readonly operatorFacts: () => Readonly<Record<string, unknown>>;
  },
): Router {
  const router = Router();
  router.get("/live", (request, response) => {
    const nonce = request.query["nonce"];
    const asked = typeof nonce === "string" && nonce.length <= NONCE_MAX;
    response.json({
      status: "ok",
      ...(asked ? { installation: installationMark(options.instance, nonce) } : {}),
    });
  });
  router.get("/ready", async (request, response) => {
    const { ready, stopping, needs, facts } = await readiness.look();
    const status = ready ? "ready" : "not ready";
    const details = isOperator(request.headers.authorization, options.token)
      ? { stopping, needs, ...facts, ...options.operatorFacts() }
      : {};
    response
      .status(ready ? 200 : 503)
      .set("cache-control", "no-store")
      .json({ status, ...details });
  });
  return router;
}

/** What the route answers with. */
interface Offered {
  readonly contentType: string;
  text(): Promise<string>;
}

/**
 * `/metrics` as Prometheus' text. Where a token is set, only who sends it as a bearer token is answered, with 401
 * otherwise; `open` is for a port of its own that only the operator's network reaches.
 */
export function metricsRoute(offered: Offered, access: { readonly token: Keys } | "open"): Router {
  const router = Router();
  router.get("/", async (request, response) => {
    if (access !== "open" && !isOperator(request.headers.authorization, access.token)) {
      response.set("www-authenticate", "Bearer");
      throw new ApiRefusal(401, "unauthorized", "send DESKHAND_METRICS_TOKEN as a bearer token");
    }
    const text = await offered.text();
    response.status(200).set("cache-control", "no-store").type(offered.contentType).send(text);
  });
  return router;
}
