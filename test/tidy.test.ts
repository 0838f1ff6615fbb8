/** Checks on the code itself rather than on what it does; the import fence has a page of its own beside this one. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { ChannelName } from "#core/values/vocabulary.ts";

const ROOT = join(import.meta.dirname, "..");

/** What a command installed or built, as .gitignore has it. */
const MADE_FOLDERS: ReadonlySet<string> = new Set(["node_modules", "dist", ".temp"]);

/** What lies at the top; anything else there is a trace of a command, or belongs into a folder. */
const TOP_FILES = new Set([
  ".dockerignore",
  ".env.example",
  ".gitignore",
  ".npmrc",
  ".oxfmtrc.json",
  ".oxlintrc.json",
  "AGENTS.md",
  "CHANGELOG.md",
  "CODE_OF_CONDUCT.md",
  "CONTRIBUTING.md",
  "Containerfile",
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "knip.json",
  "package-lock.json",
  "package.json",
  "tsconfig.json",
]);

test("secrets of an installation in the clone get into no commit and no image", () => {
  for (const file of [".gitignore", ".dockerignore"])
    assert.ok(read(file).split("\n").includes(".env"), file);
});

describe("errors", () => {
  const code = sourceFiles().filter((file) => file !== "src/core/values/errors.ts");

  test("every error code of the table is thrown somewhere", () => {
    const used = new Set(code.flatMap((file) => mentionsIn(read(file))));
    assert.deepEqual(
      tabled().filter((name) => !used.has(name)),
      [],
    );
  });

  test("every error code that is thrown is in the table", () => {
    const thrown = code.flatMap((file) =>
      [...read(file).matchAll(/new DeskhandError\(\s*"([^"]*)"/g)].map(([, name = ""]) => name),
    );
    assert.ok(thrown.length > 50, "the errors were not found in the code");
    const known = new Set(tabled());
    assert.deepEqual(
      thrown.filter((name) => !known.has(name)),
      [],
    );
  });

  function tabled(): readonly string[] {
    const rows = /^ {2}"([a-z_.]+)": (?:lasting|passing)\(/gm;
    return [...read("src/core/values/errors.ts").matchAll(rows)].map(([, name = ""]) => name);
  }

  /** Codes where an error is created, directly or through a constant; comparisons do not count. */
  function mentionsIn(text: string): readonly string[] {
    return [...text.matchAll(/(?<!(?:[=!]==|case) )"([a-z]+\.[a-z_]+)"/g)].map(
      ([, name = ""]) => name,
    );
  }
});

describe("the query builder", () => {
  test("is loaded in one way, the quick one", () => {
    const files = ["src", "adapters", "jobs", "packages", "evals", "test"].flatMap((folder) =>
      filesBelow(folder, (name) => name.endsWith(".ts")),
    );
    const asModule = `from "${"drizzle"}-orm`;
    assert.deepEqual(
      files.filter((file) => read(file).includes(asModule)),
      ["src/store/db/drizzle.ts"],
    );
  });
});

describe("channels", () => {
  const tests = filesBelow("test", (name) => name.endsWith(".test.ts")).map(read);

  test("every adapter folder that is a channel runs the channel contract", () => {
    const folders = readdirSync(join(ROOT, "adapters"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    assert.deepEqual(
      folders.filter((name) => !["shop", "shops"].includes(name)).toSorted(),
      [...ChannelName.options].toSorted(),
    );
    assert.deepEqual(
      ChannelName.options.filter(
        (name) => !tests.some((text) => text.includes(`describeChannel("${name}"`)),
      ),
      [],
    );
  });
});

describe("every file", () => {
  const texts = committedFiles().map((file) => ({ file, text: read(file) }));

  test("there are files to look at", () => {
    assert.ok(texts.length > 300);
  });

  test("no file of code is longer than can be read at a sitting", () => {
    const long = texts.filter(
      ({ file, text }) => /\.(ts|mjs|js)$/.test(file) && linesOfCode(text) > 350,
    );
    assert.deepEqual(
      long.map(({ file }) => file),
      [],
    );
  });

  for (const [what, pattern] of Object.entries({
    "a note of something left to do": /\b(?:TODO|FIXME|XXX|HACK)\b/,
    "a path of the machine it was written on":
      /(?:^|[\s"'`(=:])(?:\/work\/|\/home\/\w|\/root\/|\/Users\/\w|[A-Z]:\\Users)/,
    "the address of a package registry": /registry\.npmjs|npmmirror|jfrog|artifactory|verdaccio/i,
    "a key that looks real": /\b(?:xox[abp]-\d{8,}-\d{8,}-\w{20,}|sk-(?:proj-)?[A-Za-z0-9]{32,})\b/,
    "a word of the place it was written in":
      /\bfacts\/|\bstyle\.md\b|\bdesign\.md\b|\.\.\/shared\b/,
  } as const))
    test(`is free of ${what}`, () => {
      const found = texts.flatMap(({ file, text }) =>
        text
          .split("\n")
          .flatMap((line, index) =>
            pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
          ),
      );
      assert.deepEqual(found, []);
    });

  test("begins with a sentence that says what it is, and no folder is crowded", () => {
    const { status, stderr } = spawnSync("node", ["test/runner/check-rooms.mjs"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    assert.equal(status, 0);
  });

  test("compares no sentence of ours: what a condition depends on is a field", () => {
    const found = SPEAKING_ROOMS.flatMap((room) =>
      filesBelow(room, (name) => name.endsWith(".ts")).flatMap((file) =>
        READS_OLDER_ROWS.has(file) || !read(file).split("\n").some(isSentenceRead) ? [] : [file],
      ),
    );
    assert.deepEqual(found, []);
  });

  test("at the top is one that a person put there", () => {
    const listed = spawnSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" });
    const tops = listed.stdout.split("\n").filter((file) => file !== "" && !file.includes("/"));
    assert.ok(tops.includes("package.json"), listed.stderr);
    assert.deepEqual(
      tops.filter((file) => !TOP_FILES.has(file)),
      [],
    );
  });

  test("leaves out what a program printed about a temporary folder", () => {
    const found = texts
      .filter(({ file }) => !file.startsWith("test/") && !file.startsWith("evals/guard/texts/"))
      .filter(({ text }) => /["'\s(]\/tmp\/\w/.test(text));
    assert.deepEqual(
      found.map(({ file }) => file),
      [],
    );
  });

  test("has a name that says what is in it", () => {
    assert.deepEqual(
      texts
        .map(({ file }) => file)
        .filter((file) =>
          /(?:^|\/)(?:utils?|helpers?|common|misc|manager|service)\.\w+$/i.test(file),
        ),
      [],
    );
  });
});

describe("what is written for people", () => {
  const scripts = new Set(
    Object.keys(
      z
        .object({ scripts: z.record(z.string(), z.string()) })
        .parse(JSON.parse(read("package.json"))).scripts,
    ),
  );
  const pages = [
    "README.md",
    "AGENTS.md",
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    ...filesBelow("docs", isMarkdown),
  ].filter((file) => existsSync(join(ROOT, file)));

  test("names only npm scripts that exist", () => {
    const missing = pages.flatMap((file) =>
      [...read(file).matchAll(/(?:`|^[\s$]*|&& )(npm (?:run (?:-s |--silent )?)?([a-z][\w:-]*))/gm)]
        .map(([, command = "", name = ""]) => ({ file, command, name }))
        .filter(({ command, name }) => !isKnown(command, name)),
    );
    assert.deepEqual(missing, []);
  });

  test("names only files that exist", () => {
    const missing = pages.flatMap((file) =>
      [
        ...read(file).matchAll(
          /(?<![\w/.-])((?:src|adapters|jobs|evals|test|docs)\/[\w./<>*-]*\w)/g,
        ),
      ]
        .map(([, path = ""]) => path)
        .filter((path) => !isExample(path) && !existsSync(join(ROOT, path)))
        .map((path) => `${file}: ${path}`),
    );
    assert.deepEqual(missing, []);
  });

  function isKnown(command: string, name: string): boolean {
    const own = ["install", "ci", "exec"];
    const short = ["start", "test"];
    return command.startsWith("npm run")
      ? scripts.has(name)
      : own.includes(name) || (short.includes(name) && scripts.has(name));
  }
});

/** Patterns, and the channel that a page invents to show how one is added. */
function isExample(path: string): boolean {
  return /[<*>]/.test(path) || path.split("/")[1] === "sms";
}

function isMarkdown(name: string): boolean {
  return name.endsWith(".md");
}

/** Where sentences for people are made, and were once read back. */
const SPEAKING_ROOMS = [
  "jobs",
  "adapters/slack",
  "src/policy",
  "src/server/console",
  "src/store",
  "src/core",
];

/** Rows of older versions have some things in words alone: these read them. The parser of YAML reads what zod says. */
const READS_OLDER_ROWS: ReadonlySet<string> = new Set([
  "src/store/db/versioned-documents.ts",
  "src/core/cases/ownership.ts",
  "src/policy/yaml.ts",
]);

/** A line of code that looks for the beginning of a sentence in a text. */
function isSentenceRead(line: string): boolean {
  return (
    !/^\s*(?:\*|\/\/|\/\*)/.test(line) &&
    /(?:[=!]==\s*|\.(?:startsWith|endsWith|includes)\(\s*)["`][A-Z][^"`]* |(?<![\w"'`<*/])\/\^?(?:\(\?:)?[A-Z][a-z]+[ ,:“]/.test(
      line,
    )
  );
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

function sourceFiles(): readonly string[] {
  return ["src", "adapters", "jobs", "packages", "evals"].flatMap((folder) =>
    filesBelow(folder, (name) => name.endsWith(".ts")),
  );
}

/** Paths below a folder of the repository, from its root. */
function filesBelow(folder: string, fits: (name: string) => boolean): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => fits(name) && !name.split("/").some((part) => MADE_FOLDERS.has(part)))
    .map((name) => `${folder}/${name}`);
}

/** Every text of the project but this page of checks, whose patterns would find themselves. */
function committedFiles(): readonly string[] {
  const texts = /\.(?:ts|mjs|js|json|md|yaml|yml|sql|html|css)$/;
  const own = ["package.json", ".oxlintrc.json", "tsconfig.json", "knip.json", "README.md"];
  return [
    ...["src", "adapters", "jobs", "packages", "evals", "test", "docs"].flatMap((folder) =>
      filesBelow(folder, (name) => texts.test(name)),
    ),
    ...own.filter((file) => existsSync(join(ROOT, file))),
  ].filter((file) => file !== "test/tidy.test.ts");
}

function linesOfCode(text: string): number {
  return text.split("\n").filter((line) => !/^\s*(?:$|\/\/|\/?\*)/.test(line)).length;
}
