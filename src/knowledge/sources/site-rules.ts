/** Which addresses of a site are read: those of its help centre that its robots.txt allows. */
import { invalidInput } from "#core/values/errors.ts";

/** Longer addresses carry searches and sessions. */
const ADDRESS_CHARACTERS_MAX = 300;
/** Never documents. */
const NO_DOCUMENT =
  /\.(?:png|jpe?g|gif|svg|webp|ico|css|m?js|json|xml|rss|atom|zip|gz|mp4|webm|mp3|woff2?|ttf|eot|exe|dmg)$/i;

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
  const isPlain = url.href.length <= ADDRESS_CHARACTERS_MAX && !NO_DOCUMENT.test(url.pathname);
  // A search finds the same pages again, in endless ways.
  const isOnePage = url.search === "" || url.href === start.href;
  return isInside && isPlain && isOnePage ? url : null;
}

interface RobotRules {
  readonly mayRead: (url: URL) => boolean;
  /** Seconds the site asks for between two requests; 0 when it does not ask. */
  readonly delaySeconds: number;
  /** Addresses of sitemaps, as they are written. */
  readonly sitemaps: readonly string[];
}

/** RFC 9309, 2.5: at least 500 KiB are read. */
const CHARACTERS_MAX = 512_000;

interface Line {
  readonly key: string;
  readonly value: string;
}

interface Group {
  readonly names: string[];
  readonly lines: Line[];
}

/**
 * Reads a robots.txt for a reader of this name, in lower case. Total: what is no rule is passed over. The longest rule
 * that fits an address decides, and of two as long the one that allows (2.2.2).
 */
export function robotRules(file: string, name: string): RobotRules {
  const { groups, sitemaps } = groupsIn(file.slice(0, CHARACTERS_MAX));
  const named = groups.filter(({ names }) => names.includes(name));
  const lines = (
    named.length > 0 ? named : groups.filter(({ names }) => names.includes("*"))
  ).flatMap((group) => group.lines);
  const rules = lines
    .filter(({ key, value }) => (key === "allow" || key === "disallow") && value !== "")
    .map(({ key, value }) => ({
      allows: key === "allow",
      length: value.length,
      fits: fitting(value),
    }))
    .toSorted(
      (one, other) => other.length - one.length || Number(other.allows) - Number(one.allows),
    );
  const delay = Number(lines.find(({ key }) => key === "crawl-delay")?.value ?? "0");
  return {
    mayRead: ({ pathname, search }) =>
      rules.find(({ fits }) => fits(`${pathname}${search}`))?.allows ?? true,
    delaySeconds: Number.isFinite(delay) ? Math.max(0, delay) : 0,
    sitemaps,
  };
}

function groupsIn(file: string) {
  const groups: Group[] = [];
  const sitemaps: string[] = [];
  let isNamed = false;
  for (const { key, value } of file.split(/\r\n?|\n/).flatMap(parsedLine)) {
    if (key === "sitemap") sitemaps.push(value);
    else if (key === "user-agent") {
      // Names in a row begin one group together.
      if (!isNamed) groups.push({ names: [], lines: [] });
      groups.at(-1)?.names.push(value.toLowerCase());
      isNamed = true;
    } else {
      isNamed = false;
      groups.at(-1)?.lines.push({ key, value });
    }
  }
  return { groups, sitemaps };
}

function parsedLine(text: string): readonly Line[] {
  const [plain = ""] = text.split("#", 1);
  const colon = plain.indexOf(":");
  if (colon < 0) return [];
  return [
    { key: plain.slice(0, colon).trim().toLowerCase(), value: plain.slice(colon + 1).trim() },
  ];
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
