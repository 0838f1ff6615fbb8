/**
 * Room: the console, where the team sees what waits, decides it, and reads everything Deskhand did.
 * In: browser requests of teammates who signed in with a one-time link or with Slack.
 * Out: pages, cards and files; decisions go to the desk handler, notes, pauses, drafts of procedures and help pages to
 * the database.
 * May touch: the database (cards, messages, sessions, pause, traces) and kept files; Slack only to sign in, and the
 * model only to describe a picture when a teammate asks for it.
 */
import { randomBytes } from "node:crypto";
import { json, Router, type Request } from "express";
import { z } from "zod";
import type { SignInTry } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { PageOptions } from "#server/pages/options.ts";
import { requireOwnPage, type OwnOrigin } from "#server/pages/own-origin.ts";
import { findFile, pictureTypeOf } from "#store/inbox/attachments.ts";
import { addPictureDescriptions } from "#server/console/case/describe-picture.ts";
import { caseCards, caseNotes, casePage, messagePage } from "#server/console/case/page.ts";
import { addDecisions } from "./decisions.ts";
import { entranceOf, onward, type Entrance } from "./entrance.ts";
import { addKnowledgePages } from "#server/console/knowledge/routes.ts";
import { addLessonPages } from "#server/console/lessons/routes.ts";
import { addPages, addParts } from "./page-routes.ts";
import { addProcedurePages } from "#server/console/procedures/routes.ts";
import { addRehearsalPages } from "#server/console/rehearsals/routes.ts";
import { addSearch } from "#server/console/search/routes.ts";
import { consoleSession, type ConsoleSession } from "./session.ts";
import { addTeamPages } from "#server/console/team/routes.ts";
import { pageOf, type Desk, type Draw } from "./visit.ts";
import { junkList, junkPage } from "#server/console/waiting/junk.ts";
import {
  decidedPage,
  nextCase,
  shadowPage,
  waitingList,
  waitingPage,
} from "#server/console/waiting/pages.ts";

/** Enough for a reply of 60,000 characters in JSON, whatever its alphabet. */
const BODY_MAX = "300kb";

/** The console. Every page and every part of one checks session and role; what changes something, its origin as well. */
export function consoleRoutes(options: PageOptions, ownOrigin: OwnOrigin): Router {
  const router = Router();
  const session = consoleSession(options.parts);
  const desk: Desk = { options, session };
  router.use((_request, response, next) => {
    response.set("Cache-Control", "no-store");
    // Without one, browsers name no origin with a form, and such a form is refused.
    response.set("Referrer-Policy", "same-origin");
    next();
  });
  const ownPage = [requireOwnPage(ownOrigin), json({ limit: BODY_MAX })];
  const entrance = entranceOf(session, options.teamSignIn !== null, options.parts.clock);
  const page = (draw: Draw) => pageOf(desk, entrance, draw);
  entrance.addTo(router, ownPage);
  addSlackEntrance(router, desk, entrance, ownOrigin);
  addPages(router, desk, page, {
    "/": waitingPage,
    "/decided": decidedPage,
    "/shadow": shadowPage,
    "/junk": junkPage,
    "/next{/:id}": (_desk, _visit, request) => nextCase(desk, request),
    "/case/:id": casePage,
    "/case/:id/message/:message": (_desk, _visit, request) => messagePage(desk, request),
  });
  addParts(router, desk, {
    "/junk": junkList,
    "/waiting": waitingList,
    "/case/:id": caseCards,
    "/notes/:id": caseNotes,
  });
  addSearch(router, desk, page);
  for (const add of [
    addTeamPages,
    addProcedurePages,
    addKnowledgePages,
    addRehearsalPages,
    addLessonPages,
  ])
    add(router, desk, { page, ownPage });
  router.use(attachedFileRoutes(options, session));
  addPictureDescriptions(router, desk, { page, ownOrigin });
  addDecisions(router, desk, ownPage);
  router.post("/leave", ...ownPage, async (request, response) => {
    await session.leave(request, response);
    response.json({});
  });
  return router;
}

// The routes of customers' files: a download of each, and a view of pictures.

/** Whatever a file claims to be, a browser only saves it. */
const AS_DOWNLOAD = {
  "Content-Type": "application/octet-stream",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/** A larger picture is offered as a download only. */
const PICTURE_BYTES_MAX = 20_000_000;

/**
 * Files that customers sent, for signed-in teammates. They are third-party data, so they are never shown as a page of
 * ours. What is a picture by its bytes can also be put into a page, where a browser shows pixels and runs nothing.
 */
function attachedFileRoutes(
  { parts }: { readonly parts: Pick<PageOptions["parts"], "store" | "blobs"> },
  session: Pick<ConsoleSession, "teammate">,
): Router {
  const router = Router();
  const opened = async (request: Request<{ id: string }>) => {
    await session.teammate(request);
    const file = await parts.store.run((transaction) => findFile(transaction, request.params.id));
    return file === null || file.blobRef === null
      ? null
      : { name: file.name, bytes: await parts.blobs.get(file.blobRef) };
  };
  router.get("/files/:id/picture", async (request, response) => {
    const file = await opened(request);
    const type =
      file === null || file.bytes.length > PICTURE_BYTES_MAX ? null : pictureTypeOf(file.bytes);
    if (file === null || type === null) {
      response.status(404).json({ error: "not_found", message: "this is no picture kept here" });
      return;
    }
    response.set(AS_DOWNLOAD).set("Content-Type", type).send(Buffer.from(file.bytes));
  });
  router.get("/files/:id", async (request, response) => {
    const file = await opened(request);
    if (file === null) {
      response.status(404).json({ error: "not_found", message: "this file is not kept here" });
      return;
    }
    const { bytes } = file;
    response
      .set(AS_DOWNLOAD)
      // Express writes the name as RFC 6266 requires: nothing in it can end the header.
      .attachment(savedName(file.name))
      .set("Content-Type", AS_DOWNLOAD["Content-Type"])
      .send(Buffer.from(bytes));
  });
  return router;
}

/** A file name is third-party text: no path, and no characters that reverse the rest of it. */
function savedName(name: string): string {
  const plain = name
    .split(/[/\\]/)
    .at(-1)
    ?.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "")
    .replace(/^\.+/, "")
    .slice(0, 150)
    .toWellFormed();
  return plain === undefined || plain === "" ? "file" : plain;
}

// Signing in with Slack: sends the browser there, and takes it back in.

/** Holds one try while the browser is at Slack. Not strict: the browser comes back from another site. */
const COOKIE = "deskhand_sign_in";
const TRY_LIVES_MS = 10 * 60_000;
const PATH = "/console/slack";

const Returned = z.object({
  code: z.string().min(1).max(1_000),
  state: z.string().min(1).max(200),
});

/** Adds the two routes; without a team's own sign-in there are none. */
function addSlackEntrance(
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
