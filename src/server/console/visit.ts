/** What every page of the console is drawn for: who looks, and what waits now. Pages are for teammates with a role. */

import type { Request, RequestHandler, Response, Router } from "express";
import type { z } from "zod";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { pauseInWords } from "#jobs/context/pause.ts";
import { currentPause } from "#store/effects/pause.ts";
import { waitingCount } from "#store/console/waiting.ts";
import { proposedChangeCount } from "#store/console/policy-history.ts";
import type { Transaction } from "#store/db/database.ts";
import { proposedVersions } from "#store/procedures/versions.ts";
import type { PageOptions } from "#server/pages/options.ts";
import { html, type Html } from "#server/http/html.ts";
import { framed, type PageContent, type Visit } from "./frame.ts";
import type { ConsoleSession, Visitor } from "./sign-in.ts";

/** What a page is made of, whatever it shows. */
export interface Desk {
  readonly options: PageOptions;
  readonly session: ConsoleSession;
}

/** Who pressed a button or sent a form, and how the audit names them. */
export interface Presser {
  readonly teammate: DeskTeammate;
  readonly role: Role;
  readonly name: string;
  readonly email: string;
  readonly pseudonym: (transaction: Transaction) => Promise<string>;
}

/** Makes the page at an address: the page, the address to go on to instead, or null where there is nothing under this one. */
type Draw = (desk: Desk, visit: Visit, request: Request) => Promise<PageContent | string | null>;

/** What a subject of the console has under which addresses. A new one is a table like this, named in `routes.ts`. */
export interface Subject {
  readonly pages?: Readonly<Record<string, Draw>>;
  /** Parts of pages that a page's script asks for again and again, below `/part`. */
  readonly parts?: Readonly<
    Record<string, (desk: Desk, visit: Visit, request: Request) => Promise<Html>>
  >;
  /** What buttons and forms send; the answer is data, and null where there is nothing under this address. */
  readonly presses?: Readonly<
    Record<string, (desk: Desk, by: Presser, request: Request) => Promise<object | null>>
  >;
  /** Why a teammate who is no lead may not press; everybody with a role may where it is left out. */
  readonly leadsOnly?: string;
}

/** Turns a person without a session, or without a role, away with a page that says what to do. */
interface Doorkeeper {
  turnAway(response: Response, visitor: Visitor | null, request: Request): void;
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
  { pages = {}, parts = {}, presses = {}, leadsOnly }: Subject,
  { doorkeeper, ownPage }: Guards,
): void {
  for (const [path, draw] of Object.entries(pages))
    router.get(path, pageOf(desk, doorkeeper, draw));
  for (const [path, draw] of Object.entries(parts))
    router.get(`/part${path}`, async (request, response) => {
      const visit = await visitFor(desk, request);
      const part = await draw(desk, visit, request);
      // The number is for the window's title.
      response.set("X-Waiting", String(visit.waiting)).type("html").send(part.toString());
    });
  for (const [path, press] of Object.entries(presses))
    router.post(path, ...ownPage, async (request, response) => {
      const by = await presserOf(desk, request);
      if (leadsOnly !== undefined) requireLead(by, leadsOnly);
      const answer = await press(desk, by, request);
      if (answer === null)
        response.status(404).json({ error: "not_found", message: "there is no such case" });
      else response.json(answer);
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
      async (desk, visit, request) =>
        visit.role === "lead" ? draw(desk, visit, request) : instead,
    ]),
  );
}

/** Who sent this request. Throws the error to answer with for a person without a session or a role. */
export async function presserOf({ session, options }: Desk, request: Request): Promise<Presser> {
  const { teammate, role } = await session.teammate(request);
  const email = teammate.email ?? teammate.id;
  const pseudonym = (transaction: Transaction) => options.parts.pseudonym(transaction, email);
  return { teammate, role, name: teammate.name, email, pseudonym };
}

/** Throws `input.forbidden` with this sentence for a teammate who is no lead. */
export function requireLead({ role }: Pick<Presser, "role">, sentence: string): void {
  if (role !== "lead") throw new DeskhandError("input.forbidden", sentence);
}

/** Reads what every page shows. Throws the error to answer with for a person who may not see anything. */
async function visitFor(desk: Desk, request: Request): Promise<Visit> {
  const { parts } = desk.options;
  const { name, email, role } = await presserOf(desk, request);
  const [waiting, paused] = await parts.store.run(async (transaction) => [
    (await waitingCount(transaction)) +
      (await proposedChangeCount(transaction)) +
      (await proposedVersions(transaction)).length,
    pauseInWords(await currentPause(transaction)),
  ]);
  return {
    name,
    email,
    role,
    now: parts.clock.now(),
    zone: parts.policy.digest.zone,
    waiting,
    paused,
    onlyDesk: !parts.channels.has("slack"),
  };
}

/**
 * A route that answers with a page in the frame. A person who is not signed in gets the page to sign in, and one whose
 * address has no role is told so; `draw` runs for neither.
 */
export function pageOf(desk: Desk, doorkeeper: Doorkeeper, draw: Draw): RequestHandler {
  return async (request, response) => {
    const visitor = await desk.session.visitor(request);
    if (visitor === null || visitor.role === null) {
      doorkeeper.turnAway(response, visitor, request);
      return;
    }
    const visit = await visitFor(desk, request);
    const content = await draw(desk, visit, request);
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

/** What a page sent, parsed; throws `input.invalid` with every field that is wrong. */
export function parseInput<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join(".") || "body"}: ${message}`,
  );
  throw invalidInput(problems.join("; "));
}

/** A query's member as text; empty for a missing one, and for one that is given twice. */
export function asked(request: Request, name: string): string {
  return storable(request.query[name]);
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
