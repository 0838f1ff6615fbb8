/** The fields a Markdown file may begin with. */
import { parse } from "yaml";
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import { Unreadable } from "./document.ts";

const Fields = z.record(z.string(), z.unknown());
/** Three dashes, the fields, three dashes, the page. */
const FRONT = /^\uFEFF?---[ \t]*\r?\n(?<fields>[\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)(?<text>[\s\S]*)$/;

/** Splits a file into its fields and the rest. Throws `Unreadable` where the fields are no YAML. */
export function frontMatterOf(file: string): {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
} {
  const { fields, text } = FRONT.exec(file)?.groups ?? {};
  if (fields === undefined || text === undefined) return { fields: {}, text: file };
  const parsed = Fields.nullable().safeParse(yamlOf(fields));
  if (!parsed.success) throw new Unreadable("its front matter is not a list of fields with values");
  return { fields: parsed.data ?? {}, text };
}

/** Aliases are bounded by the library, so that a few lines cannot become gigabytes. */
function yamlOf(fields: string): unknown {
  try {
    return parse(fields, { maxAliasCount: 20 });
  } catch (error) {
    throw new Unreadable(`its front matter cannot be read: ${reasonOf(error)}`);
  }
}
