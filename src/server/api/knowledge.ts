/** Help pages, to list and to write as leads do on the console: the same fields, checks, versions and history. */

import { z } from "zod";
import { Passage } from "#core/contracts/knowledge.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { utcDay } from "#core/values/moment.ts";
import {
  nameOfWritten,
  rewritePage,
  slugOfWritten,
  writePage,
  type PageWriter,
} from "#jobs/knowledge/pages.ts";
import { checkedText, Written } from "#server/console/knowledge/edit.ts";
import { notFound } from "#server/http/problem.ts";
import { ListedPage, listedPages } from "#store/console/help-pages.ts";
import { operation, type Call, type Operation } from "./operation.ts";

const Slug = z.string().min(1).max(600);
const Words = z.array(z.string().trim().min(1).max(100)).max(50).default([]);
const { title, body, url, language, audience, validFrom, validUntil, owner, note } = Written.shape;

const PageIn = z.strictObject({
  title,
  body: body.describe("Markdown"),
  url: url.default(""),
  language: language.default(""),
  brands: Words,
  labels: Words,
  audience: audience.default("customers"),
  validFrom: validFrom.default(null),
  validUntil: validUntil.default(null),
  owner: owner.default(""),
  note: note.default(""),
  slug: Slug.optional().describe("of the page this becomes the next version of"),
  basis: z.int().min(0).default(0).describe("the version of it that you began with"),
});

const PageSaved = z.object({
  slug: Slug,
  version: z.int(),
  problems: z.array(z.string()).describe("what a lead should mend on it"),
});

/** A passage without what is held against it, which quotes other pages. */
const Found = z.object(Passage.omit({ caution: true, doubt: true }).shape);
const FOUND_MAX = 8;
const SEARCH_MS = 15_000;

/** Listing, searching and writing help pages. */
export const KNOWLEDGE_OPERATIONS: readonly Operation[] = [
  operation({
    name: "listPages",
    method: "get",
    path: "/knowledge/pages",
    scope: "knowledge:write",
    summary: "Lists help pages by title.",
    sent: z.strictObject({
      q: z.string().max(200).default(""),
      state: z.enum(["", "found", "off", "past", "future", "doubt"]).default(""),
      cursor: Slug.optional(),
    }),
    answer: z.object({ pages: z.array(ListedPage), nextCursor: Slug.nullable() }),
    async work({ run, now }, { q: words, state, cursor: after = "" }) {
      const any = { source: "", language: "", audience: "" };
      const { pages, more } = await run(listedPages, {
        ...any,
        words,
        state,
        today: utcDay(now),
        after,
      });
      return { pages: [...pages], nextCursor: more ? (pages.at(-1)?.slug ?? null) : null };
    },
  }),
  operation({
    name: "searchPages",
    method: "get",
    path: "/knowledge/search",
    scope: "cases:read",
    summary: "Finds what the bot would answer a customer from, best first.",
    sent: z.strictObject({ q: z.string().trim().min(2).max(500) }),
    answer: z.object({ passages: z.array(Found) }),
    async work({ options: { pages } }, { q }) {
      const found = await pages.knowledge.search(q, FOUND_MAX, AbortSignal.timeout(SEARCH_MS));
      return { passages: [...found] };
    },
  }),
  operation({
    name: "savePage",
    method: "post",
    path: "/knowledge/pages",
    scope: "knowledge:write",
    summary: "Writes a new help page, or the next version of one. A person has to be a lead.",
    sent: PageIn,
    answer: PageSaved,
    status: 201,
    bodyMax: "1mb",
    isRisky: true,
    work: savePage,
  }),
];

async function savePage(
  { bearer, options: { pages, parts } }: Call,
  { slug, basis, ...sent }: z.output<typeof PageIn>,
): Promise<z.input<typeof PageSaved>> {
  if (bearer.kind === "person" && bearer.role !== "lead")
    throw new DeskhandError("input.forbidden", "only a lead can change help pages");
  const who = bearer.kind === "person" ? bearer.teammate.email : `machine:${bearer.token.id}`;
  const by: PageWriter = {
    email: bearer.kind === "person" ? who : `${who} (${bearer.name})`,
    pseudonym: (transaction) => parts.pseudonym(transaction, who),
  };
  const text = checkedText(sent);
  const name = slug === undefined ? null : nameOfWritten(slug);
  if (slug !== undefined && name === null) throw notFound();
  const saved = name ?? (await writePage(pages, text, { by, replaces: null }));
  if (name !== null) await rewritePage(pages, text, { name, basis, by });
  const written = slugOfWritten(saved);
  const problems = await pages.problems(parts.policy.linkHosts);
  return {
    slug: written,
    version: name === null ? 1 : basis + 1,
    problems: problems.filter((one) => one.pages.includes(written)).map(({ said }) => said),
  };
}
