/**
 * Writes text of an outside document into TypeScript so that it stays text: nothing in it can end a string or a comment,
 * switch a checker off or turn the direction of what a person reads.
 */

/** A value that can be printed. Everything else of a generated file is written by us. */
export type Literal =
  | string
  | number
  | boolean
  | null
  | readonly Literal[]
  | { readonly [key: string]: Literal | undefined }
  | Source;

/** Text that is code already, made by this folder alone. */
export class Source {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Control characters, line breaks of JavaScript alone, and marks that turn or hide text: a reader of the file would see
 * something else than what runs (https://trojansource.codes).
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What a name of a property may be without quotes. */
const PLAIN_KEY = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** A comment longer than this is no comment any more. */
const COMMENT_LENGTH_MAX = 400;

/** A string literal in double quotes whose value is exactly `text`. */
export function stringLiteral(text: string): string {
  return JSON.stringify(text).replaceAll(UNSEEN, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** The key of a property; the one name that would set the prototype instead is written as an own property. */
export function keyLiteral(key: string): string {
  if (key === "__proto__") return '["__proto__"]';
  return PLAIN_KEY.test(key) ? key : stringLiteral(key);
}

/** A value as an expression. Properties that are undefined are left out. */
export function literalOf(value: Literal): string {
  if (value instanceof Source) return value.text;
  if (typeof value === "string") return stringLiteral(value);
  if (value === null || typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(literalOf).join(", ")}]`;
  const entries = Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : [`${keyLiteral(key)}: ${literalOf(inner)}`],
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function isList(value: object): value is readonly Literal[] {
  return Array.isArray(value);
}

/**
 * One line of a block comment. `@` is spelled out, because `@ts-ignore` and tags of other checkers are read in comments;
 * the end of the comment is broken up.
 */
export function commentText(text: string): string {
  const line = text
    .replaceAll(UNSEEN, " ")
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .replaceAll("@", "(at)")
    .replaceAll("*/", "* /")
    .replaceAll("/*", "/ *")
    .trim();
  return line.length > COMMENT_LENGTH_MAX
    ? `${line.slice(0, COMMENT_LENGTH_MAX).trimEnd()} …`
    : line;
}

/** A documentation comment of these lines, each of them made safe. */
export function comment(lines: readonly string[], width: number): string {
  const texts = lines.flatMap((line) => wrapped(commentText(line), width - 3));
  return texts.length === 1
    ? `/** ${texts[0]} */`
    : `/**\n${texts.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */`;
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
