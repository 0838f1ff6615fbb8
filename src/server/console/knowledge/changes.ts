/** What the pages about help pages send: texts, and pages switched off and on. Leads alone may. */
import type { Request, RequestHandler, Router } from "express";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import {
  allowAnyway,
  nameOfWritten,
  returnTo,
  rewritePage,
  slugOfWritten,
  switchOff,
  switchOn,
  writePage,
  type PageText,
  type PageWriter,
} from "#jobs/knowledge/pages.ts";
import { wholePage } from "#store/console/help-pages.ts";
import { parseInput } from "#server/console/parse-input.ts";
import { named, type Desk } from "#server/console/visit.ts";
import { pathOf } from "./words.ts";

/** About twenty printed pages: longer ones are found worse and belong into several. */
const BODY_MAX = 60_000;

/** The first line of a drafted page; with it, no lead has read the text yet. */
const DRAFT_LINE = /^> \*\*Draft/m;

const Line = (most: number): z.ZodString => z.string().trim().max(most);
const Day = z
  .union([z.iso.date(), z.literal("")])
  .transform((day): string | null => (day === "" ? null : day));

/** A form's fields, as text. */
const Written = z.strictObject({
  title: Line(200).min(1),
  body: z.string().trim().min(1).max(BODY_MAX),
  url: z.union([z.url({ protocol: /^https$/ }).max(500), z.literal("")]),
  language: z.union([z.string().regex(/^[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})*$/), z.literal("")]),
  brands: Line(300),
  labels: Line(2_000),
  audience: z.enum(["customers", "team"]),
  validFrom: Day,
  validUntil: Day,
  owner: Line(120),
  note: Line(300),
  /** The version the writer began with; 0 for a new page. */
  basis: z.coerce.number().int().min(0),
  /** The page that this one replaces; empty for none. */
  replaces: z.string().max(600),
});
const Reason = z.strictObject({ reason: Line(300).min(1) });
const Version = z.strictObject({ version: z.int().min(1) });

/** Adds the addresses behind the buttons and the forms. */
export function addKnowledgeChanges(
  router: Router,
  desk: Desk,
  ownPage: readonly RequestHandler[],
): void {
  router.post("/knowledge/new", ...ownPage, create(desk));
  router.post("/knowledge/page/:slug/edit", ...ownPage, rewrite(desk));
  router.post("/knowledge/page/:slug/return", ...ownPage, goBack(desk));
  router.post("/knowledge/page/:slug/off", ...ownPage, turnOff(desk));
  router.post("/knowledge/page/:slug/on", ...ownPage, turnOn(desk));
  router.post("/knowledge/page/:slug/allow", ...ownPage, allow(desk));
}

async function leadOf({ session, options }: Desk, request: Request): Promise<PageWriter> {
  const { teammate, role } = await session.teammate(request);
  if (role !== "lead")
    throw new DeskhandError("input.forbidden", "only a lead can change help pages");
  const email = teammate.email ?? teammate.id;
  return { email, pseudonym: (transaction) => options.parts.pseudonym(transaction, email) };
}

/** The text that a form sent, with what else it says. Throws `input.invalid`. */
function writtenIn(request: Request): {
  readonly text: PageText;
  readonly basis: number;
  readonly replaces: string;
} {
  const { basis, replaces, brands, labels, language, ...rest } = parseInput(Written, request.body);
  const { validFrom, validUntil } = rest;
  if (validFrom !== null && validUntil !== null && validFrom > validUntil)
    throw new DeskhandError("input.invalid", "the page would end before it begins");
  if (DRAFT_LINE.test(rest.body))
    throw new DeskhandError(
      "input.invalid",
      "the line that begins with > **Draft is for you; remove it once you have checked the text",
    );
  return {
    text: {
      ...rest,
      language: language.toLowerCase(),
      brands: listIn(brands),
      labels: listIn(labels),
    },
    basis,
    replaces,
  };
}

/** Different words between commas. */
function listIn(text: string): string[] {
  const words = text.split(",").map((word) => word.trim());
  return [...new Set(words)].filter((word) => word !== "");
}

function create(desk: Desk): RequestHandler {
  const { pages } = desk.options;
  return async (request, response) => {
    const by = await leadOf(desk, request);
    const { text, replaces } = writtenIn(request);
    if (replaces !== "") await requirePage(desk, replaces);
    const name = await writePage(pages, text, { by, replaces: replaces === "" ? null : replaces });
    response.json({ address: pathOf(slugOfWritten(name)) });
  };
}

function rewrite(desk: Desk): RequestHandler {
  return async (request, response) => {
    const by = await leadOf(desk, request);
    const { text, basis } = writtenIn(request);
    const name = writtenName(request);
    await rewritePage(desk.options.pages, text, { name, basis, by });
    response.json({ address: pathOf(slugOfWritten(name)) });
  };
}

function goBack(desk: Desk): RequestHandler {
  return async (request, response) => {
    const by = await leadOf(desk, request);
    const { version } = parseInput(Version, request.body);
    await returnTo(desk.options.pages, { name: writtenName(request), version, by });
    response.json({});
  };
}

function turnOff(desk: Desk): RequestHandler {
  return async (request, response) => {
    const by = await leadOf(desk, request);
    const { reason } = parseInput(Reason, request.body);
    const slug = named(request, "slug");
    await requirePage(desk, slug);
    await switchOff(desk.options.pages, { slug, reason, by });
    response.json({ address: pathOf(slug) });
  };
}

function turnOn(desk: Desk): RequestHandler {
  return async (request, response) => {
    const by = await leadOf(desk, request);
    await switchOn(desk.options.pages, { slug: named(request, "slug"), by });
    response.json({});
  };
}

function allow(desk: Desk): RequestHandler {
  return async (request, response) => {
    const by = await leadOf(desk, request);
    await allowAnyway(desk.options.pages, { slug: named(request, "slug"), by });
    response.json({});
  };
}

/** Pages of other sources are changed where they come from. */
function writtenName(request: Request): string {
  const name = nameOfWritten(named(request, "slug"));
  if (name === null)
    throw new DeskhandError(
      "input.invalid",
      "this page comes from another source; copy it to edit it",
    );
  return name;
}

async function requirePage({ options: { parts } }: Desk, slug: string): Promise<void> {
  const whole = await parts.store.run((transaction) => wholePage(transaction, slug));
  if (whole === null) throw new DeskhandError("input.invalid", "there is no such page any more");
}
