/** Which addresses of a site are read: those of its help centre that its robots.txt allows. */
import { invalidInput } from "#core/values/errors.ts";

/** Longer addresses carry searches and sessions. */
const ADDRESS_CHARACTERS_MAX = 300;
/** Never documents. */
const NO_DOCUMENT =
  /\.(?:png|jpe?g|gif|svg|webp|ico|css|m?js|json|xml|rss|atom|zip|gz|mp4|webm|mp3|woff2?|ttf|eot|exe|dmg)$/i;

/** Zendesk's community: what customers write to each other. */
const COMMUNITY = /^\/hc\/[^/]+\/community\//;

/** The part of a site that a source covers: its host, and the folder of the address it was added with. */
export interface Scope {
  readonly start: URL;
  readonly folder: string;
}

/** Throws `input.invalid` for what is no web address. */
export function siteScope(location: string): Scope {
  const start = URL.parse(location);
  if (start === null || !/^https?:$/.test(start.protocol) || start.username !== "")
    throw invalidInput(`${location} is no address of a web page`);
  const folder = start.pathname.slice(0, start.pathname.lastIndexOf("/") + 1);
  return { start, folder };
}

/** The address in its one form when it is of the scope, else null. A fragment names a place on the same page. */
export function addressIn({ start, folder }: Scope, link: string, base: URL): URL | null {
  const url = URL.parse(link.trim(), base.href);
  if (url === null || url.host !== start.host || url.protocol !== start.protocol) return null;
  url.hash = "";
  const isInside = url.pathname === start.pathname || url.pathname.startsWith(folder);
  const isPlain =
    url.href.length <= ADDRESS_CHARACTERS_MAX &&
    !NO_DOCUMENT.test(url.pathname) &&
    !COMMUNITY.test(url.pathname);
  // A search finds the same pages again, in endless ways.
  const isOnePage = url.search === "" || url.href === start.href;
  return isInside && isPlain && isOnePage ? url : null;
}

/** RFC 9309, 2.5: at least 500 KiB are read. */
const CHARACTERS_MAX = 512_000;

/**
 * Reads a robots.txt for a reader of this name, in lower case. Total: what is no rule is passed over. The longest rule
 * that fits an address decides, and of two as long the one that allows (2.2.2).
 */
export function robotRules(file: string, name: string) {
  const { own, sitemaps } = linesFor(name, file.slice(0, CHARACTERS_MAX));
  const rules = own
    .filter(({ key, value }) => (key === "allow" || key === "disallow") && value !== "")
    .map(({ key, value }) => ({
      allows: key === "allow",
      length: value.length,
      fits: fitting(value),
    }))
    .toSorted(
      (one, other) => other.length - one.length || Number(other.allows) - Number(one.allows),
    );
  const delay = Number(own.find(({ key }) => key === "crawl-delay")?.value ?? "0");
  return {
    mayRead: ({ pathname, search }: URL): boolean =>
      rules.find(({ fits }) => fits(`${pathname}${search}`))?.allows ?? true,
    /** Seconds the site asks for between two requests; 0 when it does not ask. */
    delaySeconds: Number.isFinite(delay) ? Math.max(0, delay) : 0,
    /** Addresses of sitemaps, as they are written. */
    sitemaps,
  };
}

/** The lines of all groups of this name, or else of those for everybody, and the sitemaps, which belong to no group. */
function linesFor(name: string, file: string) {
  const lines = new Map<string, Line[]>();
  const sitemaps: string[] = [];
  const names = new Set<string>();
  let isNamed = false;
  for (const { key, value } of file.split(/\r\n?|\n/).flatMap(parsedLine)) {
    if (key === "sitemap") sitemaps.push(value);
    else if (key === "user-agent") {
      // Names in a row begin one group together.
      if (!isNamed) names.clear();
      isNamed = true;
      const called = value.toLowerCase();
      if (called !== name && called !== "*") continue;
      names.add(called);
      lines.set(called, lines.get(called) ?? []);
    } else {
      isNamed = false;
      for (const one of names) lines.get(one)?.push({ key, value });
    }
  }
  return { own: lines.get(name) ?? lines.get("*") ?? [], sitemaps };
}

interface Line {
  readonly key: string;
  readonly value: string;
}

function parsedLine(text: string): readonly Line[] {
  const [, key, value = ""] = /^([^#:]*):([^#]*)/.exec(text) ?? [];
  return key === undefined ? [] : [{ key: key.trim().toLowerCase(), value: value.trim() }];
}

/** "*" stands for any characters, "$" at the end for the end of the address (2.2.3). Linear in the address. */
function fitting(rule: string): (path: string) => boolean {
  const isWhole = rule.endsWith("$");
  const parts = (isWhole ? rule.slice(0, -1) : rule).split("*");
  const [first = "", ...others] = parts;
  return (path) => {
    if (!path.startsWith(first)) return false;
    let at = first.length;
    for (const part of others) {
      const found = path.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    const last = others.at(-1);
    return !isWhole || at === path.length || (last !== undefined && path.endsWith(last));
  };
}
