/**
 * Writes the files of a system's tools. Each begins with a digest of what follows, so that the next import can tell what
 * a person changed: such a file is left alone, and what the import would have written stands beside it.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Document, isScalar, parseDocument, visit } from "yaml";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError, errorCode, reasonOf } from "#core/values/errors.ts";
import { type DiffLine, lineDifference } from "#text/diff.ts";

/** Content of a YAML file. Parts that are undefined are left out. */
export type Content =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Content[]
  | ContentMap;

/** Parts by their names. */
export interface ContentMap {
  readonly [key: string]: Content;
}

/** A file before it is written. */
export interface DeclarationFile {
  readonly name: string;
  /** Lines for people on top of it. */
  readonly about: readonly string[];
  readonly content: Content;
}

/**
 * Control characters, marks that turn or hide text, and halves of letters: a reader of the file would see something else
 * than what is in it (https://trojansource.codes).
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const COMMENT_LENGTH_MAX = 400;
/** Maps and lists up to so many characters stand on one line. */
const WIDTH = 80;

/** The text of a file. Whatever an outside document says stays one value in it, or one line of a comment. */
export function fileText({ about, content }: DeclarationFile): string {
  // What stands in two places is written out in both.
  const document = new Document(content, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && UNSEEN.test(node.value)) node.type = "QUOTE_DOUBLE";
    },
    Map(key, map) {
      // The file itself is a list of parts, however short.
      const isFlat =
        key !== null && map.items.length > 0 && map.items.every(({ value }) => isScalar(value));
      const text = JSON.stringify(map.toJSON());
      if (isFlat && text.length < WIDTH && !UNSEEN.test(text)) map.flow = true;
    },
    Seq(_, list) {
      list.flow = JSON.stringify(list.toJSON()).length < WIDTH;
    },
  });
  const written = document
    .toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })
    .replaceAll(UNSEEN_IN_LINE, escaped);
  return withDigest([...about.map((line) => `# ${commentText(line)}`), written].join("\n"));
}

/** All of them but the ends of lines, which only the file itself has. */
const UNSEEN_IN_LINE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** A text as one line of a comment. */
export function commentText(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length > COMMENT_LENGTH_MAX
    ? `${line.slice(0, COMMENT_LENGTH_MAX).trimEnd()} …`
    : line;
}

const MARK = /^# Made by `deskhand tools import` \(([0-9a-f]{64})\)\. Change it as you like\.\n/;

/** The text below a line that tells whether anything in it was changed since. */
export function withDigest(text: string): string {
  return `# Made by \`deskhand tools import\` (${digest(text)}). Change it as you like.\n${text}`;
}

/** The same as a person might have written it, which no import overwrites. */
export function withoutDigest(text: string): string {
  return text.replace(MARK, "");
}

function isUntouched(text: string): boolean {
  const [line = "", made] = MARK.exec(text) ?? [];
  return made === digest(text.slice(line.length));
}

/**
 * Writes files by their names, and says line by line what happened to each. Nothing that a person wrote is lost. Throws
 * `input.invalid` where nothing can be written.
 */
export async function writeFiles(
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  try {
    await mkdir(folder, { recursive: true });
    const written: string[] = [];
    for (const [name, wanted] of files) written.push(...(await writeBeside(folder, name, wanted)));
    return written;
  } catch (cause) {
    throw new DeskhandError("input.invalid", `${folder} cannot be written: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** What a person changed stays as it is, and the new text stands beside it. */
async function writeBeside(
  folder: string,
  name: string,
  wanted: string,
): Promise<readonly string[]> {
  const standing = await standingIn(join(folder, name));
  if (standing !== null && saysSame(standing, wanted)) return [`  ${name}: as before`];
  const isOurs = standing === null || isUntouched(standing);
  const place = isOurs ? name : name.replace(/\.yaml$/, ".new.yaml");
  await writeFile(join(folder, place), wanted);
  if (standing === null) return [`  ${name}: new`];
  const state = isOurs
    ? "changed"
    : `kept as a person changed it; what this import would write stands in ${place}, and differs so:`;
  const differs = difference(withoutDigest(standing), withoutDigest(wanted));
  return [`  ${name}: ${state}`, ...differs.map((line) => `    ${line}`)];
}

async function standingIn(path: string): Promise<string | null> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  });
  // A checkout may have changed the ends of lines.
  return text?.replaceAll("\r\n", "\n") ?? null;
}

function saysSame(standing: string, wanted: string): boolean {
  if (standing === wanted) return true;
  return isDeepStrictEqual(contentIn(standing), contentIn(wanted));
}

function contentIn(text: string): unknown {
  const document = parseDocument(text);
  return document.errors.length > 0 ? text : document.toJS({ maxAliasCount: 0 });
}

const AROUND = 2;
const MARKS: Readonly<Record<DiffLine["kind"], string>> = { same: " ", out: "-", in: "+" };

/** `-` lines went, `+` lines came, with two lines around each place. */
function difference(before: string, after: string): readonly string[] {
  const lines = lineDifference(before, after);
  const isShown = lines.map((_, place) =>
    lines
      .slice(Math.max(0, place - AROUND), place + AROUND + 1)
      .some(({ kind }) => kind !== "same"),
  );
  return lines.flatMap(({ kind, text }, place) => {
    if (isShown[place] === true) return [`${MARKS[kind]} ${text}`.trimEnd()];
    return isShown[place - 1] === true ? ["  …"] : [];
  });
}
