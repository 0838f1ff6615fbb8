/**
 * Room: the start page, where a newcomer tries the sandbox and learns how to connect real services.
 * In: browser requests; anything that changes state only while everything is sample data.
 * Out: the page and its state, sample mails, one-time sign-in codes, demo chat tokens.
 * May touch: the database and the sandbox's mail; no real vendor.
 */

import { json, Router } from "express";
import { SignJWT } from "jose";
import { z } from "zod";
import { currentKey } from "#core/connection/signing-keys.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { issueCode } from "#store/identity/console-sessions.ts";
import { readPage } from "#server/pages/static-files.ts";
import { requireOwnHost, requireOwnPage, type OwnOrigin } from "#server/pages/own-origin.ts";
import { isSandbox, type PageOptions } from "#server/pages/options.ts";
import { CUSTOMERS, sandboxMailbox, TRIES } from "./sandbox-mail.ts";
import { startStateOf } from "./state.ts";

const PAGE = readPage(new URL("../pages/start.html", import.meta.url));

/** The start page: customer, team and shop of the sandbox next to each other, and how to connect real ones. */
export function startRoutes(options: PageOptions, ownOrigin: OwnOrigin): Router {
  const router = Router();
  router.get("/", (_request, response) => {
    response.set("Cache-Control", "no-store").type("html").send(PAGE);
  });
  const guards = [requireOwnHost(ownOrigin), requireOwnPage(ownOrigin), json()];
  router.get("/start/state", requireOwnHost(ownOrigin), async (_request, response) => {
    response.set("Cache-Control", "no-store");
    const endpoints = options.endpoints();
    response.json(endpoints === null ? { ready: false } : await startStateOf(options, endpoints));
  });
  router.get("/start/teammates", requireOwnHost(ownOrigin), (_request, response) => {
    response.json(options.sandboxTeammates.map(({ name, email }) => ({ who: email, name })));
  });
  router.post("/start/try/:name", ...guards, async (request, response) => {
    const wanted = TRIES.find(({ name }) => name === request.params["name"]);
    const customer = CUSTOMERS.find(({ who }) => who === wanted?.who);
    const email = isSandbox(options) ? (options.endpoints()?.email ?? null) : null;
    if (wanted === undefined || customer === undefined || email === null) throw sandboxOnlyError();
    const { subject, text } = wanted;
    await sandboxMailbox(email.web).send({
      from: customer.email,
      to: email.address,
      subject,
      text,
    });
    response.status(201).json({ who: customer.who });
  });
  router.post("/start/console/:who", ...guards, async (request, response) => {
    const teammate = options.sandboxTeammates.find(({ email }) => email === request.params["who"]);
    if (teammate === undefined) throw sandboxOnlyError();
    const { store, clock } = options.parts;
    const code = await store.run((transaction) => issueCode(transaction, teammate, clock.now()));
    response.status(201).json({ code });
  });
  return router;
}

function sandboxOnlyError(): DeskhandError {
  return new DeskhandError("input.forbidden", "this exists only while everything is sample data");
}

// The demo page of the chat widget.

const SHOP_PAGE = readPage(new URL("../pages/shop.html", import.meta.url));
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
    response.set("Cache-Control", "no-store").type("html").send(SHOP_PAGE);
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
