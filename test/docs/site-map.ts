/** What the site shows and in which order: docs/README.md is its map, and a link leads to a page or to the repository. */
import { dirname, join } from "node:path/posix";

/** The page whose sections and links are the sidebar. */
const MAP = "docs/README.md";

/** One line of the sidebar: a page, a place in one, or words above other lines. */
export interface SiteLine {
  readonly text: string;
  /** From the repository's folder, such as `docs/slack.md`; null where there are only words. */
  readonly file: string | null;
  /** With its sign, such as `#what-the-team-sees`; empty for a whole page. */
  readonly anchor: string;
  readonly lines: readonly SiteLine[];
}

/** A section of the map. */
export interface SiteSection {
  readonly title: string;
  readonly lines: readonly SiteLine[];
}

/** Gives a file of the repository by its path from the repository's folder. */
type Read = (file: string) => string;

/** The sections of docs/README.md with what they link to; a folder's own README is followed by what that lists. */
export function siteSections(read: Read): readonly SiteSection[] {
  return read(MAP)
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = "", ...lines] = section.split("\n");
      return { title, lines: lines.flatMap((line) => linesFrom(line, read)) };
    });
}

/** The files that are pages of the site: the README, the map and what it leads to. */
export function sitePages(sections: readonly SiteSection[]): ReadonlySet<string> {
  return new Set(["README.md", MAP, ...sections.flatMap(({ lines }) => filesIn(lines))]);
}

/** Where the site has a page, with the anchor or without: `/docs/slack#what-the-team-sees`. */
export function siteAddress(file: string, anchor = ""): string {
  return `/${file.replace(/(?:README)?\.md$/, "")}${anchor}`;
}

/** A link of a page as the site has it: to a page of its own, to the web, or to a file that only the repository shows. */
export type SiteLink =
  | { readonly address: string }
  | { readonly file: string; readonly anchor: string };

/** Where a link on `page` leads on the site. */
export function siteLink(page: string, target: string, pages: ReadonlySet<string>): SiteLink {
  if (/^(?:[a-z]+:|#)/.test(target)) return { address: target };
  const { file, anchor } = placeFrom(page, target);
  return pages.has(file) ? { address: siteAddress(file, anchor) } : { file, anchor };
}

/** `- Measured: [this](a.md)` is words above its links; in any other list item, each link is a line of its own. */
function linesFrom(item: string, read: Read): readonly SiteLine[] {
  if (!item.startsWith("- ")) return [];
  const lines = linkedIn(item, MAP).map((line) => ({ ...line, lines: linesBelow(line, read) }));
  const [, words] = /^- ([^[\]]+): \[/.exec(item) ?? [];
  return words === undefined ? lines : [{ text: words, file: null, anchor: "", lines }];
}

function linesBelow({ file }: SiteLine, read: Read): readonly SiteLine[] {
  if (file === null || !file.endsWith("/README.md")) return [];
  const items = read(file).match(/^- .*$/gm) ?? [];
  return items.flatMap((item) => linkedIn(item, file));
}

function linkedIn(item: string, page: string): readonly SiteLine[] {
  return [...item.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)].map(([, words = "", target = ""]) => ({
    text: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
    ...placeFrom(page, target),
    lines: [],
  }));
}

function placeFrom(
  page: string,
  target: string,
): { readonly file: string; readonly anchor: string } {
  const [path = ""] = target.split("#");
  return { file: join(dirname(page), path), anchor: target.slice(path.length) };
}

function filesIn(lines: readonly SiteLine[]): readonly string[] {
  return lines.flatMap(({ file, lines: below }) => [
    ...(file === null ? [] : [file]),
    ...filesIn(below),
  ]);
}
