/** Markdown files as Notion exports them: ids in their names and links, properties below the title. */
import { fieldsOf, type Property } from "./exported-fields.ts";

/** The end of a file's or a folder's name: a space and 32 hexadecimal digits. */
const ID = /[ _-][0-9a-f]{32}$/;
const PROPERTY = /^(?<name>[^\s:#>*[\]-][^:\n]{0,59}):[ \t]+(?<value>\S.*)$/;

/** A name without Notion's id; any other name as it is. */
export function withoutNotionId(name: string): string {
  return name.replace(ID, "");
}

/** Whether the file is one of Notion's, by its name. */
export function isNotionFile(path: string): boolean {
  return ID.test(path.replace(/\.\w+$/, ""));
}

/** Takes a file apart: what its properties say, and its text. Throws `Unreadable` for drafts. */
export function readNotionMarkdown(file: string): {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
} {
  const [first = "", ...rest] = file.replaceAll("\r\n", "\n").split("\n");
  const isTitled = /^\uFEFF?# /.test(first);
  const start = rest.findIndex((line) => line.trim() !== "");
  const properties: Property[] = [];
  let at = Math.max(0, start);
  while (isTitled && at < rest.length) {
    const { name, value } = PROPERTY.exec(rest[at] ?? "")?.groups ?? {};
    if (name === undefined || value === undefined) break;
    properties.push([name, value]);
    at += 1;
  }
  // Properties end with an empty line; a sentence with a colon at the beginning of a page does not make it one.
  const ends = (rest[at] ?? "").trim() === "" && properties.length > 0;
  if (!ends) return { fields: {}, text: withoutFiles(file) };
  const { fields, texts } = fieldsOf(properties);
  const answers = texts.flatMap(([name, value]) => [`**${name}**`, "", value, ""]);
  const body = [first, "", ...answers, ...rest.slice(at)].join("\n");
  return { fields, text: withoutFiles(body) };
}

/** Pictures named by their files say nothing, and links from page to page lead to files that no reader has. */
function withoutFiles(text: string): string {
  return text
    .replaceAll(/!\[[^\][\n]*\]\((?!https?:)(?:(?!!\[)[^)\n])*\)/g, "")
    .replaceAll(
      /\[([^\][\n]*)\]\((?!https?:|mailto:|tel:)((?:(?!\]\()[^)\n])*)\)/g,
      (link, words: string, file: string) => (/[0-9a-f]{32}/.test(file) ? words : link),
    );
}
