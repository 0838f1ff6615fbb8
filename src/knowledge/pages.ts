/** Reads help pages from Markdown files. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { PageAttributes } from "#core/contracts/knowledge.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { ATTRIBUTE_FIELDS, attributesFrom } from "./attributes.ts";

/** One help page as written. */
export interface Page extends PageAttributes {
  /** The name of its file without the extension; the first half of the ids of its passages. */
  readonly slug: string;
  readonly title: string;
  readonly url: string;
  /** A date, such as 2026-09-14. */
  readonly updated: string;
  /** Markdown without the front matter. */
  readonly text: string;
}

const FrontMatter = z.strictObject({
  title: z.string().trim().min(1).max(200),
  url: z.url({ protocol: /^https$/ }),
  updated: z.iso.date(),
  ...ATTRIBUTE_FIELDS,
});

/** Three dashes, the fields, three dashes, the page. */
const FILE = /^---\r?\n(?<fields>[\s\S]*?)\r?\n---\r?\n(?<text>[\s\S]*)$/;

/**
 * Reads every `.md` file of a folder, in the order of names. A page that cannot be read stops the start and is named
 * with the field (`config.invalid`): a silently missing help page would cause wrong escalations.
 */
export async function readPages(folder: string): Promise<readonly Page[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md")).toSorted();
  return Promise.all(
    names.map(async (name) => parsedPage(name, await readFile(join(folder, name), "utf8"))),
  );
}

/** Parses one file. Throws `config.invalid`. */
export function parsedPage(name: string, file: string): Page {
  const { fields, text } = FILE.exec(file)?.groups ?? {};
  if (fields === undefined || text === undefined)
    throw invalid(name, "it has to begin with front matter between two lines of three dashes");
  const parsed = FrontMatter.safeParse(parsedFrontMatter(name, fields));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(name, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  const { title, url, updated, ...rest } = parsed.data;
  return { slug: name.replace(/\.md$/, ""), title, url, updated, ...attributesFrom(rest), text };
}

/** YAML's `core` schema keeps `2026-09-14` as text. */
function parsedFrontMatter(name: string, fields: string): unknown {
  try {
    return parse(fields);
  } catch (error) {
    throw invalid(name, reasonOf(error));
  }
}

function invalid(name: string, reason: string): DeskhandError {
  return new DeskhandError("config.invalid", `The help page ${name} cannot be read: ${reason}.`);
}
