/**
 * Reads the pages of installed packages as honest technical text: code, commands and settings, in the words of many
 * authors. Without them the classifier takes a pasted program for an attack. Only packages and versions of a list count,
 * so a new package changes nothing that is learnt.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LabelledText } from "#evals/guard/corpus.ts";

/** Pages are cut into pieces of these lengths in turn, in UTF-16 code units, and at most so many of one page are read. */
const PIECES = [400, 900, 1_500, 2_500];
const PIECES_MAX = 5;
const SHORTEST = 300;

const Installed = z.object({ version: z.string() });

/** The pieces of all pages of the packages in `list`, a line of name and version each; tells which are not installed so. */
export function pagesOf(
  folder: string,
  list: string,
  tell: (line: string) => void,
): readonly LabelledText[] {
  const texts: LabelledText[] = [];
  const seen = new Set<string>();
  for (const wanted of readFileSync(list, "utf8").split("\n").filter(Boolean)) {
    const [name = "", version] = wanted.split(" ");
    if (installedVersion(join(folder, name)) !== version) {
      tell(`${wanted} is not installed: its pages are left out, and the weights will differ`);
      continue;
    }
    for (const page of pagesIn(join(folder, name))) {
      if (page.length < SHORTEST || seen.has(page.slice(0, 500))) continue;
      seen.add(page.slice(0, 500));
      for (const text of piecesOf(page, texts.length)) texts.push(honest(text, texts.length + 1));
    }
  }
  return texts;
}

/** The version that lies there; null where no package does. */
function installedVersion(folder: string): string | null {
  try {
    return Installed.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).version;
  } catch {
    return null;
  }
}

/** All Markdown of a package, without that of packages inside it. */
function pagesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.md$/i.test(name) && !/(?:^|[/\\])node_modules[/\\]/.test(name))
    .toSorted()
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

function piecesOf(page: string, begun: number): readonly string[] {
  const pieces: string[] = [];
  let at = 0;
  while (at < page.length && pieces.length < PIECES_MAX) {
    const length = PIECES[(begun + pieces.length) % PIECES.length] ?? SHORTEST;
    pieces.push(page.slice(at, at + length));
    at += length;
  }
  return pieces;
}

/** Counted among our own: always learnt from, never in a figure. */
function honest(text: string, number: number): LabelledText {
  return {
    id: `page-${number}`,
    kind: "benign",
    text,
    source: "texts/pages of packages",
    lang: "en",
    segment: "body",
    split: "train",
  };
}
