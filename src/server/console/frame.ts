/**
 * Room: the console, where the team sees what waits, decides it, and reads everything Deskhand did. This file has what
 * every page has: who may see it, its head and navigation. A subject of the console is a table of what stands under
 * which address; each kind is checked here, once for all of them.
 * In: browser requests of teammates who signed in with a one-time link or with Slack.
 * Out: pages, cards and files; decisions go to the desk handler, notes, pauses, drafts of procedures and help pages to
 * the database.
 * May touch: the database (cards, messages, sessions, pause, traces) and kept files; Slack only to sign in, and the
 * model only to describe a picture when a teammate asks for it.
 */

import type { Request, RequestHandler, Response, Router } from "express";
import type { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { momentText } from "#core/values/moment.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { ApiRefusal } from "#server/http/problem.ts";
import {
  callerAs,
  readCaller,
  readVisit,
  requireLead,
  type Caller,
  type Desk,
  type Visit,
  type Visitor,
} from "./session.ts";

/** One place of the console. */
interface Place {
  readonly path: string;
  readonly name: string;
  /** Support sees no link to it. */
  readonly leadsOnly?: boolean;
}

const SEARCH_PATH = "/console/search";

/** Every place the navigation leads to, in its order. A new part of the console is one more line here. */
const PLACES = [
  { path: "/console", name: "Inbox" },
  { path: SEARCH_PATH, name: "Search" },
  { path: "/console/numbers", name: "Numbers" },
  { path: "/console/policy", name: "Policy" },
  { path: "/console/procedures", name: "Procedures" },
  { path: "/console/knowledge", name: "Help pages" },
  { path: "/console/rehearsals", name: "Rehearsals", leadsOnly: true },
  { path: "/console/lessons", name: "Lessons", leadsOnly: true },
  { path: "/console/audit", name: "Audit" },
  { path: "/console/health", name: "Health" },
] as const satisfies readonly Place[];

/** The path of a place, which says to the frame where a page belongs. */
type PlacePath = (typeof PLACES)[number]["path"];

/** What a page adds to the frame. */
export interface PageContent {
  /** What the page is about, for its heading and for the window's title. */
  readonly title: string;
  readonly body: HtmlValue;
  /** Between heading and body, such as tabs or filters. */
  readonly tools?: HtmlValue;
  /** A page that is read rather than scanned is narrower. */
  readonly isNarrow?: boolean;
  /** A page of two panes takes the whole window. */
  readonly isWide?: boolean;
}

/** Makes the page at an address: the page, the address to go on to instead, or null where there is nothing under this one. */
type Draw = (visit: Visit) => Promise<PageContent | string | null>;

/** What a subject of the console has under which addresses. A new one is a table like this, named in `page-routes.ts`. */
export interface Subject {
  /** Where the navigation says its pages belong. */
  readonly place: PlacePath;
  readonly pages?: Readonly<Record<string, Draw>>;
  /** What a teammate who is no lead reads instead of these pages; everybody with a role reads them where it is left out. */
  readonly instead?: PageContent;
  /** Parts of pages that a page's script asks for again and again, below `/part`. */
  readonly parts?: Readonly<Record<string, (visit: Visit) => Promise<Html>>>;
  /** What buttons and forms send; the answer is data or nothing, and null where there is no such case. */
  readonly presses?: Readonly<Record<string, (press: Caller) => Promise<object | null | void>>>;
  /** What forms with a file send: its name in the address, its bytes as they are. */
  readonly uploads?: Readonly<
    Record<string, (caller: Caller, bytes: Uint8Array) => Promise<object>>
  >;
  /** What a form sends without a script; answered as a page is. */
  readonly forms?: Readonly<Record<string, Draw>>;
  /** What a page's script asks for, as data. */
  readonly answers?: Readonly<Record<string, (caller: Caller) => Promise<object>>>;
  /** What a browser saves or loads. */
  readonly files?: Readonly<Record<string, (caller: Caller, response: Response) => Promise<void>>>;
  /** Why a teammate who is no lead may neither press nor have a file; everybody with a role may where it is left out. */
  readonly leadsOnly?: string;
}

/** What is sent, read by its schema before anything is done with it. */
export function sends<Shape extends z.ZodType, Who extends Caller, Answer>(
  shape: Shape,
  work: (who: Who, sent: z.output<Shape>) => Answer,
): (who: Who) => Answer {
  return (who) => work(who, who.sent(shape));
}

/** What stands before a subject's routes. */
export interface Guards {
  /** Turns a person without a session, or without a role, away with a page that says what to do. */
  readonly turnAway: (response: Response, visitor: Visitor | null, request: Request) => void;
  /** Check that a press, or a form without a script, comes from a page of ours, and read its body. */
  readonly ownPage: readonly RequestHandler[];
  readonly ownForm: readonly RequestHandler[];
  /** Reads the bytes of a file. */
  readonly readFile: (request: Request, response: Response) => Promise<void>;
}

/** Adds the routes of a subject. Each checks session and role; what changes something, its origin before that. */
export function addSubject(router: Router, desk: Desk, subject: Subject, guards: Guards): void {
  const { place, instead, leadsOnly } = subject;
  const allowedCaller = async (request: Request): Promise<Caller> => {
    const caller = await readCaller(desk, request);
    if (leadsOnly !== undefined) requireLead(caller, leadsOnly);
    return caller;
  };
  for (const [path, draw] of addresses(subject.pages))
    router.get(
      path,
      pageHandler(desk, guards, place, async (visit) =>
        instead !== undefined && !visit.isLead ? instead : draw(visit),
      ),
    );
  for (const [path, draw] of addresses(subject.parts))
    router.get(`/part${path}`, async (request, response) => {
      const visit = await readVisit(await readCaller(desk, request));
      const part = await draw(visit);
      // The number is for the window's title.
      response.set("X-Waiting", String(visit.waiting)).type("html").send(part.toString());
    });
  for (const [path, press] of addresses(subject.presses))
    router.post(path, ...guards.ownPage, async (request, response) => {
      const answer = await press(await allowedCaller(request));
      if (answer === null) throw new ApiRefusal(404, "not_found", "there is no such case");
      response.json(answer ?? {});
    });
  for (const [path, upload] of addresses(subject.uploads))
    router.post(path, ...guards.ownForm, async (request, response) => {
      // No file is read before it is known who sends it, and a role may go while it comes.
      await allowedCaller(request);
      await guards.readFile(request, response);
      const { body }: { readonly body: unknown } = request;
      if (!(body instanceof Uint8Array)) throw invalidInput("there is no file");
      response.json(await upload(await allowedCaller(request), body));
    });
  for (const [path, draw] of addresses(subject.forms))
    router.post(path, ...guards.ownForm, pageHandler(desk, guards, place, draw));
  for (const [path, answer] of addresses(subject.answers))
    router.get(path, async (request, response) => {
      response.json(await answer(await readCaller(desk, request)));
    });
  for (const [path, file] of addresses(subject.files))
    router.get(path, async (request, response) => file(await allowedCaller(request), response));
}

/** What a table has under which address; nothing for a table that is left out. */
function addresses<Value>(
  table: Readonly<Record<string, Value>> | undefined,
): readonly (readonly [path: string, value: Value])[] {
  return Object.entries(table ?? {});
}

/**
 * A route that answers with a page in the frame. A person who is not signed in gets the page to sign in, and one whose
 * address has no role is told so; `draw` runs for neither.
 */
function pageHandler(desk: Desk, guards: Guards, place: PlacePath, draw: Draw): RequestHandler {
  return async (request, response) => {
    const visitor = await desk.session.visitor(request);
    if (visitor === null || visitor.role === null) {
      guards.turnAway(response, visitor, request);
      return;
    }
    const visit = await readVisit(callerAs(desk.options, visitor, request));
    const content = await draw(visit);
    if (typeof content === "string") {
      response.redirect(303, content);
      return;
    }
    const page =
      content === null ? framed(visit, SEARCH_PATH, NOTHING_HERE) : framed(visit, place, content);
    response
      .status(content === null ? 404 : 200)
      .type("html")
      .send(page.toString());
  };
}

const NOTHING_HERE: PageContent = {
  title: "Nothing is kept under this address",
  isNarrow: true,
  body: html`<p class="box">
    It may have been removed since, or the link is incomplete.
    <a href="${SEARCH_PATH}">Search for it</a>, or go back to <a href="/console">the inbox</a>.
  </p>`,
};

/** The whole page. How many wait is in the window's title, so that it is seen from another window. */
function framed(
  visit: Visit,
  here: PlacePath,
  { title, body, tools, isNarrow, isWide }: PageContent,
): Html {
  return wholePage(
    {
      title: `${visit.waiting > 0 ? `(${visit.waiting}) ` : ""}${title} · Deskhand`,
      styles: ["style.css", "console.css"],
      script: "console.js",
    },
    html`<body class="desk">
      <a class="skip" href="#main">Skip to the content</a>
      <header class="bar">
        <a class="brand" href="/console"
          ><img src="/assets/icon.svg" alt="" width="24" height="24" /><span>Deskhand</span></a
        >
        <nav aria-label="Console">
          ${placesFor(visit).map((place) => placeLink(place, place.path === here, visit))}
        </nav>
        <div class="who">
          <span class="soft">${visit.name}, ${visit.isLead ? "lead" : "support"}</span>
          <a href="/console/health#pause">Pause…</a>
          <button type="button" id="leave" class="plain">Sign out</button>
        </div>
      </header>
      <main
        id="main"
        tabindex="-1"
        ${isNarrow === true && html` class="narrow"`}
        ${isWide === true && html` class="wide"`}
      >
        ${notices(visit)}
        <h1>${title}</h1>
        ${tools} ${body}
        <p class="soft times">
          Times are in ${visit.zone}; it is ${momentText(visit.now, visit.zone)}.
        </p>
      </main>
      ${DIALOGS}
    </body>`,
  );
}

/** A page of ours with its head: it loads our own styles and scripts, and `early` before it is drawn; without a script, none. */
export function wholePage(
  {
    title,
    styles,
    script,
    early = "/assets/early-presses.js",
  }: {
    readonly title: string;
    readonly styles: readonly string[];
    readonly script: string | null;
    readonly early?: string;
  },
  body: Html,
): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        ${styles.map((name) => html`<link rel="stylesheet" href="/assets/${name}" />`)}
        ${
          script !== null &&
          html`<script src="${early}"></script>
            <script type="module" src="/assets/${script}"></script>`
        }
      </head>
      ${body}
    </html>`;
}

function placesFor({ isLead }: Visit): readonly Place[] {
  const places: readonly Place[] = PLACES;
  return places.filter(({ leadsOnly }) => leadsOnly !== true || isLead);
}

function placeLink({ path, name }: Place, isHere: boolean, { waiting }: Visit): Html {
  const count =
    path === "/console" && waiting > 0
      ? html` <span class="count" id="waiting-count">${waiting}</span>`
      : "";
  return html`<a href="${path}" ${isHere && html` aria-current="page"`}>${name}${count}</a>`;
}

/** What is away or paused, what the page says while it cannot reach the server, and what was just done. */
function notices({ paused, slackAway }: Visit): Html {
  return html`${
      slackAway !== null &&
      html`<p class="notice warn">
        Slack is away (${slackAway}). Cards and alerts may not reach the team there: decide here.
        <a href="/console/health#vendors">See what is away</a>
      </p>`
    }
    ${
      paused !== "" &&
      html`<p class="notice warn">⏸ ${paused} <a href="/console/health">See what is paused</a></p>`
    }
    <p class="notice problem" id="away" role="alert" hidden></p>
    <p class="notice" id="said" role="status" tabindex="-1" hidden></p>`;
}

/** The one dialog, for a question before something is done and for an explanation. */
export const DIALOGS = html`<dialog id="confirm" aria-labelledby="confirm-title">
    <h2 id="confirm-title">Please confirm</h2>
    <p id="confirm-text" class="words"></p>
    <form method="dialog" class="row">
      <button class="main" id="confirm-yes" value="yes"></button
      ><button id="confirm-no">Not yet</button>
    </form>
  </dialog>
  <dialog id="why" class="wide" aria-labelledby="why-title">
    <h2 id="why-title">Why?</h2>
    <pre id="why-text" class="trace" tabindex="0"></pre>
    <form method="dialog" class="row">
      <button id="why-close">Close</button><a id="why-link">The whole trace on a page of its own</a>
    </form>
  </dialog>`;
