/** Which addresses belong to a help centre on the web. */
import { DeskhandError } from "#core/values/errors.ts";

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
    throw new DeskhandError("input.invalid", `${location} is no address of a web page`);
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
