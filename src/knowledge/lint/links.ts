/** Finds links that lead to a page of the same source which is not there. Pure. */
import { posix } from "node:path";
import type { CheckedPage } from "./statements.ts";

/** A page with a link that leads nowhere. */
export interface DeadLink {
  readonly slug: string;
  readonly link: string;
  readonly reason: string;
}

/** What a source has, and what it left out with the reason. */
export interface LinkedSource {
  readonly name: string;
  readonly kind: string;
  readonly leftOut: ReadonlyMap<string, string>;
}

const LINK = /\[[^\][]*\]\((?<target>[^()\s]+)(?:\s[^()]*)?\)/g;
const DOCUMENT = /\.(?:md|mdx|markdown|html?|pdf|docx|txt)$/i;

/**
 * The dead links of one source's pages. Of a folder those to files of documents that it does not have; of a site those
 * to pages that it was asked for and did not give. Links to other places are not asked.
 */
export function deadLinksIn(
  pages: readonly CheckedPage[],
  source: LinkedSource,
): readonly DeadLink[] {
  const known = new Set(pages.map(({ slug }) => idOf(slug, source)));
  const urls = new Set(pages.map(({ url }) => url));
  return pages.flatMap((page) =>
    linksOf(page).flatMap((link) => {
      const reason =
        source.kind === "folder"
          ? missingFile(link, idOf(page.slug, source), { known, source })
          : missingPage(link, page.url, { urls, source });
      return reason === null ? [] : [{ slug: page.slug, link, reason }];
    }),
  );
}

function linksOf({ passages }: CheckedPage): readonly string[] {
  const all = passages.flatMap(({ body }) =>
    [...body.matchAll(LINK)].map(({ groups }) => groups?.["target"] ?? ""),
  );
  return [...new Set(all)];
}

function idOf(slug: string, { name }: LinkedSource): string {
  return slug.startsWith(`${name}/`) ? slug.slice(name.length + 1) : slug;
}

function missingFile(
  link: string,
  from: string,
  { known, source }: { readonly known: ReadonlySet<string>; readonly source: LinkedSource },
): string | null {
  const path = decoded(link.split(/[#?]/, 1)[0] ?? "");
  // A path from the root, or without an ending, is a route of a site that the folder does not describe.
  if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(path) || !DOCUMENT.test(path)) return null;
  const target = posix.normalize(posix.join(posix.dirname(from), path));
  if (target.startsWith("..") || known.has(target)) return null;
  const reason = source.leftOut.get(target);
  // The same text under another name is there, only not twice.
  if (reason?.startsWith("it says the same as") === true) return null;
  return reason ?? "there is no such file";
}

function missingPage(
  link: string,
  from: string,
  { urls, source }: { readonly urls: ReadonlySet<string>; readonly source: LinkedSource },
): string | null {
  const url = URL.parse(link, from === "" ? undefined : from);
  if (url === null || URL.parse(from)?.host !== url.host) return null;
  url.hash = "";
  if (urls.has(url.href)) return null;
  const id = `${url.pathname}${url.search}`.replace(/^\//, "") || "index";
  const reason = source.leftOut.get(id);
  return reason !== undefined && /^the site answers (?:404|410)/.test(reason) ? reason : null;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
