/**
 * Room: the start page, where a newcomer tries the sandbox and learns how to connect real services.
 * In: browser requests; anything that changes state only while everything is sample data.
 * Out: the page and its state, sample mails, one-time sign-in codes, demo chat tokens.
 * May touch: the database and the sandbox's mail; no real vendor.
 */

import { json, type RequestHandler, Router } from "express";
import { SignJWT } from "jose";
import { z } from "zod";
import { currentKey } from "#core/connection/signing-keys.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { requireOwnHost, requireOwnPage, type OwnOrigin } from "#server/pages/own-origin.ts";
import { fileRoutes, readPage } from "#server/pages/static-files.ts";
import { issueCode } from "#store/identity/console-sessions.ts";
import { openTeammates, type StartPageOptions, startStateOf, CUSTOMERS, TRIES } from "./state.ts";

const PAGE = readPage(new URL("./start.html", import.meta.url));
const FILES = [new URL("./start.css", import.meta.url), new URL("./start.js", import.meta.url)];

/**
 * The start page: customer, team and shop of the sandbox next to each other, and how to connect real ones. With it go
 * the sample customers that the chat's sample page offers.
 */
export function startRoutes(options: StartPageOptions, ownOrigin: OwnOrigin): Router {
  const router = Router();
  const guards = [requireOwnHost(ownOrigin), requireOwnPage(ownOrigin), json()];
  router.get("/", (_request, response) => {
    response.set("Cache-Control", "no-store").type("html").send(PAGE);
  });
  router.use("/start", fileRoutes(FILES));
  router.get("/start/state", requireOwnHost(ownOrigin), async (_request, response) => {
    response.set("Cache-Control", "no-store");
    const endpoints = options.endpoints();
    response.json(endpoints === null ? { ready: false } : await startStateOf(options, endpoints));
  });
  router.get("/start/teammates", requireOwnHost(ownOrigin), (_request, response) => {
    response.json(openTeammates(options).map(({ name, email }) => ({ who: email, name })));
  });
  router.post("/start/try/:name", ...guards, sendSampleMail(options));
  router.post("/start/console/:who", ...guards, async (request, response) => {
    const teammate = openTeammates(options).find(({ email }) => email === request.params["who"]);
    if (teammate === undefined) throw sandboxOnlyError();
    const { store, clock } = options.parts;
    const code = await store.run((transaction) => issueCode(transaction, teammate, clock.now()));
    response.status(201).json({ code });
  });
  router.get("/chat/users", (_request, response) => {
    response.json(options.onlySamples ? CHATTING : []);
  });
  router.post("/chat/token", ...guards, signSampleToken(options));
  return router;
}

/** One of the mails that the page's buttons send, in its customer's name. */
function sendSampleMail(options: StartPageOptions): RequestHandler {
  return async (request, response) => {
    const wanted = TRIES.find(({ name }) => name === request.params["name"]);
    const customer = CUSTOMERS.find(({ who }) => who === wanted?.who);
    const mail = options.onlySamples ? options.mail() : null;
    if (wanted === undefined || customer === undefined || mail === null) throw sandboxOnlyError();
    const { subject, text } = wanted;
    await mail.send({ from: customer.email, to: mail.address, subject, text });
    response.status(201).json({ who: customer.who });
  };
}

const TOKEN_LIVES_S = 15 * 60;

/** The sample customers a visitor of the sample shop may chat as. */
const CHATTING = ["ann", "bob"] as const;
const Wish = z.strictObject({ as: z.enum(CHATTING) });

/**
 * A real shop signs its visitors' tokens itself, with the same secret; here the page does it for two sample customers,
 * and only while everything is sample data.
 */
function signSampleToken({ parts, identityKeys, onlySamples }: StartPageOptions): RequestHandler {
  return async (request, response) => {
    const wish = Wish.safeParse(request.body);
    const customer = CUSTOMERS.find(({ who }) => who === wish.data?.as);
    if (customer === undefined) throw new DeskhandError("input.invalid", "as: ann or bob");
    if (!onlySamples)
      throw new DeskhandError("input.forbidden", "your own shop signs its visitors' tokens");
    const now = Math.floor(parts.clock.now().getTime() / 1_000);
    const token = await new SignJWT()
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(customer.id)
      .setIssuedAt(now)
      .setExpirationTime(now + TOKEN_LIVES_S)
      .sign(new TextEncoder().encode(currentKey(identityKeys)));
    response.set("Cache-Control", "no-store").json({ token, user_id: customer.id });
  };
}

function sandboxOnlyError(): DeskhandError {
  return new DeskhandError("input.forbidden", "this exists only while everything is sample data");
}
