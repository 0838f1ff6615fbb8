/**
 * Room: the console, which shows teammates the desk's cards and buttons as a page.
 * In: browser requests of teammates who signed in with a one-time link.
 * Out: pages, cards and files; decisions go to the desk handler, pauses to the database.
 * May touch: the database (cards, sessions, pause, traces) and kept files; no vendor.
 */

import { json, Router, type RequestHandler, type Response } from "express";
import { z } from "zod";
import { Button, DeskDecision } from "#core/contracts/approval-desk.ts";
import type { TraceSections } from "#core/values/desk-overview.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { traceText } from "#jobs/decisions/describe-turns.ts";
import { effectsInFlightOf } from "#jobs/effects/in-flight.ts";
import { setPause } from "#jobs/context/pause.ts";
import { Scope } from "#store/effects/pause.ts";
import { attachedFileRoutes } from "./attachment-download.ts";
import { overviewOf } from "./card-views.ts";
import { consoleSession, type ConsoleSession } from "./session.ts";
import { fillPage, readPage } from "#server/pages/static-files.ts";
import { requireOwnPage, type OwnOrigin } from "#server/pages/own-origin.ts";
import type { PageOptions } from "#server/pages/options.ts";

/** Enough for a reply of 60,000 characters in JSON, whatever its alphabet. */
const BODY_MAX = "300kb";

const Decide = z.strictObject({
  /** Generated when a form or button is shown, so that a double click is one decision. */
  clickId: z.string().regex(/^[\w-]{8,64}$/),
  approvalId: DeskDecision.shape.approvalId,
  version: DeskDecision.shape.version,
  button: Button,
  reason: DeskDecision.shape.reason.default(""),
  edit: DeskDecision.shape.edit.default(null),
  rejection: DeskDecision.shape.rejection,
  hint: DeskDecision.shape.hint,
  ownAnswer: DeskDecision.shape.ownAnswer,
});
const Code = z.string().max(100);
const SPENT = "This link was used already or is more than ten minutes old.";
const Version = z.coerce.number().int().min(1);
const PauseWish = z.strictObject({
  paused: z.boolean(),
  /** "all", a channel, or "topic:" and its name. */
  scope: Scope.default("all"),
  reason: z.string().trim().max(150).default(""),
});

const PAGE = readPage(new URL("../pages/console.html", import.meta.url));
const SIGN_IN = readPage(new URL("../pages/sign-in.html", import.meta.url));
const ONWARD = readPage(new URL("../pages/onward.html", import.meta.url));
const ENTER = readPage(new URL("../pages/enter.html", import.meta.url));
const TRACE = readPage(new URL("../pages/trace.html", import.meta.url));

/** The console: the desk's cards and buttons as a page, for teammates with a one-time link. */
export function consoleRoutes(options: PageOptions, ownOrigin: OwnOrigin): Router {
  const router = Router();
  const session = consoleSession(options.parts);
  router.use((_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  const ownPage = [requireOwnPage(ownOrigin), json({ limit: BODY_MAX })];
  addEntrance(router, session, ownPage);
  addReading(router, options, session);
  router.use(attachedFileRoutes(options, session));
  router.post("/decide", ...ownPage, decide(options, session));
  router.post("/pause", ...ownPage, pause(options, session));
  router.post("/leave", ...ownPage, async (request, response) => {
    await session.leave(request, response);
    response.json({});
  });
  return router;
}

function addEntrance(
  router: Router,
  session: ConsoleSession,
  ownPage: readonly RequestHandler[],
): void {
  router.get("/", async (request, response) => {
    const visitor = await session.visitor(request);
    if (visitor !== null && visitor.role !== null) response.type("html").send(PAGE);
    else if (visitor !== null) noRole(response, visitor.teammate.name);
    // A click on a link from another site comes without the cookie; once our own page has loaded, it is sent.
    else if (request.get("sec-fetch-site") === "cross-site" && request.query["from"] !== "link")
      response.type("html").send(ONWARD);
    else signIn(response, 401, "You are not signed in here, or your session has ended.");
  });
  router.get("/enter", async (request, response) => {
    const code = Code.safeParse(request.query["code"]);
    const holder = code.success ? await session.named(code.data) : null;
    if (holder === null) {
      signIn(response, 401, SPENT);
      return;
    }
    const before = (await session.visitor(request))?.teammate.name;
    const instead =
      before === undefined ? "" : `You are signed in as ${before} and will not be any more.`;
    response.type("html").send(fillPage(ENTER, { ...holder, instead }));
  });
  // Opening a link changes nothing; otherwise an attacker's link could sign a teammate in as the attacker (login CSRF).
  router.post("/enter", ...ownPage, async (request, response) => {
    const { code } = parseInput(z.strictObject({ code: Code }), request.body);
    const visitor = await session.enter(code, response);
    if (visitor === null) throw new DeskhandError("input.unverified", SPENT);
    response.json({});
  });
}

function signIn(response: Response, status: number, reason: string): void {
  response.status(status).type("html").send(fillPage(SIGN_IN, { reason }));
}

function noRole(response: Response, name: string): void {
  signIn(
    response,
    403,
    `You are signed in as ${name}, but the policy gives this address no role, so nothing is shown to you.`,
  );
}

function addReading(
  router: Router,
  { parts, handler }: PageOptions,
  session: ConsoleSession,
): void {
  router.get("/cards", async (request, response) => {
    const { teammate, role } = await session.teammate(request);
    const { name, email } = teammate;
    response.json({
      me: { name, email, role },
      onlyDesk: !parts.channels.has("slack"),
      ...(await overviewOf(parts)),
    });
  });
  router.get("/form/:id/:version", async (request, response) => {
    const { teammate } = await session.teammate(request);
    const version = parseInput(Version, request.params.version);
    response.json(await handler.editForm(request.params.id, version, teammate));
  });
  router.get("/check/:id/:version/:button", async (request, response) => {
    const { teammate } = await session.teammate(request);
    const { id: approvalId } = request.params;
    const version = parseInput(Version, request.params.version);
    const button = parseInput(Button, request.params.button);
    response.json(await handler.check({ approvalId, version, button }, teammate));
  });
  router.get("/explain/:id", async (request, response) => {
    const { teammate } = await session.teammate(request);
    const explained = await handler.explain(request.params.id, teammate);
    response.json({ text: explained === null ? "" : sheetText(explained) });
  });
  router.get("/trace/:id", async (request, response) => {
    const visitor = await session.visitor(request);
    if (visitor === null || visitor.role === null) {
      signIn(response, 401, "A trace is shown to teammates who are signed in.");
      return;
    }
    const { id } = request.params;
    const text = await parts.store.run((transaction) => traceText(transaction, id));
    response
      .status(text === "" ? 404 : 200)
      .type("html")
      .send(fillPage(TRACE, { id, text: text || "No trace is kept under this name." }));
  });
}

/** Headings with their lines below them. */
function sheetText({ sections }: TraceSections): string {
  return sections
    .map(({ heading, lines }) => [heading, ...lines.map((line) => `  ${line}`)].join("\n").trim())
    .join("\n\n");
}

function decide({ handler }: PageOptions, session: ConsoleSession): RequestHandler {
  return async (request, response) => {
    const { teammate } = await session.teammate(request);
    const { clickId, ...decision } = parseInput(Decide, request.body);
    const speaksForItself = decision.rejection === "i_answer" || decision.rejection === "no_answer";
    if (decision.button === "reject" && !speaksForItself && decision.reason.trim() === "")
      throw new DeskhandError("input.invalid", "reason: say why, so that the team can learn");
    const decisionId = `${teammate.id}:${clickId}`;
    response.json(await handler.decide({ ...decision, decisionId, teammate }));
  };
}

/** Any teammate may pause everything or a part of it; only a lead may resume. */
function pause({ parts }: PageOptions, session: ConsoleSession): RequestHandler {
  return async (request, response) => {
    const { teammate, role } = await session.teammate(request);
    const { paused, scope, reason } = parseInput(PauseWish, request.body);
    requireLead(paused, role);
    const state = await parts.store.run(async (transaction) => {
      const auditedAs = await parts.pseudonym(transaction, teammate.email ?? teammate.id);
      const by = reason === "" ? teammate.name : `${teammate.name}: ${reason}`;
      const change = { scope, paused, by, auditedAs };
      const after = await setPause(transaction, change, parts.clock.now());
      return { ...after, inFlight: paused ? await effectsInFlightOf(transaction) : [] };
    });
    response.json(state);
  };
}

function requireLead(paused: boolean, role: Role): void {
  if (!paused && role !== "lead")
    throw new DeskhandError("input.forbidden", "a lead has to say when it goes on");
}

function parseInput<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join(".") || "body"}: ${message}`,
  );
  throw new DeskhandError("input.invalid", problems.join("; "));
}
