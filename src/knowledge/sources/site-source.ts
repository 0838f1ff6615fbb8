/** A help centre on the web as a source of help pages. */
import { setTimeout as delay } from "node:timers/promises";
import { digest } from "#core/values/canonical-json.ts";
import { utcDay } from "#core/values/moment.ts";
import type { SourcePage, SourceReading } from "#core/contracts/knowledge.ts";
import { DeskhandError, reasonOf, invalidInput } from "#core/values/errors.ts";
import { publicFetch, type PublicAnswer } from "#http/public-fetch.ts";
import { knownAttributes, languageTag } from "#knowledge/pages.ts";
import {
  asksUnlisted,
  type ReadDocument,
  Unreadable,
  BYTES_MAX,
  documentKind,
} from "#knowledge/documents/document.ts";
import type { DocumentReader } from "#knowledge/documents/reading-thread.ts";
import { pageId, type Progress, sourceTexts, TITLE_CHARACTERS_MAX } from "./folder-source.ts";
import { robotRules, addressIn, type Scope, siteScope } from "./site-rules.ts";
import type { PageCopy } from "./source-rows.ts";

/** How the reader names itself; site owners address it by the first word in robots.txt. */
const NAME = "Deskhand";
const USER_AGENT = `${NAME} (reads help pages for a support team)`;

const PAGES_MAX = 2_000;
/** Ten thousand for each page: a stranger's pages must not take a worker's memory. */
const CHARACTERS_MAX = 20_000_000;
const SITEMAPS_MAX = 50;
const REDIRECTS_MAX = 5;
const ANSWER_MS = 20_000;
/** Between two requests, unless the site asks for more: nobody waits, and a help centre serves customers first. */
const PAUSE_MS = 300;
const PAUSE_MS_MAX = 10_000;

const KINDS: Readonly<Record<string, string>> = {
  "text/html": "html",
  "application/xhtml+xml": "html",
  "application/pdf": "pdf",
  "text/markdown": "md",
  "text/plain": "txt",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
};

/** What reading a site needs. */
export interface SiteReading {
  readonly reader: DocumentReader;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** True where the operator allowed addresses of the own network. */
  readonly isLocal: boolean;
  /** When this is read: the day of a page that says none and was not known so. */
  readonly now: Date;
  /** Pages of the last reading by their ids, so that what has not changed is not sent again. */
  readonly copies: ReadonlyMap<string, PageCopy>;
  /** Milliseconds between two requests; the site may ask for more. */
  readonly pauseMs?: number;
}

/** A reading, with what lets the next one ask for changes alone. */
export interface SiteResult extends SourceReading {
  readonly copies: readonly PageCopy[];
}

/**
 * Reads the pages of a help centre: those its sitemap names, or else those its pages link to, of its host and below the
 * folder of the address. What robots.txt forbids is not asked for. Throws where the site itself cannot be read.
 */
export async function readSite(location: string, options: SiteReading): Promise<SiteResult> {
  const visit = await begun(siteScope(location), options);
  const { queue, leftOut, pages, copies } = visit;
  for (let done = 0; done < queue.length; done += 1) {
    options.signal.throwIfAborted();
    const url = queue[done];
    if (url === undefined) break;
    const barred = whyNotAsked(visit, url, done);
    if (barred !== null) {
      leftOut.push(omitted(url, barred));
      continue;
    }
    try {
      takeCopy(visit, url, await sitePageCopy(visit, url));
    } catch (error) {
      options.signal.throwIfAborted();
      if (done === 0 && queue.length === 1) throw error;
      const isSaid = error instanceof Unreadable || error instanceof DeskhandError;
      leftOut.push(omitted(url, isSaid ? error.message : reasonOf(error)));
      // A site that is away for a while has not taken its page back.
      const last = error instanceof Unreadable ? undefined : options.copies.get(addressPageId(url));
      if (last !== undefined) takeCopy(visit, url, last);
    }
    options.progress(done + 1, queue.length);
  }
  return { pages, leftOut, copies };
}

function whyNotAsked({ mayRead }: Visit, url: URL, done: number): string | null {
  if (done >= PAGES_MAX) return `it is beyond the first ${PAGES_MAX} pages`;
  return mayRead(url) ? null : "the site's robots.txt forbids to read it";
}

/** Takes a page, unless it was taken from another address already or says the same as another. */
function takeCopy({ pages, copies, texts, leftOut }: Visit, url: URL, copy: PageCopy): void {
  const { page } = copy;
  if (pages.some(({ id }) => id === page.id)) return;
  const reason = texts(digest(page.text.replaceAll(/\s+/g, " ")), page);
  if (reason === null) {
    pages.push(page);
    copies.push(copy);
  } else leftOut.push(omitted(url, reason));
}

interface Visit {
  readonly scope: Scope;
  readonly options: SiteReading;
  readonly mayRead: (url: URL) => boolean;
  readonly pauseMs: number;
  /** In the order they were found; what is read is never taken out. */
  readonly queue: URL[];
  readonly known: Set<string>;
  /** True where links are followed, because no sitemap names the pages. */
  readonly followsLinks: boolean;
  readonly pages: SourcePage[];
  readonly texts: ReturnType<typeof sourceTexts>;
  readonly copies: PageCopy[];
  readonly leftOut: { readonly id: string; readonly title: string; readonly reason: string }[];
}

async function begun(scope: Scope, options: SiteReading): Promise<Visit> {
  const at = new URL("/robots.txt", scope.start);
  const rules = await get(at, options).catch((error: unknown) => {
    if (error instanceof DeskhandError) throw error;
    return null;
  });
  // RFC 9309, 2.3.1: no file allows everything, an error of the server forbids everything.
  if (rules === null || rules.status >= 500)
    throw invalidInput(`${at.href} cannot be read, so the site is left alone; try later`);
  const robots = robotRules(
    rules.status === 200 ? new TextDecoder().decode(rules.body) : "",
    NAME.toLowerCase(),
  );
  const { mayRead, sitemaps } = robots;
  const pauseMs = Math.max(
    options.pauseMs ?? PAUSE_MS,
    Math.min(PAUSE_MS_MAX, robots.delaySeconds * 1_000),
  );
  if (!mayRead(scope.start))
    throw invalidInput(`the site's robots.txt forbids to read ${scope.start.href}`);
  const guessed = sitemaps.length > 0 ? null : new URL("/sitemap.xml", scope.start).href;
  const listed = await listedIn(guessed === null ? sitemaps : [guessed], {
    scope,
    options,
    pauseMs,
    guessed,
  });
  const visit: Visit = {
    scope,
    options,
    mayRead,
    pauseMs,
    queue: [],
    known: new Set(),
    followsLinks: listed.length === 0,
    pages: [],
    texts: sourceTexts(CHARACTERS_MAX),
    copies: [],
    leftOut: [],
  };
  add(visit, listed.length === 0 ? [scope.start.href] : listed, scope.start);
  return visit;
}

/**
 * Addresses of the scope that sitemaps name. What is not there or is no sitemap names nothing. Throws where one that the
 * site itself names is away for a while, since its pages would be gone with it.
 */
async function listedIn(
  sitemaps: readonly string[],
  {
    scope,
    options,
    pauseMs,
    guessed,
  }: Pick<Visit, "scope" | "options" | "pauseMs"> & { readonly guessed: string | null },
): Promise<readonly string[]> {
  const queue = sitemaps.flatMap((address) => URL.parse(address) ?? []);
  const found: string[] = [];
  for (let done = 0; done < Math.min(queue.length, SITEMAPS_MAX); done += 1) {
    const at = queue[done];
    // Of another host, it would be that host's word about this one.
    if (at === undefined || at.host !== scope.start.host) continue;
    await delay(pauseMs, undefined, { signal: options.signal });
    const answer = await get(at, options).catch((error: unknown) => {
      if (error instanceof DeskhandError || at.href === guessed) return null;
      throw invalidInput(`${at.href} cannot be read: ${reasonOf(error)}`);
    });
    if (answer !== null && at.href !== guessed && isAway(answer))
      throw invalidInput(`${at.href} answers ${answer.status}; try later`);
    if (answer?.status !== 200) continue;
    const sitemap = await options.reader
      .sitemap(answer.body, options.signal)
      .catch((error: unknown) => {
        if (error instanceof Unreadable) return null;
        throw error;
      });
    if (sitemap === null) continue;
    const { isIndex, addresses } = sitemap;
    if (isIndex) queue.push(...addresses.flatMap((address) => URL.parse(address) ?? []));
    else found.push(...addresses.filter((address) => addressIn(scope, address, at) !== null));
  }
  return found;
}

/** Adds what is new. Whether it may be read is asked when its turn comes: of thousands at once it would take seconds. */
function add(visit: Visit, links: readonly string[], base: URL): void {
  for (const link of links) {
    const url = addressIn(visit.scope, link, base);
    if (url === null || visit.known.has(url.href) || visit.known.size > PAGES_MAX * 2) continue;
    visit.known.add(url.href);
    visit.queue.push(url);
  }
}

/** A page as it is now; from the last reading where the site says that nothing has changed. */
async function sitePageCopy(visit: Visit, url: URL): Promise<PageCopy> {
  const { options } = visit;
  // Where links are followed the page itself is needed, unchanged or not.
  const before = visit.followsLinks ? null : (options.copies.get(addressPageId(url)) ?? null);
  await delay(visit.pauseMs, undefined, { signal: options.signal });
  const { answer, at } = await followed(visit, url, before);
  if (answer.status === 304 && before !== null) return before;
  requirePage(answer);
  const kind = kindOfAnswer(answer, at);
  const { links, isUnlisted } =
    kind === "html" ? await options.reader.signs(answer.body, options.signal) : NO_SIGNS;
  if (visit.followsLinks) add(visit, links, at);
  if (isUnlisted || asksUnlisted(answer.headers["x-robots-tag"] ?? ""))
    throw new Unreadable("it asks not to be found by machines");
  const raw = { path: `page.${kind}`, bytes: answer.body, part: async () => null };
  return copyFrom(answer, at, await options.reader.read(raw, options.signal), options);
}

function isAway({ status }: PublicAnswer): boolean {
  return status === 429 || status >= 500;
}

function requirePage(answer: PublicAnswer): void {
  const { status } = answer;
  if (isAway(answer)) throw invalidInput(`the site answers ${status}; what was read before stays`);
  if (status !== 200) throw new Unreadable(`the site answers ${status}`);
}

const NO_SIGNS = { links: [], isUnlisted: false };

function kindOfAnswer({ headers }: PublicAnswer, at: URL): string {
  const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const kind = KINDS[type] ?? documentKind(at.pathname);
  if (kind === null) throw new Unreadable(`${type} is not read`);
  return kind;
}

function copyFrom(
  { headers }: PublicAnswer,
  at: URL,
  { title: given, text, hidden, language: declared }: ReadDocument,
  { copies, now }: SiteReading,
): PageCopy {
  const { etag = "", "last-modified": lastModified = "" } = headers;
  const id = addressPageId(at);
  const title = (given === "" ? at.pathname : given).slice(0, TITLE_CHARACTERS_MAX);
  const last = copies.get(id)?.page;
  const known = last?.title === title && last.text === text ? last.updated : utcDay(now);
  const changed = new Date(lastModified);
  const page = {
    id,
    title,
    updated: Number.isNaN(changed.getTime()) ? known : utcDay(changed),
    url: at.href,
    text,
    hidden,
    ...knownAttributes({ language: languageTag(declared) }),
  };
  return { page, etag, lastModified };
}

/** RFC 9110, 13.1. */
function unlessChanged(before: PageCopy | null): Readonly<Record<string, string>> {
  const { etag = "", lastModified = "" } = before ?? {};
  return {
    ...(etag === "" ? {} : { "if-none-match": etag }),
    ...(lastModified === "" ? {} : { "if-modified-since": lastModified }),
  };
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where sites send who is not signed in, by the end of its path: an article about signing in goes on behind that. */
const SIGN_IN = /\/(?:(?:log|sign)[-_]?in|sso)\/?$/i;

/** Follows redirects as long as they stay in the scope. */
async function followed(
  visit: Visit,
  url: URL,
  before: PageCopy | null,
): Promise<{ readonly answer: PublicAnswer; readonly at: URL }> {
  let at = url;
  for (let left = REDIRECTS_MAX; left >= 0; left -= 1) {
    // What was read before was not of the address that it leads to now.
    const answer = await get(at, visit.options, unlessChanged(at === url ? before : null));
    const location = answer.headers["location"];
    if (!REDIRECTS.has(answer.status) || location === undefined) return { answer, at };
    if (SIGN_IN.test(URL.parse(location, at.href)?.pathname ?? "") && !SIGN_IN.test(url.pathname))
      throw new Unreadable(`it asks for a sign-in first, at ${location.slice(0, 100)}`);
    const next = addressIn(visit.scope, location, at);
    if (next === null)
      throw new Unreadable(`it leads out of the help centre, to ${location.slice(0, 100)}`);
    if (!visit.mayRead(next))
      throw new Unreadable("it leads where the site's robots.txt forbids to read");
    at = next;
  }
  throw new Unreadable("it leads round in a circle");
}

function get(
  url: URL,
  { signal, isLocal }: SiteReading,
  headers: Readonly<Record<string, string>> = {},
): Promise<PublicAnswer> {
  return publicFetch(url, {
    headers: {
      "user-agent": USER_AGENT,
      accept: "text/html, application/pdf, text/*, */*;q=0.5",
      ...headers,
    },
    bytesMax: BYTES_MAX,
    timeoutMs: ANSWER_MS,
    isLocal,
    signal,
  });
}

function addressPageId(url: URL): string {
  const path = `${url.pathname}${url.search}`.replace(/^\//, "") || "index";
  return pageId(path);
}

function omitted(url: URL, reason: string) {
  return { id: addressPageId(url), title: url.href, reason };
}
