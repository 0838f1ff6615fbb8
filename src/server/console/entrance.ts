/** Signing in with a one-time link, and what people see who are not signed in or have no role. */

import type { Request, RequestHandler, Response, Router } from "express";
import { z } from "zod";
import type { Clock } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { clientAddress, rateLimit } from "#server/http/admission.ts";
import { fillPage, readPage } from "#server/pages/static-files.ts";
import { parseInput } from "./parse-input.ts";
import type { ConsoleSession, Visitor } from "./session.ts";

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
export function onward(response: Response, address: string): void {
  response.type("html").send(fillPage(ONWARD, { address }));
}

/** The same address, marked so that it is not sent onward a second time. */
function ownAddress(request: Request): string {
  const address = new URL(request.originalUrl, "http://console.invalid");
  address.searchParams.set("from", "link");
  return `${address.pathname}${address.search}`;
}
