/**
 * Room: the REST API `/api/v1`, by which programs bring in messages, read cases and figures, decide and write help pages.
 * In: requests with an access token, of a teammate or of a machine.
 * Out: JSON, refusals as problems; messages go to intake, decisions to the desk handler, pages to the help pages.
 * May touch: the database; no vendor.
 * This file: what stands before every operation: token, limits, body, and the key by which a request counts once.
 */

import { promisify } from "node:util";
import { json, Router, type Request, type RequestHandler, type Response } from "express";
import { z } from "zod";
import { ResolutionKind } from "#core/cases/resolution.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { medianValue } from "#jobs/rehearsal/figures.ts";
import { lastDays } from "#server/console/numbers.ts";
import { admission, withTimeLimit } from "#server/http/admission.ts";
import { ApiRefusal } from "#server/http/problem.ts";
import { periodFigures } from "#store/console/figures.ts";
import { inboxCounts } from "#store/console/inbox.ts";
import { countIn, resolutionRate, ROW_FIGURES } from "#store/reports/counted-rows.ts";
import {
  beginRequest,
  dropRequest,
  keepApiAnswer,
  type KeyedRequest,
} from "#store/identity/access-tokens.ts";
import { bearerLimits, readBearer, type Bearer, type BearerLimits } from "./bearer.ts";
import { CASE_OPERATIONS } from "./cases.ts";
import { CONVERSATION_OPERATIONS } from "./conversations.ts";
import { KNOWLEDGE_OPERATIONS } from "./knowledge.ts";
import { apiDocument, operation, type ApiOptions, type Call, type Operation } from "./operation.ts";

const WeekOut = z.object({
  now: z.object({ waiting: z.int(), people: z.int() }),
  counts: z.partialRecord(z.enum(ROW_FIGURES), z.int()),
  resolution: z.object({ resolved: z.int(), ended: z.int() }),
  ends: z.array(z.object({ kind: ResolutionKind, count: z.int(), usd: z.number() })),
  medianFirstReplyMs: z.number().nullable(),
  spent: z
    .object({ turns: z.int(), steps: z.int(), usd: z.number(), unpriced: z.int() })
    .describe("on the model; `unpriced` turns have a price that is not known"),
});

/** The report of a week. */
const REPORT_OPERATIONS: readonly Operation[] = [
  operation({
    name: "readWeek",
    method: "get",
    path: "/reports/week",
    scope: "reports:read",
    summary: "The figures of the last seven days, as the console's page of numbers counts them.",
    sent: z.strictObject({}),
    answer: WeekOut,
    work: ({ run, now }) =>
      run(async (transaction) => {
        const span = lastDays(7, now);
        const { counts, totals, firstReplies, spent } = await periodFigures(transaction, span);
        return {
          now: await inboxCounts(transaction, "", now),
          counts: Object.fromEntries(ROW_FIGURES.map((name) => [name, countIn(counts, name)])),
          resolution: resolutionRate(totals),
          ends: [...totals],
          medianFirstReplyMs: medianValue(firstReplies),
          spent,
        };
      }),
  }),
];

/** Everything that the API offers. A new operation is one more line in one of these. */
export const OPERATIONS: readonly Operation[] = [
  ...CASE_OPERATIONS,
  ...CONVERSATION_OPERATIONS,
  ...KNOWLEDGE_OPERATIONS,
  ...REPORT_OPERATIONS,
];

/** Of a token, a minute. */
const REQUESTS_MAX = 300;
const AT_ONCE_MAX = 200;
/** What is asked for longer than this is given up. */
const WORK_MS_MAX = 20_000;

/** The routes of the API, each checked in the same way. */
export function apiRoutes(options: ApiOptions): Router {
  const limits = bearerLimits(options.parts.clock, options.requestsPerMinute ?? REQUESTS_MAX);
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
  for (const operation of OPERATIONS)
    router[operation.method](
      operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
      operationHandler(options, limits, operation),
    );
  router.use(() => {
    throw new ApiRefusal(
      404,
      "not_found",
      "the API has nothing under this address and method; see openapi.json",
    );
  });
  return router;
}

function operationHandler(
  options: ApiOptions,
  limits: BearerLimits,
  operation: Operation,
): RequestHandler {
  const readBody = promisify(json({ limit: operation.bodyMax ?? "64kb", strict: true }));
  return async (request, response) => {
    const bearer = await readBearer(options.parts, request, operation.scope, limits);
    const call = requestCall(options, bearer, request);
    if (operation.method === "get") {
      const work = operation.prepare(request.query);
      response.json(await withTimeLimit(WORK_MS_MAX, work(call)));
      return;
    }
    if (!request.is("application/json"))
      throw new ApiRefusal(415, "not_json", "send JSON as application/json");
    await readBody(request, response);
    await answerOnce(call, operation, request, response);
  };
}

/** Ids may be of any form; what no id can hold is none. */
const ID = /^[^\p{Cc}\p{Cs}]{1,600}$/u;

/** A request as operations take it. */
export function requestCall(options: ApiOptions, bearer: Bearer, { params }: Request): Call {
  const { parts } = options;
  const named = params["id"] ?? "";
  return {
    options,
    bearer,
    id: typeof named === "string" && ID.test(named) ? named : "",
    seed: "",
    now: parts.clock.now(),
    run: (work, ...given) => parts.store.run(work, ...given),
    mask: (text) => parts.guard.mask(text),
  };
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
  const standing = await run(beginRequest, keyed, now);
  if (standing.kind === "answered") {
    response.status(standing.status).type("json").set("Idempotency-Replayed", "true");
    response.send(standing.body);
    return;
  }
  if (standing.kind === "other")
    throw new ApiRefusal(
      422,
      "key.reused",
      "this Idempotency-Key came with another request; use a new one",
    );
  if (standing.kind === "under_way" || (standing.isAgain && operation.isRisky))
    throw new ApiRefusal(
      409,
      "key.under_way",
      "the first request with this Idempotency-Key has no answer yet; send it again in a while, and if it still has none, look whether it was done",
    );
  const answer = await withTimeLimit(WORK_MS_MAX, work({ ...call, seed: standing.seed })).catch(
    async (error: unknown) => {
      if (wasRefused(error)) await run(dropRequest, keyed);
      throw error;
    },
  );
  const kept = { status: operation.status ?? 200, body: JSON.stringify(answer) };
  await run(keepApiAnswer, keyed, kept);
  response.status(kept.status).type("json").send(kept.body);
}

/** True where nothing was done. After anything else it may have been, and the key stays taken until it is sent again. */
function wasRefused(error: unknown): boolean {
  return error instanceof ApiRefusal || (error instanceof DeskhandError && !error.retry);
}
