/** Help pages: what one says of itself, how one is read from a Markdown file, and how one is cut into passages. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { PageAttributes } from "#core/contracts/knowledge.ts";
import { type DeskhandError, reasonOf, invalidConfig } from "#core/values/errors.ts";
import { Unreadable } from "#knowledge/documents/document.ts";

/** One help page as written. */
export interface Page extends PageAttributes {
  /** The name of its file without the extension; the first half of the ids of its passages. */
  readonly slug: string;
  readonly title: string;
  readonly url: string;
  /** A date, such as 2026-09-14. */
  readonly updated: string;
  /** Markdown without the front matter. */
  readonly text: string;
}

const NAME_CHARACTERS_MAX = 80;
const OWNER_CHARACTERS_MAX = 120;
const LABELS_MAX = 200;
const WORDINGS_MAX = 500;

const Name = z.string().trim().min(1).max(NAME_CHARACTERS_MAX);
/** How a customer asks something, in a few words or a sentence. */
const Wordings = z.array(z.string().trim().min(1).max(200)).max(WORDINGS_MAX);
/** RFC 5646, 2.1, as far as help centres use it: `de`, `pt-BR`, `zh_Hans`. */
const Language = z
  .string()
  .trim()
  .regex(/^[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,3}$/i, "it has to be a language tag, such as de")
  .transform((tag) => tag.toLowerCase().replaceAll("_", "-"));

/** Fields that mean something here; all others are the page's own affair. */
const ATTRIBUTE_FIELDS = {
  lang: Language.optional(),
  brand: Name.optional(),
  brands: z.array(Name).min(1).max(50).optional(),
  audience: z.enum(["customers", "team"]).optional(),
  valid_from: z.iso.date().optional(),
  valid_until: z.iso.date().optional(),
  owner: z.string().trim().min(1).max(OWNER_CHARACTERS_MAX).optional(),
  labels: z.array(Name).max(LABELS_MAX).optional(),
  asked: z.record(z.string(), Wordings).optional(),
  unanswered: Wordings.optional(),
} as const;

/** Other programs write languages and owners in forms of their own; a page is not lost for that. */
const Fields = z.object({
  ...ATTRIBUTE_FIELDS,
  lang: ATTRIBUTE_FIELDS.lang.catch(undefined),
  owner: ATTRIBUTE_FIELDS.owner.catch(undefined),
  labels: ATTRIBUTE_FIELDS.labels.catch(undefined),
  asked: ATTRIBUTE_FIELDS.asked.catch(undefined),
  unanswered: ATTRIBUTE_FIELDS.unanswered.catch(undefined),
});
type Fields = z.infer<typeof Fields>;

function attributesFrom(fields: Fields): PageAttributes {
  const { lang, brand, brands = [], audience, owner, labels, asked, unanswered } = fields;
  return knownAttributes({
    language: lang,
    brands: brand === undefined ? brands : [...brands, brand],
    audience,
    validFrom: fields.valid_from,
    validUntil: fields.valid_until,
    owner,
    labels,
    asked,
    unanswered,
  });
}

/** These attributes without those that say nothing. */
export function knownAttributes(given: {
  readonly [Name in keyof PageAttributes]: PageAttributes[Name] | null | undefined;
}): PageAttributes {
  return Object.fromEntries(
    Object.entries(given).filter(
      ([, value]) => value !== null && value !== undefined && Object.keys(value).length > 0,
    ),
  );
}

/** The fields by which site generators keep a page from readers. */
const KEPT_BACK = { draft: true, published: false, unlisted: true, hidden: true };

/**
 * The attributes that a document's fields name. Throws `Unreadable` for a page that its site does not show, and for a
 * field without sense: a page whose audience cannot be read might be the team's alone.
 */
export function attributesIn(fields: Readonly<Record<string, unknown>>): PageAttributes {
  const kept = Object.entries(KEPT_BACK).find(([name, value]) => fields[name] === value);
  if (kept !== undefined) throw new Unreadable(`its field ${kept.join(" is ")}`);
  const parsed = Fields.safeParse(fields);
  if (parsed.success) return attributesFrom(parsed.data);
  const [issue] = parsed.error.issues;
  throw new Unreadable(
    `its field ${issue?.path.join(".") ?? ""} is not right: ${issue?.message ?? ""}`,
  );
}

/** A language tag as pages carry it; null for what is none. */
export function languageTag(text: string): string | null {
  return Language.safeParse(text).data ?? null;
}

// Reads pages from files.

const FrontMatter = z.strictObject({
  title: z.string().trim().min(1).max(200),
  url: z.url({ protocol: /^https$/ }),
  updated: z.iso.date(),
  ...ATTRIBUTE_FIELDS,
});

/**
 * Reads every `.md` file of a folder, in the order of names. A page that cannot be read stops the start and is named
 * with the field (`config.invalid`): a silently missing help page would cause wrong escalations.
 */
export async function readPages(folder: string): Promise<readonly Page[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md")).toSorted();
  return Promise.all(
    names.map(async (name) => parsedPage(name, await readFile(join(folder, name), "utf8"))),
  );
}

/** Parses one file. Throws `config.invalid`. */
export function parsedPage(name: string, file: string): Page {
  const { fields, text } = frontMatterIn(name, file);
  if (fields === null)
    throw invalid(name, "it has to begin with front matter between two lines of three dashes");
  const parsed = FrontMatter.safeParse(fields);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(name, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  const { title, url, updated, ...rest } = parsed.data;
  return { slug: name.replace(/\.md$/, ""), title, url, updated, ...attributesFrom(rest), text };
}

function frontMatterIn(name: string, file: string): ReturnType<typeof splitFrontMatter> {
  try {
    return splitFrontMatter(file);
  } catch (error) {
    throw invalid(name, reasonOf(error));
  }
}

function invalid(name: string, reason: string): DeskhandError {
  return invalidConfig(`The help page ${name} cannot be read: ${reason}.`);
}

// The fields a Markdown file may begin with.

const AnyFields = z.record(z.string(), z.unknown());
/** Three dashes, the fields, three dashes, the page. */
const FRONT = /^\uFEFF?---[ \t]*\r?\n(?<fields>[\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)(?<text>[\s\S]*)$/;

/** Splits a file into its fields, null where it has none, and the rest. Throws `Unreadable` where the fields are no YAML. */
export function splitFrontMatter(file: string) {
  const { fields, text } = FRONT.exec(file)?.groups ?? {};
  if (fields === undefined || text === undefined) return { fields: null, text: file };
  const parsed = AnyFields.nullable().safeParse(parsedYaml(fields));
  if (!parsed.success) throw new Unreadable("its front matter is not a list of fields with values");
  return { fields: parsed.data ?? {}, text };
}

/** Dates stay text. Aliases are bounded by the library, so that a few lines cannot become gigabytes. */
function parsedYaml(fields: string): unknown {
  try {
    return parse(fields, { maxAliasCount: 20 });
  } catch (error) {
    throw new Unreadable(`its front matter cannot be read: ${reasonOf(error)}`);
  }
}

// Cuts pages into passages.

/** A passage before it is stored: one section of a page, short enough to be cited as a whole. */
export interface Chunk {
  /** Page and heading, such as `refund-policy#partial-refunds`; stable while both keep their names. */
  readonly id: string;
  /** The headings above the text, outermost first, without the page's title; empty before the first heading. */
  readonly headings: readonly string[];
  /** Markdown. */
  readonly text: string;
}

/** As much as a person reads at once, and an embedding still represents well. */
const WORDS_MAX = 250;

/**
 * Cuts a page at its headings. Sections are never joined, so that a passage has one topic and its id names it; a
 * section of more than 250 words is cut between paragraphs, a long paragraph between rows or sentences.
 */
export function pageChunks(page: Page): readonly Chunk[] {
  const taken = new Set<string>();
  return textSections(page.text).flatMap(({ headings, text }) =>
    sectionParts(text).map((part) => {
      const name = headingSlug(headings.at(-1) ?? "") || "top";
      let anchor = name;
      // A heading may itself end in a number, as that of a second model does.
      for (let count = 2; taken.has(anchor); count += 1) anchor = `${name}-${count}`;
      taken.add(anchor);
      return { id: `${page.slug}#${anchor}`, headings, text: part };
    }),
  );
}

interface Section {
  readonly headings: readonly string[];
  readonly text: string;
}

function textSections(text: string): readonly Section[] {
  const sections: { readonly headings: readonly string[]; readonly lines: string[] }[] = [
    { headings: [], lines: [] },
  ];
  const path: Heading[] = [];
  let fenced = false;
  for (const line of text.split(/\r?\n/)) {
    // A "#" inside a fenced block is a comment in code, not a heading.
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced ? null : lineHeading(line);
    if (heading === null) {
      sections.at(-1)?.lines.push(line);
      continue;
    }
    const above = path.findIndex(({ level }) => level >= heading.level);
    path.splice(above < 0 ? path.length : above, path.length, heading);
    sections.push({ headings: path.map(({ name }) => name), lines: [] });
  }
  return sections
    .map(({ headings, lines }) => ({ headings, text: lines.join("\n").trim() }))
    .filter((section) => section.text !== "");
}

interface Heading {
  readonly level: number;
  readonly name: string;
}

function lineHeading(line: string): Heading | null {
  const { marks, name } = /^(?<marks>#{1,6})\s(?<name>.*)$/s.exec(line)?.groups ?? {};
  if (marks === undefined || name === undefined) return null;
  return { level: marks.length, name: name.replace(/(?<!#)#+$/, "").trim() };
}

function sectionParts(text: string): readonly string[] {
  if (wordsIn(text) <= WORDS_MAX) return [text];
  const parts: string[] = [];
  for (const { piece, glue, head } of text.split(/\n{2,}/).flatMap(paragraphPieces)) {
    const last = parts.at(-1);
    if (last !== undefined && wordsIn(last) + wordsIn(piece) <= WORDS_MAX)
      parts[parts.length - 1] = `${last}${glue}${piece}`;
    else parts.push(`${head}${piece}`);
  }
  return parts.map((part) => part.trimEnd());
}

/** A row of a table, or an item of a list. */
const ROW = /^(?=[ \t]*(?:\||(?:[•*+-]|\d{1,3}[.)])\s))/m;
/** The line below the names of a Markdown table's columns. */
const COLUMN_RULE = /^[-:| \t]{3,}\n/;

/** The two lines of a Markdown table that name its columns; empty without one. */
function tableHead(lines: readonly string[]): string {
  const at = lines.findIndex(
    (line, index) => line.includes("|") && COLUMN_RULE.test(lines[index + 1] ?? ""),
  );
  return at === -1 ? "" : lines.slice(at, at + 2).join("");
}

/** A long paragraph in pieces, its rows whole; below the head of a table each has it above where a part begins with it. */
function paragraphPieces(paragraph: string) {
  if (wordsIn(paragraph) <= WORDS_MAX) return [{ piece: paragraph, glue: "\n\n", head: "" }];
  const head = tableHead(paragraph.split(/(?<=\n)/));
  const at = head === "" ? paragraph.length : paragraph.indexOf(head);
  const above = boundedRows(paragraph.slice(0, at).split(ROW)).map((piece) => ({
    piece,
    head: "",
  }));
  // No part ends with a head that has nothing below it.
  const table = boundedRows(paragraph.slice(at + head.length).split(/^/m)).map((piece, row) =>
    row === 0 ? { piece: head + piece, head: "" } : { piece, head },
  );
  return [...above, ...table]
    .filter(({ piece }) => piece !== "")
    .map((one, index) => ({ ...one, glue: index === 0 ? "\n\n" : "" }));
}

function boundedRows(rows: readonly string[]): readonly string[] {
  return rows.flatMap((row) => (wordsIn(row) <= WORDS_MAX ? [row] : boundedSentences(row)));
}

/** Letters of scripts that put no spaces between words. */
const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
/** A word, or such a letter, with the space after it. */
const UNIT = new RegExp(String.raw`(?:[${UNSPACED}]|[^\s${UNSPACED}]+)\s*`, "gu");
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");

/** An extremely long "sentence", such as a table in one line, is cut between words. Each ends with the space after it. */
function boundedSentences(paragraph: string): readonly string[] {
  return paragraph.split(/(?=\S)(?<=[.!?]\s+|[。！？])/u).flatMap((sentence) => {
    const pieces: string[] = [];
    let [piece, words] = ["", 0];
    for (const unit of unitsIn(sentence)) {
      if (words + weightOf(unit) > WORDS_MAX) {
        pieces.push(piece);
        [piece, words] = ["", 0];
      }
      piece += unit;
      words += weightOf(unit);
    }
    return [...pieces, piece];
  });
}

function wordsIn(text: string): number {
  return unitsIn(text).reduce((sum, unit) => sum + weightOf(unit), 0);
}

function unitsIn(text: string): readonly string[] {
  return text.match(UNIT) ?? [];
}

/** Words of those scripts have two letters or so. */
function weightOf(unit: string): number {
  return IS_UNSPACED.test(unit) ? 0.5 : 1;
}

function headingSlug(heading: string): string {
  return heading
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");
}
