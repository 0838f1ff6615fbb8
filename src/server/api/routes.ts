/**
 * Room: the REST API `/api/v1`, by which programs bring in messages, read cases and figures, decide and write help pages.
 * In: requests with an access token, of a teammate or of a machine.
 * Out: JSON, refusals as problems; messages go to intake, decisions to the desk handler, pages to the help pages.
 * May touch: the database; no vendor.
 * This file: what stands before every operation: token, limits, body, and the key by which a request counts once.
 */

import { json, Router, type Request, type RequestHandler, type Response } from "express";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import {
  admission,
  clientAddress,
  rateLimit,
  withTimeLimit,
  type RateLimit,
} from "#server/http/admission.ts";
import { ApiRefusal } from "#server/http/problem.ts";
import {
  beginRequest,
  dropRequest,
  keepApiAnswer,
  type KeyedRequest,
} from "#store/identity/api-answers.ts";
import { readBearer, requireScope, type Bearer } from "./bearer.ts";
import { CASE_OPERATIONS } from "./cases.ts";
import { CONVERSATION_OPERATIONS } from "./conversations.ts";
import { KNOWLEDGE_OPERATIONS } from "./knowledge.ts";
import { apiDocument } from "./openapi.ts";
import type { ApiOptions, Call, Operation } from "./operation.ts";
import { REPORT_OPERATIONS } from "./reports.ts";

/** Everything that the API offers. A new operation is one more line in one of these. */
export const OPERATIONS: readonly Operation[] = [
  ...CASE_OPERATIONS,
  ...CONVERSATION_OPERATIONS,
  ...KNOWLEDGE_OPERATIONS,
  ...REPORT_OPERATIONS,
];

const WINDOW_MS = 60_000;
const REQUESTS_A_MINUTE = 300;
/** Of one address, with tokens that do not hold. */
const WRONG_TOKENS_A_MINUTE = 60;
const AT_ONCE_MAX = 200;
/** What is asked for longer than this is given up. */
const WORK_MS_MAX = 20_000;

interface Api {
  readonly options: ApiOptions;
  readonly limits: Readonly<Record<"token" | "wrong", RateLimit>>;
  readonly requestsPerMinute: number;
}

/** The routes of the API, each checked in the same way. */
export function apiRoutes(options: ApiOptions): Router {
  const { clock } = options.parts;
  const { requestsPerMinute = REQUESTS_A_MINUTE } = options;
  const limit = (max: number, what: string) => rateLimit({ clock, windowMs: WINDOW_MS, max, what });
  const api: Api = {
    options,
    requestsPerMinute,
    limits: {
      token: limit(requestsPerMinute, "with this token"),
      wrong: limit(WRONG_TOKENS_A_MINUTE, "with tokens that do not hold"),
    },
  };
  const document = apiDocument(OPERATIONS);
  const router = Router();
  router.use((_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  router.use(admission(AT_ONCE_MAX));
  router.get("/openapi.json", (_request, response) => {
    response.json(document);
  });
  for (const [path, operations] of Map.groupBy(OPERATIONS, (operation) => operation.path)) {
    const address = path.replaceAll(/\{(\w+)\}/g, ":$1");
    for (const operation of operations)
      router[operation.method](address, operationHandler(api, operation));
    router.all(address, (_request, response) => {
      response.set("Allow", operations.map(({ method }) => method.toUpperCase()).join(", "));
      throw new ApiRefusal(405, "method_not_allowed", "send one of the methods that Allow names");
    });
  }
  router.use(() => {
    throw new ApiRefusal(
      404,
      "not_found",
      "the API has nothing under this address; see openapi.json",
    );
  });
  return router;
}

function operationHandler(api: Api, operation: Operation): RequestHandler {
  const readBody = json({ limit: operation.bodyMax ?? "64kb", strict: true });
  return async (request, response) => {
    const bearer = await countedBearer(api, request, response);
    requireScope(bearer, operation.scope);
    const call = requestCall(api, bearer, request);
    if (operation.method === "get") {
      const work = operation.prepare(request.query);
      response.json(await withTimeLimit(WORK_MS_MAX, work(call)));
      return;
    }
    if (!request.is("application/json"))
      throw new ApiRefusal(415, "not_json", "send JSON as application/json");
    await passed(readBody, request, response);
    await answerOnce(call, operation, request, response);
  };
}

/** Who sends the request. Every request of a token counts; those without one that holds count by address. */
async function countedBearer(
  { options: { parts }, limits, requestsPerMinute }: Api,
  request: Request,
  response: Response,
): Promise<Bearer> {
  const bearer = await readBearer(parts, request, null).catch((error: unknown) => {
    limits.wrong.check(clientAddress(request));
    throw error;
  });
  const quota = `"token";q=${requestsPerMinute};w=${WINDOW_MS / 1_000}`;
  const tell = (left: number, ms: number) =>
    response.set({
      "RateLimit-Policy": quota,
      RateLimit: `"token";r=${left};t=${Math.ceil(ms / 1_000)}`,
    });
  try {
    const { left, moreInMs } = limits.token.check(bearer.token.id);
    tell(left, moreInMs);
  } catch (error) {
    if (error instanceof DeskhandError) tell(0, error.retryAfterMs ?? WINDOW_MS);
    throw error;
  }
  return bearer;
}

/** Ids may be of any form; what no id can hold is none. */
const ID = /^[^\p{Cc}\p{Cs}]{1,600}$/u;

function requestCall({ options }: Api, bearer: Bearer, { params }: Request): Call {
  const { parts } = options;
  const named = params["id"] ?? "";
  return {
    options,
    bearer,
    id: typeof named === "string" && ID.test(named) ? named : "",
    key: "",
    seed: "",
    now: parts.clock.now(),
    run: (work) => parts.store.run(work),
    mask: (text) => parts.guard.mask(text),
  };
}

/** What a middleware does, as a promise. */
function passed(handler: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void handler(request, response, (error?: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });
}

const KEY_FORM = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** Carries out a change, or answers as the first request with its key was answered. A refused one may be sent again. */
async function answerOnce(
  call: Call,
  operation: Operation,
  request: Request,
  response: Response,
): Promise<void> {
  const { run, now, bearer } = call;
  const key = request.get("idempotency-key") ?? "";
  if (!KEY_FORM.test(key))
    throw new ApiRefusal(
      400,
      "key.missing",
      "send an Idempotency-Key of 1 to 255 visible characters",
    );
  const { body }: { readonly body: unknown } = request;
  // What has the right shape is small enough to be made canonical.
  const work = operation.prepare(body);
  const content = digest([request.path, body]);
  const keyed: KeyedRequest = { tokenId: bearer.token.id, key, content };
  const standing = await run((transaction) => beginRequest(transaction, keyed, now));
  if (standing.kind === "answered") {
    response.status(standing.status).type("json").set("Idempotency-Replayed", "true");
    response.send(standing.body);
    return;
  }
  if (standing.kind !== "begun") throw keyRefusal(standing.kind);
  if (standing.isAgain && operation.isRisky)
    throw new ApiRefusal(
      409,
      "key.under_way",
      "the first request with this key was cut off; look whether it was done, and send another key if not",
    );
  const answer = await withTimeLimit(
    WORK_MS_MAX,
    work({ ...call, key, seed: standing.seed }),
  ).catch(async (error: unknown) => {
    if (wasRefused(error)) await run((transaction) => dropRequest(transaction, keyed));
    throw error;
  });
  const kept = { status: operation.status ?? 200, body: JSON.stringify(answer) };
  await run((transaction) => keepApiAnswer(transaction, keyed, kept));
  response.status(kept.status).type("json").send(kept.body);
}

function keyRefusal(kind: "under_way" | "other"): ApiRefusal {
  return kind === "other"
    ? new ApiRefusal(
        422,
        "key.reused",
        "this Idempotency-Key came with another request; use a new one",
      )
    : new ApiRefusal(
        409,
        "key.under_way",
        "the first request with this Idempotency-Key is not answered yet; send it again in a while",
      );
}

/** True where nothing was done. After anything else it may have been, and the key stays taken until it is sent again. */
function wasRefused(error: unknown): boolean {
  return error instanceof ApiRefusal || (error instanceof DeskhandError && !error.retry);
}
