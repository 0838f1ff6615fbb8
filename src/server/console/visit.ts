/** What every page of the console is drawn for: who looks, and what waits now. Pages are for teammates with a role. */

import type { Request, RequestHandler, Response } from "express";
import { pauseInWords } from "#jobs/context/pause.ts";
import { currentPause } from "#store/effects/pause.ts";
import { waitingCount } from "#store/console/waiting.ts";
import { proposedChangeCount } from "#store/console/policy-history.ts";
import { proposedVersions } from "#store/procedures/versions.ts";
import type { PageOptions } from "#server/pages/options.ts";
import { html, type Html } from "#server/http/html.ts";
import { framed, type PageContent, type Visit } from "./frame.ts";
import type { ConsoleSession, Visitor } from "./session.ts";

/** What a page is made of, whatever it shows. */
export interface Desk {
  readonly options: PageOptions;
  readonly session: ConsoleSession;
}

/** Reads what every page shows. Throws the error to answer with for a person who may not see anything. */
async function visitFor({ options: { parts }, session }: Desk, request: Request): Promise<Visit> {
  const { teammate, role } = await session.teammate(request);
  const [waiting, paused] = await parts.store.run(async (transaction) => [
    (await waitingCount(transaction)) +
      (await proposedChangeCount(transaction)) +
      (await proposedVersions(transaction)).length,
    pauseInWords(await currentPause(transaction)),
  ]);
  return {
    name: teammate.name,
    email: teammate.email ?? teammate.id,
    role,
    now: parts.clock.now(),
    zone: parts.policy.digest.zone,
    waiting,
    paused,
    onlyDesk: !parts.channels.has("slack"),
  };
}

/** Turns a person without a session, or without a role, away with a page that says what to do. */
interface Doorkeeper {
  turnAway(response: Response, visitor: Visitor | null, request: Request): void;
}

/** Makes the page of a route. */
export type Draw = (visit: Visit, request: Request) => Promise<PageContent | string | null>;

/**
 * A route that answers with a page in the frame. A person who is not signed in gets the page to sign in, and one whose
 * address has no role is told so; `draw` runs for neither. It returns the page, the address to go on to instead, or null
 * where there is nothing under this one.
 */
export function pageOf(desk: Desk, doorkeeper: Doorkeeper, draw: Draw): RequestHandler {
  return async (request, response) => {
    const visitor = await desk.session.visitor(request);
    if (visitor === null || visitor.role === null) {
      doorkeeper.turnAway(response, visitor, request);
      return;
    }
    const visit = await visitFor(desk, request);
    const content = await draw(visit, request);
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

/** A part of a page that the page's script asks for again and again; with the number for the window's title. */
export function partOf(
  desk: Desk,
  draw: (visit: Visit, request: Request) => Promise<Html>,
): RequestHandler {
  return async (request, response) => {
    const visit = await visitFor(desk, request);
    const part = await draw(visit, request);
    response.set("X-Waiting", String(visit.waiting)).type("html").send(part.toString());
  };
}

/** A query's member as text; empty for a missing one, and for one that is given twice. */
export function asked(request: Request, name: string): string {
  const value = request.query[name];
  return storable(value);
}

/** A part of the address as text; empty for a missing one. */
export function named(request: Request, name: string): string {
  return storable(request.params[name]);
}

const ASKED_MAX = 600;

/** Control characters are in no id and no word, and the database refuses some of them. */
function storable(value: unknown): string {
  return typeof value === "string"
    ? value
        .slice(0, ASKED_MAX)
        .toWellFormed()
        .replaceAll(/\p{Cc}/gu, " ")
    : "";
}
