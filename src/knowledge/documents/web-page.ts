/** What a page and a sitemap of a site say to machines: which other pages there are, and whether to leave this one out. */
import { attributeValue, elementsBelow, parsedPage } from "./html-tree.ts";

/** What a page says besides its text. */
export interface PageSigns {
  /** Where its links lead, as they are written. */
  readonly links: readonly string[];
  /** True where it asks not to be found by machines (Google's documentation of the robots meta tag). */
  readonly isUnlisted: boolean;
}

/** A page with more links is a directory, and a site is not read that far anyway. */
const LINKS_MAX = 10_000;

/** Throws `Unreadable` for a page too large to read. */
export function pageSigns(html: string): PageSigns {
  const links: string[] = [];
  let isUnlisted = false;
  for (const element of elementsBelow(parsedPage(html))) {
    const link = element.tagName === "a" ? attributeValue(element, "href") : "";
    if (link !== "" && links.length < LINKS_MAX) links.push(link);
    if (element.tagName === "meta" && attributeValue(element, "name").toLowerCase() === "robots")
      isUnlisted ||= /\bnoindex\b/i.test(attributeValue(element, "content"));
  }
  return { links, isUnlisted };
}

/** The addresses a sitemap names, and whether it is one of sitemaps. */
export interface Sitemap {
  readonly isIndex: boolean;
  readonly addresses: readonly string[];
}

/** What a sitemap may hold (sitemaps.org, protocol 0.9). */
const ADDRESSES_MAX = 50_000;
const ADDRESS_CHARACTERS_MAX = 2_048;

/** Total: what names no address is passed over. */
export function readSitemap(xml: string): Sitemap {
  const addresses = xml
    .split(/<loc>/i)
    .slice(1, ADDRESSES_MAX + 1)
    .map((rest) => {
      const text = rest.slice(0, ADDRESS_CHARACTERS_MAX).trimStart();
      const [address = ""] = text.replace(/^<!\[CDATA\[/i, "").split(/[<\]]/, 1);
      return address.trim().replaceAll("&amp;", "&");
    })
    .filter((address) => address !== "");
  return { isIndex: /<sitemapindex[\s>]/i.test(xml), addresses };
}
