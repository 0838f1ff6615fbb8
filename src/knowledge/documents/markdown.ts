/** Reads Markdown, and MDX as far as it is text. */

import { posix } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import {
  fullDocument,
  type RawDocument,
  type ReadDocument,
  tidied,
  Unreadable,
} from "./document.ts";
import { markdownOfHtml } from "./html.ts";

/** How deep a document may include parts of itself. */
const DEPTH_MAX = 3;

/** Reads a Markdown file. Components of MDX are replaced by what stands inside them; code is never run. */
export async function readMarkdown(raw: RawDocument, file: string): Promise<ReadDocument> {
  const { fields, text } = splitFrontMatter(file);
  const isMdx = raw.path.endsWith(".mdx");
  const body = isMdx ? await withoutComponents(raw, text, DEPTH_MAX) : text;
  const plain = outside(CODE, body, withoutMarkup);
  const language = fields["lang"] ?? fields["language"] ?? fields["locale"];
  return fullDocument({
    title: documentTitle(fields, isMdx ? text : "", plain),
    language: typeof language === "string" ? language : "",
    fields,
    hidden: hiddenIn(text),
    text: tidied(plain.replace(/^#\s+\{.*\}\s*$/m, "")),
  });
}

/** From its fields, from what its code exports, or its first heading. */
function documentTitle(
  fields: Readonly<Record<string, unknown>>,
  code: string,
  plain: string,
): string {
  const named = fields["title"];
  if (typeof named === "string" && named.trim() !== "") return named.trim();
  const exported = /^[ \t]*title:\s*(?<quote>["'`])(?<title>.*?)\k<quote>/m.exec(code)?.groups;
  const heading = /^# +(?<title>[^{\n]+)$/m.exec(plain)?.groups?.["title"] ?? "";
  return (exported?.["title"] ?? heading.replace(/(?<!#)#+$/, "")).trim();
}

/** Comments: a reader of the published page never sees them. */
function hiddenIn(text: string): string {
  return [...text.matchAll(/<!--(?<html>[\s\S]*?)(?:-->|$)|\{\/\*(?<mdx>[\s\S]*?)(?:\*\/\}|$)/g)]
    .map(({ groups }) => (groups?.["html"] ?? groups?.["mdx"] ?? "").trim())
    .join("\n");
}

/** A block of code that is never closed goes on to the end (CommonMark 4.5). */
const FENCED = /(^[ \t]*(?:```|~~~)[\s\S]*?(?:^[ \t]*(?:```|~~~)[ \t]*$|(?![\s\S])))/m;
const CODE = /(^[ \t]*(?:```|~~~)[\s\S]*?(?:^[ \t]*(?:```|~~~)[ \t]*$|(?![\s\S]))|`[^`\n]+`)/m;

/** Applies a change to everything but code. */
function outside(code: RegExp, text: string, change: (prose: string) => string): string {
  return text
    .split(code)
    .map((part, at) => (at % 2 === 1 ? part : change(part)))
    .join("");
}

async function withoutComponents(raw: RawDocument, text: string, depth: number): Promise<string> {
  const parts = new Map<string, string>();
  for (const { groups } of text.matchAll(
    /^import\s+(?<name>\w+)\s+from\s+["'](?<path>[^"']+\.mdx?)["'];?\s*$/gm,
  )) {
    const { name = "", path = "" } = groups ?? {};
    const at = path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(raw.path), path);
    const part = depth === 0 ? null : await raw.part(at);
    if (part !== null)
      parts.set(
        name,
        await withoutComponents({ ...raw, path: at }, splitFrontMatter(part).text, depth - 1),
      );
  }
  // Code of the file may hold backticks of its own, so it goes before code in a line is told apart.
  const prose = outside(FENCED, text, (part) =>
    part
      .replaceAll(/^import\s(?:(?!^import\s)[\s\S])*?from\s+["'][^"'\n]*["'];?[ \t]*$/gm, "")
      .replaceAll(
        /^export\s+(?:const|default|function|let)(?:(?!^export\s)[\s\S])*?^[}\])]?\)?;?[ \t]*\n(?=\n|$)/gm,
        "",
      ),
  );
  return outside(CODE, prose, (part) =>
    part
      .replaceAll(/\{\/\*[\s\S]*?(?:\*\/\}|$)/g, "")
      .replaceAll(/<(?<name>[A-Z]\w*)\s*\/>/g, (tag, name: string) => parts.get(name) ?? tag)
      // What a component is called names its step, card or tab: it is read like a heading.
      .replaceAll(
        /<[A-Z][\w.]*\b[^<>]*?\btitle=(?:"(?<a>[^"]*)"|\{?["'`](?<b>[^"'`]*)["'`]\}?)[^<>]*>/g,
        (_tag, a?: string, b?: string) => `\n**${a ?? b ?? ""}**\n`,
      )
      .replaceAll(/<\/?(?:[A-Z][\w.]*)(?:\s(?:[^<>{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)?\/?>/g, "")
      .replaceAll(/<\/?>/g, "")
      .replaceAll(/\{["'`](?<text>[^"'`{}]*)["'`]\}/g, "$<text>"),
  );
}

/** Comments, images and the HTML that Markdown allows, all as plain Markdown. */
function withoutMarkup(text: string): string {
  return text
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, "")
    .replaceAll(/!\[(?<alt>[^\][\n]*)\]\((?:(?!!\[)[^)\n])*\)/g, "$<alt>")
    .replaceAll(
      /<(?<name>table|details|ul|ol|dl)\b(?:(?!<\k<name>\b)[\s\S])*?<\/\k<name>>/gi,
      (html) => `\n\n${markdownOfHtml(html).text}\n\n`,
    )
    .replaceAll(/<\/?[a-z][a-z0-9-]*(?:\s[^<>]*)?\/?>/gi, "");
}

// The fields a Markdown file may begin with.

const Fields = z.record(z.string(), z.unknown());
/** Three dashes, the fields, three dashes, the page. */
const FRONT = /^\uFEFF?---[ \t]*\r?\n(?<fields>[\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)(?<text>[\s\S]*)$/;

/** Splits a file into its fields and the rest. Throws `Unreadable` where the fields are no YAML. */
function splitFrontMatter(file: string) {
  const { fields, text } = FRONT.exec(file)?.groups ?? {};
  if (fields === undefined || text === undefined) return { fields: {}, text: file };
  const parsed = Fields.nullable().safeParse(parsedYaml(fields));
  if (!parsed.success) throw new Unreadable("its front matter is not a list of fields with values");
  return { fields: parsed.data ?? {}, text };
}

/** Aliases are bounded by the library, so that a few lines cannot become gigabytes. */
function parsedYaml(fields: string): unknown {
  try {
    return parse(fields, { maxAliasCount: 20 });
  } catch (error) {
    throw new Unreadable(`its front matter cannot be read: ${reasonOf(error)}`);
  }
}
