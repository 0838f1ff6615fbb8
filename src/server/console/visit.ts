/** What every page of the console is drawn for: who looks, and what waits now. Pages are for teammates with a role. */

import type { Request, RequestHandler, Response, Router } from "express";
import { DeskhandError } from "#core/values/errors.ts";
import { momentText } from "#core/values/moment.ts";
import { pauseInWords } from "#jobs/context/pause.ts";
import { parseInput } from "#server/http/admission.ts";
import { html, type Html } from "#server/http/html.ts";
import type { PageOptions, VendorStates } from "#server/pages/options.ts";
import { CursorText } from "#store/console/cursor.ts";
import { proposedChangeCount } from "#store/console/policy-history.ts";
import { waitingCount } from "#store/console/waiting.ts";
import { currentPause } from "#store/effects/pause.ts";
import { proposedVersions } from "#store/procedures/versions.ts";
import { framed, type PageContent } from "./frame.ts";
import type { ConsoleSession, Visitor, Visit, Caller } from "./session.ts";

/** What the console is made of. */
export interface Desk {
  readonly options: PageOptions;
  readonly session: ConsoleSession;
}

/** Makes the page at an address: the page, the address to go on to instead, or null where there is nothing under this one. */
type Draw = (visit: Visit) => Promise<PageContent | string | null>;

/** What a subject of the console has under which addresses. A new one is a table like this, named in `routes.ts`. */
export interface Subject {
  readonly pages?: Readonly<Record<string, Draw>>;
  /** Parts of pages that a page's script asks for again and again, below `/part`. */
  readonly parts?: Readonly<Record<string, (visit: Visit) => Promise<Html>>>;
  /** What buttons and forms send; the answer is data or nothing, and null where there is no such case. */
  readonly presses?: Readonly<Record<string, (press: Caller) => Promise<object | null | void>>>;
  /** What a page's script asks for, as data. */
  readonly answers?: Readonly<Record<string, (caller: Caller) => Promise<object>>>;
  /** Why a teammate who is no lead may not press; everybody with a role may where it is left out. */
  readonly leadsOnly?: string;
}

/** Turns a person without a session, or without a role, away with a page that says what to do. */
export interface Doorkeeper {
  readonly turnAway: (response: Response, visitor: Visitor | null, request: Request) => void;
}

/** Who is let in, and what checks that a press comes from a page of ours. */
export interface Guards {
  readonly doorkeeper: Doorkeeper;
  readonly ownPage: readonly RequestHandler[];
}

/** Adds the routes of a subject, in the order in which they are written. */
export function addSubject(
  router: Router,
  desk: Desk,
  { pages = {}, parts = {}, presses = {}, answers = {}, leadsOnly }: Subject,
  { doorkeeper, ownPage }: Guards,
): void {
  for (const [path, draw] of Object.entries(pages))
    router.get(path, pageHandler(desk, doorkeeper, draw));
  for (const [path, draw] of Object.entries(parts))
    router.get(`/part${path}`, async (request, response) => {
      const visit = await readVisit(await readCaller(desk, request));
      const part = await draw(visit);
      // The number is for the window's title.
      response.set("X-Waiting", String(visit.waiting)).type("html").send(part.toString());
    });
  for (const [path, press] of Object.entries(presses))
    router.post(path, ...ownPage, async (request, response) => {
      const caller = await readCaller(desk, request);
      if (leadsOnly !== undefined) requireLead(caller, leadsOnly);
      const answer = await press(caller);
      if (answer === null)
        response.status(404).json({ error: "not_found", message: "there is no such case" });
      else response.json(answer ?? {});
    });
  for (const [path, answer] of Object.entries(answers))
    router.get(path, async (request, response) => {
      response.json(await answer(await readCaller(desk, request)));
    });
}

/** The same pages for leads alone; any other teammate reads `instead`. */
export function forLeads(
  instead: PageContent,
  pages: NonNullable<Subject["pages"]>,
): NonNullable<Subject["pages"]> {
  return Object.fromEntries(
    Object.entries(pages).map(([path, draw]): [string, Draw] => [
      path,
      async (visit) => (visit.isLead ? draw(visit) : instead),
    ]),
  );
}

/** Who sent this request, and what it says. Throws the error to answer with for a person without a session or a role. */
export async function readCaller({ session, options }: Desk, request: Request): Promise<Caller> {
  const { parts } = options;
  const { teammate, role } = await session.teammate(request);
  const email = teammate.email ?? teammate.id;
  return {
    options,
    parts,
    teammate,
    name: teammate.name,
    email,
    isLead: role === "lead",
    now: parts.clock.now(),
    run: (work) => parts.store.run(work),
    mask: (text) => parts.guard.mask(text),
    pseudonym: (transaction) => parts.pseudonym(transaction, email),
    named: (name) => storable(request.params[name]),
    asked: (name) => storable(request.query[name]),
    sent: (shape) => parseInput(shape, request.body),
  };
}

/** Throws `input.forbidden` with this sentence for a teammate who is no lead. */
export function requireLead({ isLead }: Caller, sentence: string): void {
  if (!isLead) throw new DeskhandError("input.forbidden", sentence);
}

/** Reads what every page shows. */
async function readVisit(caller: Caller): Promise<Visit> {
  const { policy, channels } = caller.parts;
  const { zone } = policy.digest;
  const [waiting, paused] = await caller.run(async (transaction) => [
    (await waitingCount(transaction)) +
      (await proposedChangeCount(transaction)) +
      (await proposedVersions(transaction)).length,
    pauseInWords(await currentPause(transaction)),
  ]);
  return {
    ...caller,
    zone,
    after: CursorText.parse(caller.asked("after")),
    when: (at) => momentText(at, zone, caller.now),
    waiting,
    paused,
    onlyDesk: !channels.has("slack"),
    slackAway: slackTrouble(caller.options.vendors()),
  };
}

function slackTrouble({ providers, connections }: VendorStates): string | null {
  const lost = connections.find(({ channel, connected }) => channel === "slack" && !connected);
  if (lost !== undefined) return `${lost.name}: ${lost.reason ?? "not connected"}`;
  return providers["slack"] === "open" ? "it does not answer" : null;
}

/**
 * A route that answers with a page in the frame. A person who is not signed in gets the page to sign in, and one whose
 * address has no role is told so; `draw` runs for neither.
 */
export function pageHandler(desk: Desk, doorkeeper: Doorkeeper, draw: Draw): RequestHandler {
  return async (request, response) => {
    const visitor = await desk.session.visitor(request);
    if (visitor === null || visitor.role === null) {
      doorkeeper.turnAway(response, visitor, request);
      return;
    }
    const visit = await readVisit(await readCaller(desk, request));
    const content = await draw(visit);
    if (typeof content === "string") {
      response.redirect(303, content);
      return;
    }
    response
      .status(content === null ? 404 : 200)
      .type("html")
      .send(framed(visit, content ?? NOTHING_HERE).toString());
  };
}

const NOTHING_HERE: PageContent = {
  place: "/console/search",
  title: "Nothing is kept under this address",
  isNarrow: true,
  body: html`<p class="box">
    It may have been removed since, or the link is incomplete.
    <a href="/console/search">Search for it</a>, or go back to <a href="/console">what waits</a>.
  </p>`,
};

const SAID_MAX = 600;

/** Control characters are in no id and no word, and the database refuses some of them. */
function storable(value: unknown): string {
  return typeof value === "string"
    ? value
        .slice(0, SAID_MAX)
        .toWellFormed()
        .replaceAll(/\p{Cc}/gu, " ")
    : "";
}
