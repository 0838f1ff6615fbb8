/**
 * Room: what every call of the API goes through: credentials, scopes, limits, faults, paging and errors.
 * In: an HTTP request to `/api/v2`, to `/oauth/tokens` or for a file.
 * Out: the endpoint's answer, or an error in Zendesk's envelopes.
 * May touch: tokens and usage counts; the endpoints themselves are in `rest`.
 */
import { setTimeout as wait } from "node:timers/promises";
import {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  Router,
  json,
  raw,
  urlencoded,
} from "express";
import {
  type Fault,
  type Faults,
  type Limits,
  identify,
  requireRole,
  requireScope,
} from "./access.ts";
import { authorize, grantToken, TOKEN_ROUTES } from "./oauth.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError, invalidEndpoint } from "./errors.ts";
import { APP_ROUTES, SET_UP_ROUTES } from "#sandbox/zendesk/rest/set-up.ts";
import { CHANGE_ROUTES } from "#sandbox/zendesk/rest/changes.ts";
import { HELP_CENTER_ROUTES } from "#sandbox/zendesk/rest/help-center.ts";
import { TICKET_ROUTES } from "#sandbox/zendesk/rest/tickets.ts";
import { callFrom, type Route } from "#sandbox/zendesk/rest/route.ts";
import type { WebhookSender } from "#sandbox/zendesk/webhooks.ts";

const ROUTES: readonly Route[] = [
  ...TICKET_ROUTES,
  ...SET_UP_ROUTES,
  ...HELP_CENTER_ROUTES,
  ...CHANGE_ROUTES,
  ...TOKEN_ROUTES,
  ...APP_ROUTES,
];

/** What every call goes through besides its endpoint. */
export interface ApiParts {
  readonly desk: Desk;
  readonly sender: WebhookSender;
  readonly limits: Limits;
  readonly faults: Faults;
}

const BODY_BYTES_MAX = 10_000_000;

/** Endpoints that Zendesk added later; an address of theirs that ends in `.json` is none. */
const WITHOUT_ENDING = /^\/(?:webhooks|guide)(?:\/|\.)/u;

/** Zendesk's API: `/api/v2`, most of it with or without `.json` at the end, and the OAuth token endpoint. */
export function apiRouter(parts: ApiParts): Router {
  const router = Router();
  const readJson = json({ limit: BODY_BYTES_MAX, type: ["json", "+json"], strict: false });
  const tokens: RequestHandler = (request, response) => {
    response.status(201).json(grantToken(parts.desk, request.body));
  };
  router.get("/oauth/authorizations/new", (request, response) => {
    const next = authorize(parts.desk, request.query);
    if (next === null) response.status(400).type("text").send("Invalid authorization request\n");
    else response.redirect(next);
  });
  router.post("/oauth/tokens", readJson, urlencoded({ extended: false }), tokens);
  const api = Router();
  api.use((request, _response, next) => {
    const ending = /\.json(?=\?|$)/u;
    if (ending.test(request.url) && WITHOUT_ENDING.test(request.url)) throw invalidEndpoint();
    request.url = request.url.replace(ending, "");
    next();
  });
  // A file may be JSON itself; here it is only bytes.
  api.use("/uploads", raw({ limit: 50_000_000, type: () => true }));
  api.use("/apps/uploads", raw({ limit: 2_000_000, type: "multipart/form-data" }));
  api.use(readJson);
  for (const route of ROUTES) {
    api[route.method](route.path, (request, response) =>
      answerCall(parts, route, request, response),
    );
  }
  api.use(() => {
    throw invalidEndpoint();
  });
  router.use("/api/v2", api);
  router.use(["/api/v2", "/oauth"], showError);
  return router;
}

async function answerCall(
  parts: ApiParts,
  route: Route,
  request: Request,
  response: Response,
): Promise<void> {
  // Zendesk's clock is the desk's.
  response.set("date", parts.desk.now().toUTCString());
  const fault = parts.faults.next(request.method, request.path);
  if (fault) refuseByFault(fault);
  const caller = identify(parts.desk, request.get("authorization"));
  response.set(
    parts.limits.count({ method: request.method, path: request.path, userId: caller.user.id }),
  );
  requireRole(caller.user, route.allow);
  requireScope(caller, request.method, request.path);
  if (fault?.kind === "slow") await wait(fault.ms);
  const reply = route.run(callFrom(parts.desk, request, caller.user));
  if (fault?.kind === "lost_response") {
    response.socket?.destroy();
    return;
  }
  response.status(reply.status ?? 200).set({ ...reply.headers });
  if (reply.text !== undefined) response.type("text/plain").send(reply.text);
  else if (reply.body === undefined) response.end();
  else response.json(reply.body);
}

/** What is answered instead of the endpoint; nothing is carried out. */
const FAULT_ANSWERS = {
  rate_limited: [429, { error: "TooManyRequests", description: "Rate limit exceeded" }],
  unavailable: [503, { error: "ServiceUnavailable", description: "Try again later" }],
  bad_gateway: [
    502,
    "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>",
  ],
  server_error: [500, { error: "InternalError", description: "Internal server error" }],
  unauthorized: [401, { error: "Couldn't authenticate you" }],
} as const satisfies Partial<Record<Fault["kind"], readonly [status: number, body: unknown]>>;

function refuseByFault({ kind, retryAfter }: Fault): void {
  if (kind === "slow" || kind === "lost_response") return;
  const [status, body] = FAULT_ANSWERS[kind];
  const says = retryAfter !== null && (status === 429 || status === 503);
  throw new ApiError(status, body, says ? { "retry-after": String(retryAfter) } : {});
}

/** A body of text is sent as an HTML page, as a proxy in front of Zendesk would. */
const showError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const known = error instanceof ApiError ? error : fromParser(error);
  if (!known) return next(error);
  response.status(known.status).set({ ...known.headers });
  if (typeof known.body === "string") response.type("html").send(known.body);
  else response.json(known.body);
};

/** The body parser's own errors: too large, or no JSON. */
function fromParser(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !("type" in error)) return undefined;
  if (error.type === "entity.too.large")
    return new ApiError(413, "<html><body>Request Entity Too Large</body></html>");
  return new ApiError(422, {
    error: "Unprocessable Entity",
    message: "Server could not parse JSON",
  });
}
