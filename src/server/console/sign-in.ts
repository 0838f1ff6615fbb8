/** Signing in to the console, by a one-time link or with Slack, its sessions, and what people see who are not let in. */

import { clientAddress, rateLimit } from "#server/http/admission.ts";
import { randomBytes } from "node:crypto";
import type { Request, RequestHandler, Response, Router } from "express";
import { z } from "zod";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { SignInTry } from "#core/contracts/team-sign-in.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Role } from "#core/values/vocabulary.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { OwnOrigin } from "#server/pages/own-origin.ts";
import { fillPage, readPage } from "#server/pages/static-files.ts";
import {
  codeHolder,
  endSession,
  issueSession,
  redeemCode,
  SESSION_LIVES_MS,
  sessionHolder,
  type PassHolder,
} from "#store/identity/console-sessions.ts";
import { parseInput, type Desk } from "./visit.ts";

const COOKIE = "deskhand_session";

/** A signed-in person, with the role the policy gives them now. */
export interface Visitor {
  readonly teammate: DeskTeammate;
  /** Null for an address the policy does not list: signed in, but shown nothing. */
  readonly role: Role | null;
}

/** Sign-in by link, the current session, and sign-out. */
export interface ConsoleSession {
  /** The person a code would sign in; null for an invalid code. Does not use the code up. */
  named(code: string): Promise<PassHolder | null>;
  /** Exchanges the code of a link for a session cookie; null for an invalid code. */
  enter(code: string, response: Response): Promise<Visitor | null>;
  /** Signs in a person whom another way has proven, such as Slack; returns the session's holder. */
  enterAs(holder: PassHolder, response: Response): Promise<Visitor>;
  /** The person who sent this request; null when not signed in. */
  visitor(request: Request): Promise<Visitor | null>;
  /** The same for requests that need a teammate who may decide; otherwise throws the error to answer with. */
  teammate(request: Request): Promise<Visitor & { readonly role: Role }>;
  leave(request: Request, response: Response): Promise<void>;
}

/** The cookie is not readable by scripts and never sent from other sites; only a hash of its value is stored. */
export function consoleSession(
  parts: Pick<JobContext, "store" | "clock" | "policy" | "cardLink">,
): ConsoleSession {
  const attributes = () => ({
    httpOnly: true,
    sameSite: "strict" as const,
    secure: parts.cardLink("").startsWith("https:"),
    path: "/",
  });
  const visitorFor = ({ email, name }: PassHolder): Visitor => {
    const teammate = { id: `console:${email}`, name, email, eligible: true };
    return { teammate, role: parts.policy.roleOf(teammate) };
  };
  const visitor = async (request: Request): Promise<Visitor | null> => {
    const session = sessionIn(request);
    if (session === null) return null;
    const holder = await parts.store.run((transaction) =>
      sessionHolder(transaction, session, parts.clock.now()),
    );
    return holder === null ? null : visitorFor(holder);
  };
  return {
    named: (code) =>
      parts.store.run((transaction) => codeHolder(transaction, code, parts.clock.now())),
    async enter(code, response) {
      const entered = await parts.store.run((transaction) =>
        redeemCode(transaction, code, parts.clock.now()),
      );
      if (entered === null) return null;
      response.cookie(COOKIE, entered.session, { ...attributes(), maxAge: SESSION_LIVES_MS });
      return visitorFor(entered.holder);
    },
    async enterAs(holder, response) {
      const value = await parts.store.run((transaction) =>
        issueSession(transaction, holder, parts.clock.now()),
      );
      response.cookie(COOKIE, value, { ...attributes(), maxAge: SESSION_LIVES_MS });
      return visitorFor(holder);
    },
    visitor,
    async teammate(request) {
      const found = await visitor(request);
      if (found === null)
        throw new DeskhandError("input.unverified", "your session has ended; open a new link");
      const { teammate, role } = found;
      if (role === null)
        throw new DeskhandError("input.forbidden", "the policy gives your address no role");
      return { teammate, role };
    },
    async leave(request, response) {
      const session = sessionIn(request);
      if (session !== null)
        await parts.store.run((transaction) => endSession(transaction, session));
      response.clearCookie(COOKIE, attributes());
    },
  };
}

function sessionIn(request: Request): string | null {
  const cookies = request.get("cookie") ?? "";
  return /(?:^|;\s*)deskhand_session=([\w-]{43})(?:;|$)/.exec(cookies)?.[1] ?? null;
}

// The pages for people who are not let in, and the one-time link.

const Code = z.string().max(100);
const SPENT = "This link was used already or is more than ten minutes old.";

const SIGN_IN = readPage(new URL("../pages/sign-in.html", import.meta.url));
const ONWARD = readPage(new URL("../pages/onward.html", import.meta.url));
const ENTER = readPage(new URL("../pages/enter.html", import.meta.url));

/** The pages for people who are not let in, and the routes that let them in. */
export interface Entrance {
  /** Answers a request for a page of the console by a person who may not see it. */
  turnAway(response: Response, visitor: Visitor | null, request: Request): void;
  /** The page to sign in, with the reason why it is shown. */
  signIn(response: Response, status: number, reason: string): void;
  /** Adds the routes of the one-time link. */
  addTo(router: Router, ownPage: readonly RequestHandler[]): void;
}

/** Links are opened by people: from one address no more than this many a minute, so that guessing a code is slow. */
const LINKS_A_MINUTE = 60;

/** `viaSlack` says whether the page to sign in offers Slack, too. */
export function entranceOf(session: ConsoleSession, viaSlack: boolean, clock: Clock): Entrance {
  const tries = rateLimit({ clock, windowMs: 60_000, max: LINKS_A_MINUTE, what: "from here" });
  const signIn = (response: Response, status: number, reason: string): void => {
    response
      .status(status)
      .type("html")
      .send(fillPage(SIGN_IN, { reason, slack: viaSlack ? "" : "hidden" }));
  };
  return {
    signIn,
    turnAway(response, visitor, request) {
      if (visitor !== null) noRole(signIn, response, visitor.teammate.name);
      // A click on a link from another site comes without the cookie; once our own page has loaded, it is sent.
      else if (request.get("sec-fetch-site") === "cross-site" && request.query["from"] !== "link")
        onward(response, ownAddress(request));
      else signIn(response, 401, "You are not signed in here, or your session has ended.");
    },
    addTo(router, ownPage) {
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
        tries.check(clientAddress(request));
        const { code } = parseInput(z.strictObject({ code: Code }), request.body);
        const visitor = await session.enter(code, response);
        if (visitor === null) throw new DeskhandError("input.unverified", SPENT);
        response.json({});
      });
    },
  };
}

function noRole(signIn: Entrance["signIn"], response: Response, name: string): void {
  signIn(
    response,
    403,
    `You are signed in as ${name}, but the policy gives this address no role, so nothing is shown to you.`,
  );
}

/** A page of ours that opens an address of the console at once, so that the browser sends the session's cookie. */
function onward(response: Response, address: string): void {
  response.type("html").send(fillPage(ONWARD, { address }));
}

/** The same address, marked so that it is not sent onward a second time. */
function ownAddress(request: Request): string {
  const address = new URL(request.originalUrl, "http://console.invalid");
  address.searchParams.set("from", "link");
  return `${address.pathname}${address.search}`;
}

// Signing in with Slack: sends the browser there, and takes it back in.

/** Holds one try while the browser is at Slack. Not strict: the browser comes back from another site. */
const TRY_COOKIE = "deskhand_sign_in";
const TRY_LIVES_MS = 10 * 60_000;
const SLACK_PATH = "/console/slack";

const Returned = z.object({
  code: z.string().min(1).max(1_000),
  state: z.string().min(1).max(200),
});

/** Adds the two routes; without a team's own sign-in there are none. */
export function addSlackEntrance(
  router: Router,
  { options, session }: Desk,
  entrance: Entrance,
  ownOrigin: OwnOrigin,
): void {
  const { teamSignIn } = options;
  if (teamSignIn === null) return;
  const cookie = () => ({
    httpOnly: true,
    sameSite: "lax" as const,
    secure: ownOrigin().startsWith("https:"),
    path: SLACK_PATH,
  });
  router.get("/slack", async (_request, response) => {
    const attempt = newTry(ownOrigin());
    const address = await teamSignIn.begin(attempt);
    response
      .cookie(TRY_COOKIE, [attempt.state, attempt.nonce, attempt.verifier].join("."), {
        ...cookie(),
        maxAge: TRY_LIVES_MS,
      })
      .redirect(303, address);
  });
  router.get("/slack/back", async (request, response) => {
    // Whatever comes of it, this try is over.
    response.clearCookie(TRY_COOKIE, cookie());
    const returned = Returned.safeParse(request.query);
    const attempt = tryIn(request, ownOrigin());
    if (!returned.success || attempt === null || attempt.state !== returned.data.state) {
      entrance.signIn(
        response,
        401,
        "This sign-in was not begun in this browser, or took too long. Try again.",
      );
      return;
    }
    try {
      const person = await teamSignIn.finish(returned.data.code, attempt);
      const visitor = await session.enterAs(person, response);
      // The browser came from another site, so it sends the session's cookie only after a page of ours.
      if (visitor.role === null) entrance.turnAway(response, visitor, request);
      else onward(response, "/console");
    } catch (error) {
      if (!(error instanceof DeskhandError)) throw error;
      entrance.signIn(response, error.code === "input.unverified" ? 401 : 503, error.message);
    }
  });
}

function newTry(origin: string): SignInTry {
  const secret = (): string => randomBytes(32).toString("base64url");
  return {
    state: secret(),
    nonce: secret(),
    verifier: secret(),
    redirectUri: `${origin}${SLACK_PATH}/back`,
  };
}

/** The try this browser began; null without one. */
function tryIn(request: Request, origin: string): SignInTry | null {
  const cookies = request.get("cookie") ?? "";
  const [, state = "", nonce = "", verifier = ""] =
    /(?:^|;\s*)deskhand_sign_in=([\w-]{43})\.([\w-]{43})\.([\w-]{43})(?:;|$)/.exec(cookies) ?? [];
  return state === ""
    ? null
    : { state, nonce, verifier, redirectUri: `${origin}${SLACK_PATH}/back` };
}
