/** Help pages, to read and to write as leads do on the console: the same fields, checks, versions and history. */

import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { utcDay } from "#core/values/moment.ts";
import {
  nameOfWritten,
  rewritePage,
  slugOfWritten,
  writePage,
  type PageWriter,
} from "#jobs/knowledge/pages.ts";
import { checkedText, requirePage, Written } from "#server/console/knowledge/edit.ts";
import {
  listedPages,
  pageMarkdown,
  wholePage,
  type ListedPage,
} from "#store/console/help-pages.ts";
import { writtenVersions } from "#store/knowledge/page-notes.ts";
import {
  change,
  cursorIn,
  CursorField,
  cursorOut,
  notFound,
  question,
  type Call,
  type Operation,
} from "./operation.ts";

const Slug = z.string().min(1).max(600);
const Day = z.iso.date().nullable();
const Words = z.array(z.string().trim().min(1).max(100));

const PageRow = z.strictObject({
  slug: Slug,
  title: z.string(),
  url: z.string(),
  source: z.string(),
  language: z.string(),
  brands: z.array(z.string()),
  audience: z.enum(["customers", "team"]),
  valid_from: Day,
  valid_until: Day,
  owner: z.string(),
  version: z.int(),
  is_off: z.boolean(),
  is_withheld: z.boolean().describe("it looks as if it instructed the bot: no answer rests on it"),
  is_doubted: z
    .boolean()
    .describe("another page says otherwise: people decide on what rests on it"),
});

const PageIn = z.strictObject({
  slug: Slug.optional().describe(
    "the page this becomes the next version of; left out for a new one",
  ),
  basis: z.int().min(0).default(0).describe("the version you began with; 0 for a new page"),
  replaces: Slug.optional().describe("a page of another source to be switched off with it"),
  title: Written.shape.title,
  body: Written.shape.body.describe("Markdown"),
  url: Written.shape.url.default(""),
  language: Written.shape.language.default(""),
  brands: Words.max(20).default([]),
  labels: Words.max(50).default([]),
  audience: Written.shape.audience.default("customers"),
  valid_from: Day.default(null),
  valid_until: Day.default(null),
  owner: Written.shape.owner.default(""),
  note: Written.shape.note.default("").describe("what changed, for the team"),
});

const PageSaved = z.strictObject({
  slug: Slug,
  version: z.int(),
  problems: z.array(z.string()).describe("what a lead should mend on it"),
});

/** Listing, reading and writing help pages. */
export const KNOWLEDGE_OPERATIONS: readonly Operation[] = [
  question({
    name: "listPages",
    path: "/knowledge/pages",
    scope: "knowledge:write",
    summary: "Lists help pages by title.",
    sent: z.strictObject({
      q: z.string().max(200).default(""),
      source: z.string().max(200).default(""),
      language: z.string().max(20).default(""),
      audience: z.enum(["", "customers", "team"]).default(""),
      state: z.enum(["", "found", "off", "past", "future", "doubt"]).default(""),
      cursor: CursorField,
    }),
    answer: z.strictObject({ pages: z.array(PageRow), next_cursor: z.string().nullable() }),
    refusals: [],
    async work({ run, now }, { q, cursor, ...filter }) {
      const after = cursorIn(cursor, (text) => Slug.safeParse(text).data ?? null) ?? "";
      const wanted = { ...filter, words: q, today: utcDay(now), after };
      const { pages, more } = await run((transaction) => listedPages(transaction, wanted));
      const last = more ? (pages.at(-1)?.slug ?? null) : null;
      return { pages: pages.map(pageRow), next_cursor: cursorOut(last) };
    },
  }),
  question({
    name: "readPage",
    path: "/knowledge/pages/{id}",
    scope: "knowledge:write",
    summary: "Reads a help page with its text. Write its slug with %2F.",
    sent: z.strictObject({}),
    answer: PageRow.extend({
      body: z.string(),
      labels: z.array(z.string()),
      basis: z
        .int()
        .nullable()
        .describe("null for a page of another source, which is not written here"),
    }),
    refusals: [404],
    work: readPage,
  }),
  change({
    name: "savePage",
    path: "/knowledge/pages",
    scope: "knowledge:write",
    summary: "Writes a new help page, or the next version of one. A person has to be a lead.",
    sent: PageIn,
    answer: PageSaved,
    status: 201,
    bodyMax: "1mb",
    isRepeatable: false,
    refusals: [],
    work: savePage,
  }),
];

function pageRow(page: ListedPage): z.input<typeof PageRow> {
  const { slug, title, url, source, language, brands, audience, owner, version } = page;
  const about = { slug, title, url, source, language, brands, audience, owner, version };
  return {
    ...about,
    valid_from: page.validFrom,
    valid_until: page.validUntil,
    is_off: page.isOff,
    is_withheld: page.isWithheld,
    is_doubted: page.isDoubted,
  };
}

async function readPage({ id, run }: Call) {
  const name = nameOfWritten(id);
  const [whole, newest] = await run(async (transaction) => [
    await wholePage(transaction, id),
    name === null ? undefined : (await writtenVersions(transaction, name))[0],
  ]);
  if (whole === null) throw notFound();
  return {
    ...pageRow(whole.page),
    body: newest?.body ?? pageMarkdown(whole.passages),
    labels: newest?.labels ?? [],
    basis: newest?.version ?? null,
  };
}

async function savePage(
  { bearer, options, run }: Call,
  { slug, basis, replaces, valid_from, valid_until, ...sent }: z.output<typeof PageIn>,
): Promise<z.input<typeof PageSaved>> {
  if (bearer.kind === "person" && bearer.role !== "lead")
    throw new DeskhandError("input.forbidden", "only a lead can change help pages");
  const { pages, parts } = options;
  const email = bearer.kind === "person" ? bearer.teammate.email : bearer.name;
  const by: PageWriter = { email, pseudonym: (transaction) => parts.pseudonym(transaction, email) };
  const text = checkedText({ ...sent, validFrom: valid_from, validUntil: valid_until });
  const name = slug === undefined ? null : nameOfWritten(slug);
  if (slug !== undefined && name === null) throw notFound();
  if (replaces !== undefined) await requirePage({ run }, replaces);
  const saved = name ?? (await writePage(pages, text, { by, replaces: replaces ?? null }));
  if (name !== null) await rewritePage(pages, text, { name, basis, by });
  const written = slugOfWritten(saved);
  const problems = await pages.problems();
  return {
    slug: written,
    version: name === null ? 1 : basis + 1,
    problems: problems.filter((one) => one.pages.includes(written)).map(({ said }) => said),
  };
}
