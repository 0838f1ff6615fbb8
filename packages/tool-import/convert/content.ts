/** A declaration of version 0.3 as the content of its file: schemas become words, and values one text each. */
import type { Value } from "#systems/contract.ts";
import { ValueParts, valueText } from "#systems/value-text.ts";
import type { Content } from "#importing/generate/field-words.ts";
import { type Call, type Literal, unreadable } from "./literal.ts";

/** Parts of an object by their names. */
type Parts = Readonly<Record<string, Content>>;

/** The content of a declaration, without the connection or the database, which stand in a file of their own. */
export function declarationContent(literal: Literal, file: string): Parts {
  if (literal.kind !== "object") throw unreadable(file, literal.line);
  const money = literal.parts.get("money");
  const amount = money?.kind === "object" ? money.parts.get("amount") : undefined;
  const moved = amount?.kind === "plain" ? amount.value : null;
  return Object.fromEntries(
    [...literal.parts].flatMap(([name, part]) => {
      if (part.kind === "chain" && part.calls.length === 0 && SHARED.has(part.root)) return [];
      return [[name, partContent(name, part, file, moved)] as const];
    }),
  );
}

const SHARED: ReadonlySet<string> = new Set(["connection", "database"]);

function partContent(name: string, part: Literal, file: string, moved: unknown): Content {
  if (name === "input" && part.kind === "chain") return fieldsIn(part, file, inputWord(moved));
  if (name === "wishes") return wishesIn(part, file);
  return contentIn(part, file);
}

/** What is neither an input nor a phrase; a chain in it describes a record. */
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
    default:
      throw new Error(`unknown literal ${String(literal satisfies never)}`);
  }
}

function valueContent(value: Value): Content {
  const text = valueText(value);
  return typeof text === "object" ? { ...text } : text;
}

function wishesIn(literal: Literal, file: string): Content {
  if (literal.kind !== "list") throw unreadable(file, literal.line);
  return literal.items.map((item) => {
    const [, phrase] = item.kind === "pattern" ? (WISH.exec(item.source) ?? []) : [];
    if (phrase === undefined) throw unreadable(file, item.line);
    return phrase;
  });
}

const WISH = /^\(\?<!\\p\{L\}\)([^()[\]{}|\\^$.*+?]+)\(\?!\\p\{L\}\)$/;

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

const RECORD_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "number",
  int: "whole",
  boolean: "boolean",
  unknown: "any",
  record: "map",
  // Only texts and numbers were ever joined.
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
  const made = composedWord(kind, field, file);
  return { word: { ...made, ...(isNull ? { or_null: true } : {}) }, isOptional };
}

function composedWord(kind: Call, field: Chain, file: string): Parts {
  const [given] = kind.given;
  if (kind.name === "object")
    return { fields: fieldsIn({ ...field, calls: [kind] }, file, recordWord) };
  if (kind.name === "enum" && given?.kind === "list") return { one_of: contentIn(given, file) };
  if (kind.name === "array" && given?.kind === "chain")
    return { list: recordWord(given, "", file).word };
  throw unreadable(file, field.line);
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

    function kindParts({ name: called, given }: Call, calls: ReadonlyMap<string, Call>): Parts {
      const [first] = given;
      const limit = (one: "min" | "max"): Parts =>
        calls.has(one) ? { [one]: plainIn(calls.get(one), file, field) } : {};
      if (called === "enum" && first?.kind === "list") return { one_of: contentIn(first, file) };
      if (called === "array" && first?.kind === "chain")
        return { list: describe(first, "", file).word, ...limit("max") };
      if (called === "guid" || called === "uuid") return { type: "uuid" };
      const type = INPUT_WORDS[called];
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
const INPUT_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "number",
  int: "whole",
  boolean: "boolean",
};

function plainIn(call: Call | undefined, file: string, { line }: Chain): Content {
  const [given] = call?.given ?? [];
  if (given?.kind !== "plain") throw unreadable(file, line);
  return given.value;
}
