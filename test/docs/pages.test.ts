/** What is written for people can be read and followed: links, pictures, tables, commands, and the way to each page. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, test } from "node:test";
import { commandNames } from "./commands-page.ts";
import { ROOT } from "./made-pages.ts";
import { FLOORS } from "../runner/floors.mjs";
import { chosenProgram, PROGRAMS } from "../runner/programs.mjs";
import { anchorsOf, linksIn, tableLines, undefinedNames } from "./markdown.ts";

const TABLE_LINE_MAX = 400;
const README_WORDS_MAX = 1_000;
const DECISIONS_WORDS_MAX = 9_000;
const PICTURE_BYTES_MAX = 150_000;

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

const docs = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" });
const pages = [
  "README.md",
  "AGENTS.md",
  ...docs.filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`),
];

describe("README", () => {
  const text = read("README.md");

  test(`has at most ${README_WORDS_MAX} words`, () => {
    const words = wordsIn(text);
    assert.ok(words <= README_WORDS_MAX, `${words} words`);
  });

  test("shows the card, and pictures of the guided start", () => {
    const pictures = linksIn(text).filter(({ isPicture }) => isPicture);
    assert.ok(pictures.length >= 3);
  });

  test("has the six promises, each with a test that exists", () => {
    const section = /## Six promises\n([^]*?)\n## /.exec(text)?.[1] ?? "";
    const promises = section.split("\n").filter((line) => line.startsWith("- "));
    assert.equal(promises.length, 6);
    for (const promise of promises)
      assert.ok(
        linksIn(promise).some(({ target }) => /^test\/.*\.test\.ts$/.test(target)),
        promise,
      );
  });

  test("says where each claim about another product comes from", () => {
    const section = /## Beside others\n([^]*?)\n## /.exec(text)?.[1] ?? "";
    const cells = section
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .slice(2)
      .flatMap((line) => line.split("|").slice(3, -1));
    assert.ok(cells.length > 20);
    const unfounded = cells.filter((cell) => !/^ (?:–|.*\]\[\w+\].*) $/.test(cell));
    assert.deepEqual(unfounded, []);
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
      assert.ok(statSync(join(ROOT, picture)).size <= PICTURE_BYTES_MAX, picture);
      assert.ok(shown.has(picture), `${picture} is on no page`);
    }
  });
});

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
