/** Signing in with Slack: sends the browser there, and takes it back in. */

import { randomBytes } from "node:crypto";
import type { Request, Router } from "express";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import type { SignInTry } from "#core/contracts/team-sign-in.ts";
import type { OwnOrigin } from "#server/pages/own-origin.ts";
import { onward, type Entrance } from "./entrance.ts";
import type { Desk } from "./visit.ts";

/** Holds one try while the browser is at Slack. Not strict: the browser comes back from another site. */
const COOKIE = "deskhand_sign_in";
const TRY_LIVES_MS = 10 * 60_000;
const PATH = "/console/slack";

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
    path: PATH,
  });
  router.get("/slack", async (_request, response) => {
    const attempt = newTry(ownOrigin());
    const address = await teamSignIn.begin(attempt);
    response
      .cookie(COOKIE, [attempt.state, attempt.nonce, attempt.verifier].join("."), {
        ...cookie(),
        maxAge: TRY_LIVES_MS,
      })
      .redirect(303, address);
  });
  router.get("/slack/back", async (request, response) => {
    // Whatever comes of it, this try is over.
    response.clearCookie(COOKIE, cookie());
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
    redirectUri: `${origin}${PATH}/back`,
  };
}

/** The try this browser began; null without one. */
function tryIn(request: Request, origin: string): SignInTry | null {
  const cookies = request.get("cookie") ?? "";
  const [, state = "", nonce = "", verifier = ""] =
    /(?:^|;\s*)deskhand_sign_in=([\w-]{43})\.([\w-]{43})\.([\w-]{43})(?:;|$)/.exec(cookies) ?? [];
  return state === "" ? null : { state, nonce, verifier, redirectUri: `${origin}${PATH}/back` };
}
