/** `deskhand tools import convert`: a folder of tools that version 0.3 wrote as programs, as files that are read. */
import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import type { ImportPlace } from "#importing/command/import-tools.ts";
import {
  writeSystemFiles,
  type DeclarationFile,
  fileText,
  withoutDigest,
  type Content,
  type ContentMap,
} from "#importing/command/write-system.ts";
import { CONNECTION_FILE, DATABASE_FILE } from "#systems/declaration-files.ts";
import { declaredIn, type Call, type Literal, unreadable } from "./literal.ts";
import { valueContent } from "#importing/plan/tool-file.ts";
import { ValueParts } from "#systems/contract.ts";

/** What version 0.3 noted of its last import. */
const Noted = z.object({ files: z.record(z.string(), z.string()) });

/**
 * Writes a file for each program of the folder, and runs none of them. What it cannot read it names, and throws
 * `input.invalid` in the end. The programs stay where they are; they are not used any more.
 */
export async function convertFolder(named: string, place: ImportPlace): Promise<void> {
  const folder = resolve(place.folder, named);
  const programs = await programsIn(folder);
  const noted = Noted.safeParse(jsonOrNull(programs.get(".imported.json") ?? ""));
  const before = noted.success ? noted.data.files : {};
  const tools = [...programs].filter(
    ([name]) => /(?<!\.test)\.ts$/.test(name) && name !== "index.ts",
  );
  if (tools.length === 0) throw invalidInput(`${named} has no tools of version 0.3.`);
  const texts = new Map<string, string>();
  const problems: string[] = [];
  for (const [name, text] of tools)
    try {
      const file = convertedFile(name, text);
      // Only what no person changed may be overwritten by the next import.
      const written = fileText(file);
      texts.set(file.name, before[name] === text ? written : withoutDigest(written));
    } catch (error) {
      if (!(error instanceof DeskhandError)) throw error;
      problems.push(error.message);
    }
  await writeSystemFiles(folder, basename(folder), texts, place);
  if (problems.length > 0)
    throw invalidInput(
      `${problems.length} of ${tools.length} files were not converted:\n${problems.map((line) => `  ${line}`).join("\n")}`,
    );
  place.print("The programs (*.ts, .imported.json) are not used any more and can be deleted.");
}

async function programsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch(() => {
    throw invalidInput(`${folder} is no folder that can be read.`);
  });
  const read = names.filter((name) => /\.ts$|^\.imported\.json$/.test(name)).toSorted();
  return new Map(
    await Promise.all(
      read.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}

/** What a program becomes. Throws `input.invalid` with the line that cannot be read. */
function convertedFile(name: string, text: string): DeclarationFile {
  const [[constant, literal] = [], ...more] = declaredIn(text, name);
  if (constant === undefined || literal === undefined || more.length > 0)
    throw invalidInput(`${name}: it has to declare exactly one thing`);
  const content = declarationContent(literal, name);
  const shared = constant === "connection" ? CONNECTION_FILE : DATABASE_FILE;
  const file = name === "connection.ts" ? shared : name.replace(/\.ts$/, ".yaml");
  return { name: file, about: [], content };
}

type Parts = ContentMap;

/** The content of a declaration, without the connection or the database, which stand in a file of their own. */
function declarationContent(literal: Literal, file: string): Parts {
  if (literal.kind !== "object") throw unreadable(file, literal.line);
  const money = literal.parts.get("money");
  const amount = money?.kind === "object" ? money.parts.get("amount") : undefined;
  const moved = amount?.kind === "plain" ? amount.value : null;
  return Object.fromEntries(
    [...literal.parts].flatMap(([name, part]) => {
      if (part.kind === "chain" && part.calls.length === 0 && SHARED.has(part.root)) return [];
      // Phrases of customers, of which only that there were none meant anything.
      if (name === "wishes")
        return part.kind === "list" && part.items.length === 0 ? [["personDecides", true]] : [];
      const isInput = name === "input" && part.kind === "chain";
      const content = isInput ? fieldsIn(part, file, inputWord(moved)) : contentIn(part, file);
      return [[name, content] as const];
    }),
  );
}

const SHARED: ReadonlySet<string> = new Set(["connection", "database"]);

/** What is no input; a chain in it describes a record. */
function contentIn(literal: Literal, file: string): Content {
  switch (literal.kind) {
    case "plain":
      return literal.value;
    case "list":
      return literal.items.map((item) => contentIn(item, file));
    case "chain":
      return fieldsIn(literal, file, recordWord);
    case "object": {
      const parts = Object.fromEntries(
        [...literal.parts].map(([name, part]) => [name, contentIn(part, file)]),
      );
      const value = ValueParts.safeParse(parts);
      return value.success ? valueContent(value.data) : parts;
    }
    case "pattern":
      throw unreadable(file, literal.line);
  }
}

/** Describes a field by the first call of its chain, and what the others say of it. */
type Describe = (field: Chain, name: string, file: string) => Described;

type Chain = Extract<Literal, { kind: "chain" }>;

interface Described {
  readonly word: Content;
  readonly isOptional: boolean;
}

/** The fields of `z.object({…})` or `z.strictObject({…})`. */
function fieldsIn(literal: Chain, file: string, describe: Describe): Parts {
  const [call, ...more] = literal.calls;
  const [shape] = call?.given ?? [];
  const isObject = call !== undefined && ["object", "strictObject"].includes(call.name);
  if (literal.root !== "z" || !isObject || shape?.kind !== "object" || more.length > 0)
    throw unreadable(file, literal.line);
  return Object.fromEntries(
    [...shape.parts].map(([name, field]) => {
      if (field.kind !== "chain" || field.root !== "z") throw unreadable(file, field.line);
      const { word, isOptional } = describe(field, name, file);
      return [isOptional ? `${name}?` : name, word];
    }),
  );
}

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "number",
  int: "whole",
  boolean: "boolean",
};
const INPUT_WORDS: typeof WORDS = { ...WORDS, guid: "uuid", uuid: "uuid" };
// Only texts and numbers were ever joined.
const RECORD_WORDS: typeof WORDS = {
  ...WORDS,
  unknown: "any",
  record: "map",
  union: "text or number",
};

function recordWord(field: Chain, _name: string, file: string): Described {
  const [kind, ...more] = field.calls;
  const said = more.map(({ name }) => name);
  if (kind === undefined || said.some((name) => !["nullish", "nullable"].includes(name)))
    throw unreadable(file, field.line);
  const isOptional = said.includes("nullish");
  const isNull = said.includes("nullable");
  const word = RECORD_WORDS[kind.name];
  if (word !== undefined) return { word: isNull ? `${word} or null` : word, isOptional };
  const made =
    kind.name === "object"
      ? { fields: fieldsIn({ ...field, calls: [kind] }, file, recordWord) }
      : listed(kind, file, recordWord);
  if (made === null) throw unreadable(file, field.line);
  return { word: { ...made, ...(isNull ? { or_null: true } : {}) }, isOptional };
}

/** One of several values, or a list of one kind; null for anything else. */
function listed({ name, given: [first] }: Call, file: string, describe: Describe): Parts | null {
  if (name === "enum" && first?.kind === "list") return { one_of: contentIn(first, file) };
  if (name !== "array" || first?.kind !== "chain") return null;
  return { list: describe(first, "", file).word };
}

/** `moved` is the input with the amount of a change that moves money. */
function inputWord(moved: unknown): Describe {
  return function describe(field, name, file) {
    const [kind, ...more] = field.calls;
    const said = new Map(more.map((call) => [call.name, call]));
    const isOptional = said.has("nullable");
    const about = said.has("describe") ? { about: plainIn(said.get("describe"), file, field) } : {};
    if (name === moved) return { word: { type: "money", ...about }, isOptional: false };
    if (kind === undefined || more.some((call) => !INPUT_CALLS.has(call.name)))
      throw unreadable(file, field.line);
    return { word: { ...kindParts(kind, said), ...about }, isOptional };

    function kindParts(call: Call, calls: ReadonlyMap<string, Call>): Parts {
      const limit = (one: "min" | "max"): Parts =>
        calls.has(one) ? { [one]: plainIn(calls.get(one), file, field) } : {};
      const several = listed(call, file, describe);
      if (several !== null) return { ...several, ...limit("max") };
      const type = INPUT_WORDS[call.name];
      if (type === undefined) throw unreadable(file, field.line);
      // Every text has to have a character.
      const least = type === "text" ? {} : limit("min");
      return { type, ...least, ...limit("max"), ...patternIn(calls.get("regex")) };
    }

    function patternIn(call: Call | undefined): Parts {
      if (call === undefined) return {};
      const [given] = call.given;
      const [, inner] = given?.kind === "pattern" ? (/^\^(.*)\$$/.exec(given.source) ?? []) : [];
      if (inner === undefined) throw unreadable(file, field.line);
      const [, most] = /^\\P\{Cc\}\{1,(\d+)\}$/.exec(inner) ?? [];
      return most === undefined ? { pattern: inner } : { type: "line", max: Number(most) };
    }
  };
}

const INPUT_CALLS: ReadonlySet<string> = new Set("trim min max regex nullable describe".split(" "));

function plainIn(call: Call | undefined, file: string, { line }: Chain): Content {
  const [given] = call?.given ?? [];
  if (given?.kind !== "plain") throw unreadable(file, line);
  return given.value;
}
