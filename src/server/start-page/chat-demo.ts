/** The demo page of the chat widget. */

import { json, Router } from "express";
import { SignJWT } from "jose";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { currentKey } from "#core/connection/signing-keys.ts";
import { readPage } from "#server/pages/static-files.ts";
import { requireOwnHost, requireOwnPage, type OwnOrigin } from "#server/pages/own-origin.ts";
import { isSandbox, type PageOptions } from "#server/pages/options.ts";

const PAGE = readPage(new URL("../pages/shop.html", import.meta.url));
const TOKEN_LIVES_S = 15 * 60;

/** The sample customers a visitor may chat as, by their ids in the sample shop. */
const USERS = { ann: "u123", bob: "u456" } as const;
const Wish = z.strictObject({ as: z.enum(["ann", "bob"]) });

/**
 * A page of a sample shop with the widget's one script tag. A real shop signs its visitors' tokens itself, with the
 * same secret; here the page does it for two sample customers, and only while everything is sample data.
 */
export function chatDemoRoutes(options: PageOptions, ownOrigin: OwnOrigin): Router {
  const router = Router();
  router.get("/", (_request, response) => {
    response.set("Cache-Control", "no-store").type("html").send(PAGE);
  });
  router.get("/users", (_request, response) => {
    response.json(isSandbox(options) ? Object.keys(USERS) : []);
  });
  const guards = [requireOwnHost(ownOrigin), requireOwnPage(ownOrigin), json()];
  router.post("/token", ...guards, async (request, response) => {
    const wish = Wish.safeParse(request.body);
    if (!wish.success) throw new DeskhandError("input.invalid", "as: ann or bob");
    if (!isSandbox(options))
      throw new DeskhandError("input.forbidden", "your own shop signs its visitors' tokens");
    const userId = USERS[wish.data.as];
    const now = Math.floor(options.parts.clock.now().getTime() / 1_000);
    const token = await new SignJWT()
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(userId)
      .setIssuedAt(now)
      .setExpirationTime(now + TOKEN_LIVES_S)
      .sign(new TextEncoder().encode(currentKey(options.identityKeys)));
    response.set("Cache-Control", "no-store").json({ token, user_id: userId });
  });
  return router;
}
