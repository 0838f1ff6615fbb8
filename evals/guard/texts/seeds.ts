/**
 * Reads the seeds of the texts: sentences and passages written by hand, from which the texts of a split are put together.
 * A line "== NAME" begins a section; each line of it is a seed, or, where a line "==" stands between them, each block.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The seeds of one split, by the section they stand in. */
export type Seeds = ReadonlyMap<string, readonly string[]>;

/** All seeds of a folder; a section may go on in another file. Throws where the folder cannot be read. */
export function readSeeds(folder: string): Seeds {
  const seeds = new Map<string, string[]>();
  for (const name of readdirSync(folder).toSorted())
    for (const [section, found] of sectionsIn(name, readFileSync(join(folder, name), "utf8")))
      seeds.set(section, [...(seeds.get(section) ?? []), ...found]);
  return seeds;
}

/** The seeds of a section, and an error that names it where there are none: a misspelt name would leave texts out. */
export function seedsOf(seeds: Seeds, section: string): readonly string[] {
  const found = seeds.get(section) ?? [];
  if (found.length === 0) throw new Error(`no seeds stand under "${section}"`);
  return found;
}

/** What is said about one trade has the name of its file before its own: "shop trouble". */
const TRADES = new Set(["shop", "software", "bank", "telecom", "travel"]);

function sectionsIn(file: string, text: string): readonly (readonly [string, string[]])[] {
  const trade = file.replace(/\.txt$/, "");
  return text
    .split(/^== (?=\S)/m)
    .slice(1)
    .map((section): [string, string[]] => {
      const [name = "", ...lines] = section.split("\n");
      const rest = lines.join("\n");
      const seeds = /^==$/m.test(rest) ? rest.split(/^==$\n?/m) : lines;
      return [
        TRADES.has(trade) ? `${trade} ${name}` : name,
        seeds.map((seed) => seed.trimEnd().replaceAll("\\n", "\n")).filter((seed) => seed !== ""),
      ];
    });
}
