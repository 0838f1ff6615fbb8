/** Stores, loads and searches passages in the database. */
import { digest } from "#core/values/canonical-json.ts";
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { ask, rowsOf, type Store, type Transaction, valuesOf } from "#store/db/database.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { notePageChanges, pageTexts } from "#store/knowledge/page-notes.ts";
import { pageChunks, type Page } from "./pages.ts";
import type { Stems } from "./word-index.ts";

/** Part of every page's hash: with a change here each is cut anew. An embedding has its encoder's name beside it. */
const MAKING = "sections-3";

const Bytes = z.instanceof(Uint8Array);
/** The bytes are copied, since a driver's bytes may start at any offset, but 4-byte numbers need an aligned one. */
const Embedding = Bytes.transform((bytes) => new Float32Array(Uint8Array.from(bytes).buffer));

const PassageRow = z.strictObject({
  id: z.string(),
  title: z.string(),
  url: z.string(),
  heading: z.string(),
  body: z.string(),
  /** The passage as full-text search sees it: the text of its `tsvector`, and the dictionary that made it. */
  words: z.string(),
  dictionary: z.string(),
  embedding: Embedding.nullable(),
  /** What computed it. */
  embeddingModel: z.string(),
  /** Of its page. */
  language: z.string(),
  brands: z.array(z.string()),
  audience: z.enum(["customers", "team"]),
  validFrom: z.string().nullable(),
  validUntil: z.string().nullable(),
  labels: z.array(z.string()),
  /** On the first passage of a page, what no page answers as full-text search sees it. */
  unanswered: z.string(),
  /** The day on which its page was last changed, as its source says. */
  updated: z.string(),
});
/** A passage as loaded. */
export type PassageRow = z.infer<typeof PassageRow>;
/** A passage without what the indexes keep of it. */
export type StoredPassage = Omit<
  PassageRow,
  "words" | "dictionary" | "embedding" | "embeddingModel" | "unanswered"
>;

/** The source name of the pages that come as files; every other source has its own name. */
const FILES = "file";

/** Pages written in one transaction: few commits for a large source, and a lock that is never held for long. */
const PAGES_AT_ONCE = 200;

/**
 * Replaces a source's pages in the tables with exactly these, and leaves those of other sources alone. Unchanged pages
 * are not touched; a changed one is replaced in one transaction, so that a search sees either the old or the new page.
 * Returns the names of the pages that differed.
 */
export async function savePages(
  store: Store,
  pages: readonly Page[],
  source: string = FILES,
): Promise<{ readonly changed: readonly string[]; readonly removed: readonly string[] }> {
  const known = await store.run(hashes, [source]);
  const changed = pages.filter((page) => known.get(page.slug) !== pageHash(page));
  const wanted = new Set(pages.map(({ slug }) => slug));
  const removed = [...known.keys()].filter((slug) => !wanted.has(slug));
  for (const some of batches(changed)) await store.run(replacePages, some, source);
  for (const some of batches(removed))
    await store.run(removePages, sql`slug in ${some} and source = ${source}`);
  return { changed: changed.map(({ slug }) => slug), removed };
}

/** Removes these pages, and notes it for the team. */
export async function removePages(transaction: Transaction, which: SQL): Promise<void> {
  const removed = await rowsOf(
    transaction,
    z.object({ slug: z.string(), title: z.string(), source: z.string() }),
    sql`delete from help_page page where ${which} returning slug, title, source`,
  );
  await notePageChanges(
    transaction,
    removed.flatMap(({ slug, title, source }) =>
      source === FILES ? [] : [{ slug, title, what: "removed" }],
    ),
  );
}

async function hashes(
  transaction: Transaction,
  sources: readonly string[],
  slugs: readonly string[] | null = null,
): Promise<ReadonlyMap<string, string>> {
  const only = slugs === null ? sql`` : sql`and slug in ${slugs}`;
  const rows = await rowsOf(
    transaction,
    z.object({ slug: z.string(), hash: z.string() }),
    sql`select slug, hash from help_page where source in ${sources} ${only} order by slug`,
  );
  return new Map(rows.map(({ slug, hash }) => [slug, hash]));
}

function pageHash(page: Page): string {
  const { slug, title, url, updated, text } = page;
  const { asked, unanswered, ...columns } = attributeColumns(page);
  const attributes = Object.values(columns);
  // A page that says nothing of itself keeps the hash it had before there were attributes, and before there were these two.
  const more = attributes.some((value) => value !== null && value.length > 0) ? attributes : [];
  const wordings = page.asked === undefined && unanswered.length === 0 ? [] : [asked, unanswered];
  return digest([MAKING, slug, title, url, updated, text, ...more, ...wordings]);
}

/** The columns of a page's attributes; what it does not say is left to their defaults. */
function attributeColumns(page: Page) {
  return {
    language: page.language ?? "",
    brands: page.brands ?? [],
    audience: page.audience === "team" ? page.audience : "",
    valid_from: page.validFrom ?? null,
    valid_until: page.validUntil ?? null,
    owner: page.owner ?? "",
    labels: page.labels ?? [],
    asked: page.asked ?? {},
    unanswered: page.unanswered ?? [],
  };
}

function batches<Value>(all: readonly Value[]): readonly (readonly Value[])[] {
  return Array.from({ length: Math.ceil(all.length / PAGES_AT_ONCE) }, (_, at) =>
    all.slice(at * PAGES_AT_ONCE, (at + 1) * PAGES_AT_ONCE),
  );
}

/** Another process that reads the same source may have written some of them meanwhile; those stay. */
async function replacePages(
  transaction: Transaction,
  given: readonly Page[],
  source: string,
): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.helpPages})`);
  const slugs = given.map(({ slug }) => slug);
  const known = await hashes(transaction, [source], slugs);
  const pages = given.filter((page) => known.get(page.slug) !== pageHash(page));
  if (pages.length === 0) return;
  const texts = await pageTexts(transaction, slugs);
  const passages = pages.flatMap((page) =>
    pageChunks(page).map(({ id, headings, text }, position) => ({
      id,
      slug: page.slug,
      position,
      title: page.title,
      url: page.url,
      heading: headings.join(" › "),
      body: text,
      language: page.language ?? "",
    })),
  );
  const same = await pagesThatSayTheSame(transaction, pages, passages);
  await writePages(transaction, pages, { source, same });
  const anew = passages.filter(({ slug }) => !same.has(slug));
  await transaction.execute(
    sql`insert into help_passage (id, slug, position, title, url, heading, body, language)
        select id, slug, position, title, url, heading, body, language
        from jsonb_to_recordset(${storableJson(anew)}::jsonb)
          as passage(id text, slug text, position integer, title text, url text, heading text, body text,
                     language text)`,
  );
  // Pages of the program itself change with its version.
  if (source === FILES) return;
  const changes = pages.flatMap(({ slug, title }) => {
    const own = passages.filter((passage) => passage.slug === slug);
    const text = [title, ...own.flatMap(({ heading, body }) => [heading, body])].join("\n");
    const before = texts.get(slug);
    if (before === text) return [];
    // Drafts cite a page by the title it had.
    const [cited = title] = before?.split("\n", 1) ?? [];
    return [
      { slug, title: cited, what: before === undefined ? ("new" as const) : ("changed" as const) },
    ];
  });
  await notePageChanges(transaction, changes);
}

/** Of these pages those whose text is stored word for word, and which hold where and when they did. */
async function pagesThatSayTheSame(
  transaction: Transaction,
  pages: readonly Page[],
  passages: readonly Pick<StoredPassage & { slug: string }, "id" | "slug" | "heading" | "body">[],
): Promise<ReadonlySet<string>> {
  const given = pages.map((page) => {
    const { language, brands, valid_from, valid_until } = attributeColumns(page);
    const own = passages.filter(({ slug }) => slug === page.slug);
    const texts = own.map(({ id, heading, body }) => [id, heading, body]);
    const audience = page.audience ?? "customers";
    const scope = [language, brands, audience, valid_from, valid_until];
    return { slug: page.slug, said: [page.title, page.url, ...scope, texts] };
  });
  const same = await valuesOf(
    transaction,
    z.string(),
    sql`select slug from help_page page
        join jsonb_to_recordset(${storableJson(given)}::jsonb) as given(slug text, said jsonb) using (slug)
        where said = jsonb_build_array(title, url, language, brands, audience, valid_from, valid_until, (
          select jsonb_agg(jsonb_build_array(id, heading, body) order by position)
          from help_passage passage where passage.slug = page.slug))`,
  );
  return new Set(same);
}

/** A page that says the same keeps its passages, with what was computed of them and found between them and others. */
async function writePages(
  transaction: Transaction,
  pages: readonly Page[],
  { source, same }: { readonly source: string; readonly same: ReadonlySet<string> },
): Promise<void> {
  const replaced = await rowsOf(
    transaction,
    z.object({ slug: z.string(), version: z.int() }),
    sql`delete from help_page where slug in ${pages.map(({ slug }) => slug)}
          and slug not in (select jsonb_array_elements_text(${storableJson([...same])}::jsonb))
        returning slug, version`,
  );
  const versions = new Map(replaced.map(({ slug, version }) => [slug, version]));
  const written = pages.map((page) => ({
    ...attributeColumns(page),
    slug: page.slug,
    title: page.title,
    url: page.url,
    updated: page.updated,
    hash: pageHash(page),
    source,
    audience: page.audience ?? "customers",
    version: (versions.get(page.slug) ?? 0) + 1,
  }));
  // One parameter for all rows: their number of parameters is bounded by the protocol.
  await transaction.execute(
    sql`insert into help_page (slug, title, url, updated, hash, source, language, brands, audience,
                               version, valid_from, valid_until, owner, labels, asked, unanswered)
        select slug, title, url, updated, hash, source, language, brands, audience,
               version, valid_from, valid_until, owner, labels, asked, unanswered
        from jsonb_to_recordset(${storableJson(written)}::jsonb)
          as page(slug text, title text, url text, updated date, hash text, source text, language text,
                  brands jsonb, audience text, version integer, valid_from date, valid_until date,
                  owner text, labels jsonb, asked jsonb, unanswered jsonb)
        on conflict (slug) do update set updated = excluded.updated, hash = excluded.hash,
          version = help_page.version + 1, owner = excluded.owner, labels = excluded.labels,
          asked = excluded.asked, unanswered = excluded.unanswered`,
  );
}

/** These sources, and those that a lead added. */
function from(sources: readonly string[]) {
  const added = sql`page.source in (select name from knowledge_source)`;
  return sources.length === 0 ? added : sql`(page.source in ${sources} or ${added})`;
}

/** Removes the pages of all sources except these, those that a lead added, and the files. */
export async function forgetOtherSources(store: Store, sources: readonly string[]): Promise<void> {
  await store.run(removePages, sql`page.source <> ${FILES} and not ${from(sources)}`);
}

/**
 * Changes whenever a page of these sources, or of one that a lead added, was added, changed or removed, and whenever any
 * page is switched off or on.
 */
export async function sourcesStamp(store: Store, sources: readonly string[]): Promise<string> {
  const [stamp] = await valuesOf(
    store,
    z.string().nullable(),
    sql`select md5(concat(string_agg(page.slug || ' ' || page.hash, ' ' order by page.slug),
                 (select string_agg(slug, ' ' order by slug) from page_off where on_at is null),
                 (select string_agg(slug || passage || reason || allowed_by, ' ' order by slug, passage, kind) from page_doubt))) as stamp
          from help_page page where page.source <> ${FILES} and ${from(sources)}`,
  );
  return stamp ?? "";
}

/** The passages of the files, ordered by page and position, some pages at a time. */
export function loadFiles(store: Store): AsyncIterable<readonly PassageRow[]> {
  return loadWhere(store, sql`page.source = ${FILES}`);
}

/** All passages of these sources and of those that a lead added, ordered by page and position, some pages at a time. */
export function loadPassages(
  store: Store,
  sources: readonly string[],
): AsyncIterable<readonly PassageRow[]> {
  return loadWhere(store, sql`page.source <> ${FILES} and ${from(sources)}`);
}

/**
 * One answer with all of them would be in the memory of the embedded database at once, which never gives any back. A
 * page that is replaced meanwhile is found by the next look at what changed.
 */
async function* loadWhere(store: Store, condition: SQL): AsyncGenerator<readonly PassageRow[]> {
  for (let last = ""; ;) {
    const pages = await valuesOf(
      store,
      z.string(),
      sql`select page.slug from help_page page where page.slug > ${last} and ${condition}
            order by page.slug limit ${PAGES_AT_ONCE}`,
    );
    last = pages.at(-1) ?? "";
    if (last === "") return;
    yield await pagePassageRows(store, pages);
  }
}

function pagePassageRows(store: Store, slugs: readonly string[]): Promise<readonly PassageRow[]> {
  return rowsOf(
    store,
    PassageRow,
    sql`select passage.id, passage.title, passage.url, passage.heading, passage.body,
                 (passage.words || to_tsvector(help_dictionary(passage.language), coalesce(
                   page.asked -> regexp_replace(passage.heading, '^.* › ', ''), '[]')))::text as words,
                 case when passage.position = 0
                   then to_tsvector(help_dictionary(passage.language), page.unanswered)::text
                   else '' end as unanswered,
                 passage.embedding,
                 passage.embedding_model as "embeddingModel",
                 help_dictionary(passage.language)::text as dictionary,
                 page.language, page.brands, page.audience,
                 page.valid_from::text as "validFrom", page.valid_until::text as "validUntil",
                 page.labels, page.updated::text as updated
          from help_passage passage join help_page page on page.slug = passage.slug
          where page.slug in ${slugs} order by passage.slug, passage.position`,
  );
}

/** Stores computed embeddings for the next start, but not for a passage that has changed meanwhile. */
export async function saveEmbeddings(
  store: Store,
  model: string,
  embeddings: readonly (readonly [row: StoredPassage, embedding: Float32Array])[],
): Promise<void> {
  await store.run(async (transaction) => {
    for (const [{ id, title, heading, body }, embedding] of embeddings)
      await transaction.execute(
        sql`update help_passage set embedding = ${Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength)}, embedding_model = ${model}
            where id = ${id} and title = ${title} and heading = ${heading} and body = ${body}`,
      );
  });
}

const STEMS = {
  name: "stems-of-question",
  text: `select dictionary, tsvector_to_array(to_tsvector(dictionary::regconfig, $1)) as stems
         from jsonb_array_elements_text($2::jsonb) as dictionary`,
  row: z.object({ dictionary: z.string(), stems: z.array(z.string()) }),
} as const;

/** The stems of a text, as full-text search looks them up by each of the dictionaries. */
export async function stemsByDictionary(
  store: Store,
  text: string,
  dictionaries: readonly string[],
): Promise<Stems> {
  const rows = await ask(store, STEMS, [text, JSON.stringify(dictionaries)]);
  return new Map(rows.map(({ dictionary, stems }) => [dictionary, stems]));
}

/** The names of all stored pages, those of every source included. */
export function pageNames(store: Store): Promise<readonly string[]> {
  return valuesOf(store, z.string(), sql`select slug from help_page order by slug`);
}
