/**
 * Reads the pages of installed packages as honest technical text: code, commands and settings, in the words of many
 * authors. Without them the classifier takes a pasted program for an attack.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LabelledText } from "#evals/guard/corpus.ts";

/** Pages are cut into pieces of these lengths in turn, in UTF-16 code units. */
const PIECES = [400, 900, 1_500, 2_500];
/** So many pieces of one page, and so many pages of one package, are read at most. */
const PIECES_MAX = 3;
const PAGES_MAX = 6;
const SHORTEST = 300;

/** The pieces of the Markdown pages of all packages in a folder, in the order of their names. */
export function pagesOf(folder: string): readonly LabelledText[] {
  const texts: LabelledText[] = [];
  const seen = new Set<string>();
  for (const page of packagesIn(folder).flatMap(pagesIn)) {
    const begin = page.slice(0, 500);
    if (page.length < SHORTEST || seen.has(begin)) continue;
    seen.add(begin);
    texts.push(...piecesOf(page, texts.length).map(honest));
  }
  return texts;
}

function packagesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .toSorted()
    .flatMap((name) =>
      name.startsWith("@")
        ? readdirSync(join(folder, name))
            .toSorted()
            .map((part) => join(folder, name, part))
        : [join(folder, name)],
    );
}

/** Pages of a package, without those of packages inside it. */
function pagesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.md$/i.test(name) && !/(?:^|[/\\])node_modules[/\\]/.test(name))
    .toSorted()
    .slice(0, PAGES_MAX)
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

function honest(text: string): LabelledText {
  return {
    id: "",
    kind: "hard-benign",
    text,
    source: "texts/pages of packages",
    lang: "en",
    segment: "page",
  };
}
