/** What is written for people can be read and followed: links, pictures, tables, commands, and the way to each page. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, test } from "node:test";
import { commandNames } from "./commands-page.ts";
import { ROOT } from "./made-pages.ts";
import { bytesMax } from "../pictures/camera.ts";
import { FLOORS } from "../runner/floors.mjs";
import { chosenProgram, PROGRAMS } from "../runner/programs.mjs";
import { anchorsOf, linksIn, tableLines, undefinedNames } from "./markdown.ts";

const TABLE_LINE_MAX = 400;
const README_WORDS_MAX = 700;
const DOCS_WORDS_MAX = 35_000;
/** Pages that a reader of one role needs in the first week. */
const ROLE_PAGES_MAX = 8;
const DECISIONS_WORDS_MAX = 9_000;

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** The site's own folder holds packages and what is built. */
const docs = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).filter(
  (file) => !file.startsWith(".site"),
);
const pages = [
  "README.md",
  "AGENTS.md",
  "CHANGELOG.md",
  "CODE_OF_CONDUCT.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "packages/gate-conformance/README.md",
  "packages/gate/README.md",
  ...docs.filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`),
];

describe("README", () => {
  const text = read("README.md");

  test(`has at most ${README_WORDS_MAX} words`, () => {
    const words = piecesIn(text);
    assert.ok(words <= README_WORDS_MAX, `${words} words`);
  });

  test("shows a refund from mail to answer, and more pictures", () => {
    const pictures = linksIn(text).filter(({ isPicture }) => isPicture);
    assert.equal(pictures[0]?.target, "docs/refund.png");
    assert.ok(pictures.length >= 3);
  });

  test("has six promises, each with a test that exists", () => {
    const promises = itemsBelow(text, "Six promises");
    assert.equal(promises.length, 6);
    assert.deepEqual(promises.filter(namesNoTest), []);
  });

  test("says in five lines where each claim about Fin comes from, or what proves ours", () => {
    const lines = itemsBelow(text, "Why not Fin?");
    assert.equal(lines.length, 5);
    for (const line of lines) {
      const sources = [...line.matchAll(/\]\[\w+\]/g)].length;
      assert.ok(sources > 0 || !namesNoTest(line), line);
      assert.ok(sources > 0 || !line.includes("Fin"), line);
    }
  });

  test("names a test beside everything it says Deskhand connects to", () => {
    const section = sectionOf(text, "What it connects to");
    const rows = section
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .slice(2);
    assert.ok(rows.length > 5);
    assert.deepEqual(rows.filter(namesNoTest), []);
  });

  test("has no figure of its own: what is measured comes from the page of the benchmark", () => {
    const own = sectionOf(text, "Measured").replace(/<!-- figures[^]*<!-- end of figures -->/, "");
    assert.doesNotMatch(own, /\d/);
  });
});

test("the page about the architecture has every room on the floor where the check has it", () => {
  const rows = [...read("docs/architecture.md").matchAll(/^\| (\d+) \| (.*) \|$/gm)];
  const floors = rows.map(([, floor, rooms = ""]) => ({
    floor: Number(floor),
    rooms: [...rooms.matchAll(/`([^`]+)`/g)].map(([, room = ""]) => room).toSorted(),
  }));
  assert.deepEqual(
    floors,
    FLOORS.map((rooms, floor) => ({ floor, rooms: rooms.toSorted() })).toReversed(),
  );
});

for (const page of pages)
  describe(page, () => {
    const text = read(page);

    test("has links that lead somewhere", () => {
      const broken = linksIn(text)
        .map(({ target }) => target)
        .filter((target) => !leadsSomewhere(page, text, target));
      assert.deepEqual(broken, []);
      assert.deepEqual(undefinedNames(text), []);
    });

    test("has no line of a table that is too long to read", () => {
      const long = tableLines(text).filter((line) => line.length > TABLE_LINE_MAX);
      assert.deepEqual(long, []);
    });

    test("names only commands that exist", () => {
      assert.deepEqual(unknownCommands(text), []);
    });

    test("names only programs that a script runs", () => {
      assert.deepEqual(unknownPrograms(text), []);
    });
  });

describe("docs", () => {
  const reached = reachedFrom("docs/README.md", 2);

  test("say of each page within two clicks of the index", () => {
    assert.deepEqual(
      pages.filter((page) => page.startsWith("docs/") && !reached.has(page)),
      [],
    );
  });

  test(`have at most ${DOCS_WORDS_MAX} words, the runbooks counted without what only sets a table`, () => {
    const own = pages.filter((page) => /^docs\/[^/]+$/.test(page));
    const runbooks = pages.filter((page) => page.startsWith("docs/runbooks/"));
    assert.ok(runbooks.length > 20);
    const pieces = own.reduce((sum, page) => sum + piecesIn(read(page)), 0);
    assert.ok(pieces <= DOCS_WORDS_MAX, `${pieces} words in docs/*.md as \`wc -w\` counts`);
    const words = [...own, ...runbooks].reduce((sum, page) => sum + wordsIn(read(page)), 0);
    assert.ok(words <= DOCS_WORDS_MAX, `${words} words with the runbooks`);
  });

  test(`are a map by role, of at most ${ROLE_PAGES_MAX} pages for a first week`, () => {
    const map = read("docs/README.md");
    const sections = [...map.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title);
    assert.deepEqual(sections, [
      "Start",
      "For leads",
      "For engineers",
      "Concepts",
      "Reference",
      "Contribute",
    ]);
    for (const role of sections.slice(0, 3)) {
      const linked = linksIn(sectionOf(map, role)).map(({ target }) => target.split("#")[0] ?? "");
      const count = new Set(linked).size;
      assert.ok(count > 0 && count <= ROLE_PAGES_MAX, `${role}: ${count} pages`);
    }
  });

  test(`tell the decisions in at most ${DECISIONS_WORDS_MAX} words`, () => {
    const decisions = pages.filter((page) => page.startsWith("docs/decisions/"));
    const words = decisions.reduce((sum, page) => sum + wordsIn(read(page)), 0);
    assert.ok(words <= DECISIONS_WORDS_MAX, `${words} words`);
  });

  test("have pictures small enough for a slow line, each shown on a page", () => {
    const pictures = docs.filter((file) => file.endsWith(".png")).map((file) => `docs/${file}`);
    const shown = new Set(
      pages.flatMap((page) =>
        linksIn(read(page)).map(({ target }) =>
          relative(ROOT, resolve(ROOT, dirname(page), target)),
        ),
      ),
    );
    assert.ok(pictures.length > 5);
    for (const picture of pictures) {
      const bytes = readFileSync(join(ROOT, picture));
      assert.ok(bytes.length <= bytesMax(bytes), picture);
      assert.ok(shown.has(picture), `${picture} is on no page`);
    }
  });
});

/** What stands below a heading of the second level, up to the next one. */
function sectionOf(page: string, heading: string): string {
  const [, section] = page.split(`\n## ${heading}\n`);
  assert.ok(section !== undefined, `no section "${heading}"`);
  return section.split("\n## ")[0] ?? "";
}

function itemsBelow(page: string, heading: string): readonly string[] {
  return sectionOf(page, heading)
    .split("\n")
    .filter((line) => line.startsWith("- "));
}

/** True for a line without a link to a test; that the file is there is a test of its own. */
function namesNoTest(line: string): boolean {
  return !linksIn(line).some(({ target }) => /^test\/.*\.test\.ts$/.test(target));
}

/** Counts as `wc -w` does, so that signs of a table count too. */
function piecesIn(text: string): number {
  return text.split(/\s+/).filter((piece) => piece !== "").length;
}

function wordsIn(text: string): number {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** Pages of the repository that are reached from `first` with at most so many clicks. */
function reachedFrom(first: string, clicks: number): ReadonlySet<string> {
  let found = new Set([first]);
  for (let click = 0; click < clicks; click += 1)
    found = new Set([...found, ...[...found].flatMap(pagesLinkedFrom)]);
  return found;
}

function pagesLinkedFrom(page: string): readonly string[] {
  return linksIn(read(page))
    .map(({ target }) => target.split("#")[0] ?? "")
    .filter((target) => target.endsWith(".md") && !target.includes("://"))
    .map((target) => relative(ROOT, resolve(ROOT, dirname(page), target)))
    .filter((target) => existsSync(join(ROOT, target)));
}

/** Addresses of the web are not asked; files and headings of ours are looked up. */
function leadsSomewhere(page: string, text: string, target: string): boolean {
  if (/^(?:https?|mailto):/.test(target)) return URL.canParse(target);
  const [file = "", anchor] = target.split("#");
  const path = resolve(ROOT, dirname(page), file);
  if (file !== "" && !existsSync(path)) return false;
  if (anchor === undefined) return true;
  return anchorsOf(file === "" ? text : readFileSync(path, "utf8")).has(anchor);
}

/** Commands of ours, as `npm run -s deskhand -- …`, `deskhand …` in code, that the program does not know. */
function unknownCommands(text: string): readonly string[] {
  const names = commandNames();
  const first = new Set(names.map((name) => name.split(" ")[0] ?? ""));
  const spoken = [
    ...text.matchAll(/npm run -s deskhand -- ([a-z][a-z-]*(?: [a-z][a-z-]*)?)/g),
    ...text.matchAll(/`deskhand ([a-z][a-z-]*(?: [a-z][a-z-]*)?)[^`]*`/g),
  ].map(([, words = ""]) => words);
  return spoken.filter((words) => {
    const [name = "", second] = words.split(" ");
    if (!first.has(name)) return true;
    const inner = names.filter((known) => known.startsWith(`${name} `));
    const takesWords = names.includes(name);
    const isKnown = inner.some((known) => `${known} `.startsWith(`${name} ${second} `));
    return second !== undefined && !takesWords && !isKnown;
  });
}

/** Programs named as `npm run SCRIPT -- NAME` that the script's table does not have. */
function unknownPrograms(text: string): readonly string[] {
  return [...text.matchAll(/npm run (?:-s )?(\w+) -- ([a-z][a-z0-9-]*)/g)]
    .filter(([, script = "", name = ""]) => {
      if (PROGRAMS[script] === undefined) return false;
      try {
        chosenProgram(script, [name]);
        return false;
      } catch {
        return true;
      }
    })
    .map(([command]) => command);
}
