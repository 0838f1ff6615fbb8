/** Signing in to the console, by a one-time link or with Slack, and what people see who are not let in. */

import type { SignInTry, TeamSignIn } from "#core/contracts/ports.ts";
import { randomBytes } from "node:crypto";
import type { Request, Response, Router } from "express";
import { z } from "zod";
import { DeskhandError, readInput } from "#core/values/errors.ts";
import { html, type Html } from "#server/http/html.ts";
import type { PassHolder } from "#store/identity/sessions.ts";
import { wholePage, type Guards } from "./frame.ts";
import { cookieIn, hostCookie, type ConsoleSession, type Desk, type Visitor } from "./session.ts";
import type { OwnOrigin } from "#server/pages/own-origin.ts";
import { clientAddress, rateLimit } from "#server/http/admission.ts";

const Code = z.string().max(100);
const SPENT = "This link was used already or is more than ten minutes old.";

/** Links are opened by people: from one address no more than this many a minute, so that guessing a code is slow. */
const LINKS_A_MINUTE = 60;

/** Adds the ways to sign in; answers requests for pages of the console by people who may not see them. */
export function addSignIn(
  router: Router,
  { options, session }: Desk,
  { ownPage, ownOrigin }: Pick<Guards, "ownPage"> & { readonly ownOrigin: OwnOrigin },
): Guards["turnAway"] {
  const { teamSignIn, parts } = options;
  const tries = rateLimit({ clock: parts.clock, max: LINKS_A_MINUTE, what: "from here" });
  const signIn: SignIn = (response, status, reason) => {
    sendPage(response.status(status), signInPage(reason, teamSignIn !== null));
  };
  const turnAway: Guards["turnAway"] = (response, visitor, request) => {
    if (visitor !== null)
      signIn(
        response,
        403,
        `You are signed in as ${visitor.teammate.name}, but the policy gives this address no role, so nothing is shown to you.`,
      );
    // A click on a link from another site comes without the cookie; once our own page has loaded, it is sent.
    else if (request.get("sec-fetch-site") === "cross-site" && request.query["from"] !== "link")
      sendPage(response, onwardPage(ownAddress(request)));
    else signIn(response, 401, "You are not signed in here, or your session has ended.");
  };
  router.get("/enter", async (request, response) => {
    const code = Code.safeParse(request.query["code"]);
    const holder = code.success ? await session.named(code.data) : null;
    if (holder === null) signIn(response, 401, SPENT);
    else sendPage(response, enterPage(holder, await session.visitor(request)));
  });
  // Opening a link changes nothing; otherwise an attacker's link could sign a teammate in as the attacker (login CSRF).
  router.post("/enter", ...ownPage, async (request, response) => {
    tries.check(clientAddress(request));
    const { code } = readInput(z.strictObject({ code: Code }), request.body);
    const visitor = await session.enter(code, response);
    if (visitor === null) throw new DeskhandError("input.unverified", SPENT);
    response.json({});
  });
  if (teamSignIn !== null)
    addSlackEntrance(router, { teamSignIn, session, signIn, turnAway, ownOrigin });
  return turnAway;
}

/** The page to sign in, with the reason why it is shown. */
type SignIn = (response: Response, status: number, reason: string) => void;

/** The same address, marked so that it is not sent onward a second time. */
function ownAddress(request: Request): string {
  const address = new URL(request.originalUrl, "http://console.invalid");
  address.searchParams.set("from", "link");
  return `${address.pathname}${address.search}`;
}

/** Sends a page outside the frame of the console, for people who are not let in yet. */
function sendPage(response: Response, body: Html): void {
  const page = wholePage(
    { title: "Sign in · Deskhand", styles: ["style.css"], script: "entrance.js" },
    html`<body>
      ${body}
    </body>`,
  );
  response.type("html").send(page.toString());
}

/** A page of ours that opens an address of the console at once, so that the browser sends the session's cookie. */
function onwardPage(address: string): Html {
  return html`<main class="narrow">
    <p><a id="onward" href="${address}">Continue to the console</a></p>
  </main>`;
}

function enterPage({ name, email }: PassHolder, before: Visitor | null): Html {
  return html`<main class="narrow">
    <h1>Sign in to the console</h1>
    <p class="notice">
      This link signs you in as <b>${name}</b> (${email}).
      ${before !== null && html`You are signed in as ${before.teammate.name} and will not be any more.`}
      Your decisions are recorded under that name. If that is not you, close this page.
    </p>
    <div class="row">
      <button type="button" class="main" id="enter">Sign in as ${name}</button>
    </div>
    <output id="said" class="soft" role="status"></output>
  </main>`;
}

function signInPage(reason: string, viaSlack: boolean): Html {
  return html`<header class="bar">
      <a class="brand" href="/"
        ><img src="/assets/icon.svg" alt="" width="24" height="24" />Deskhand</a
      >
      <nav aria-label="Pages">
        <a href="/" target="_top">Start</a>
        <a href="/console" target="_top" aria-current="page">Console</a>
        <a href="/chat" target="_top">Chat</a>
      </nav>
    </header>
    <main class="narrow">
      <h1>Sign in to the console</h1>
      <p class="notice">${reason}</p>
      <section class="box stack" ${!viaSlack && html`hidden`}>
        <p>Your team is on Slack, so Slack can say who you are:</p>
        <div class="row">
          <a class="button main" id="slack" href="/console/slack">Sign in with Slack</a>
        </div>
      </section>
      <section class="box stack">
        <p>
          Ask the person who runs Deskhand for a link, or make one yourself on the machine it runs
          on:
        </p>
        <p><code>npm run -s deskhand -- console you@your-company.example</code></p>
        <p class="soft">
          The link works once and for ten minutes, and keeps you signed in for eight hours. The
          policy file says what your address may decide.
        </p>
      </section>
      <section class="box stack" id="sandbox" hidden>
        <p>Everything here is sample data, so you can sign in without a link:</p>
        <div class="row" id="teammates"></div>
        <output id="said" class="soft" role="status"></output>
      </section>
    </main>`;
}

/** Holds one try while the browser is at Slack. Not strict: the browser comes back from another site. */
const tryCookie = (origin: string) => hostCookie("deskhand_sign_in", origin.startsWith("https:"));
const TRY_LIVES_MS = 10 * 60_000;
const SLACK_PATH = "/console/slack";

const Returned = z.object({
  code: z.string().min(1).max(1_000),
  state: z.string().min(1).max(200),
});

/** Sends the browser to the team's own sign-in, and takes it back in. */
function addSlackEntrance(
  router: Router,
  {
    teamSignIn,
    session,
    signIn,
    turnAway,
    ownOrigin,
  }: Pick<Guards, "turnAway"> & {
    readonly teamSignIn: TeamSignIn;
    readonly session: ConsoleSession;
    readonly signIn: SignIn;
    readonly ownOrigin: OwnOrigin;
  },
): void {
  const cookie = () => ({
    httpOnly: true,
    sameSite: "lax" as const,
    secure: ownOrigin().startsWith("https:"),
    path: "/",
  });
  router.get("/slack", async (_request, response) => {
    const attempt = newTry(ownOrigin());
    const address = await teamSignIn.begin(attempt);
    response
      .cookie(tryCookie(ownOrigin()), [attempt.state, attempt.nonce, attempt.verifier].join("."), {
        ...cookie(),
        maxAge: TRY_LIVES_MS,
      })
      .redirect(303, address);
  });
  router.get("/slack/back", async (request, response) => {
    // Whatever comes of it, this try is over.
    response.clearCookie(tryCookie(ownOrigin()), cookie());
    const returned = Returned.safeParse(request.query);
    const attempt = tryIn(request, ownOrigin());
    if (!returned.success || attempt === null || attempt.state !== returned.data.state) {
      signIn(
        response,
        401,
        "This sign-in was started in another browser, or took too long. Try again.",
      );
      return;
    }
    try {
      const person = await teamSignIn.finish(returned.data.code, attempt);
      const visitor = await session.enterAs(person, response);
      // The browser came from another site, so it sends the session's cookie only after a page of ours.
      if (visitor.role === null) turnAway(response, visitor, request);
      else sendPage(response, onwardPage("/console"));
    } catch (error) {
      if (!(error instanceof DeskhandError)) throw error;
      signIn(response, error.code === "input.unverified" ? 401 : 503, error.message);
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
  const [, state = "", nonce = "", verifier = ""] =
    /^([\w-]{43})\.([\w-]{43})\.([\w-]{43})$/.exec(cookieIn(request, tryCookie(origin))) ?? [];
  return state === ""
    ? null
    : { state, nonce, verifier, redirectUri: `${origin}${SLACK_PATH}/back` };
}
