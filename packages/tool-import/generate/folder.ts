/**
 * Writes the folder of a system's tools, whole or not at all: everything is put together beside it and then takes its
 * place. What a person changed since the last import stays; its text of then is kept in `.imported.json` to tell.
 */
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { difference, joined, type Unjoined } from "./join.ts";
import type { ListedTool } from "./system-files.ts";
import { fileName } from "./names.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";

const RECORD = ".imported.json";

const FileName = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,79}$/);
const Imported = z.strictObject({
  note: z.string(),
  document: z.string(),
  tools: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
      operation: z.string(),
      kind: z.enum(["read", "write", "money", "account"]),
      amount: z.string().nullable(),
      hasFind: z.boolean(),
    }),
  ),
  files: z.record(FileName, z.string()),
});
type Imported = z.infer<typeof Imported>;

const NOTE =
  "What the last import wrote, so that the next one can tell what a person changed. Keep it with the tools.";

/** What happened to one file. */
export interface WrittenFile {
  readonly name: string;
  readonly state: "new" | "changed" | "kept" | "same" | "deleted";
  /** What differs from what stood there, empty for a new file. */
  readonly difference: readonly string[];
  readonly unjoined: readonly Unjoined[];
}

/** What is to be written: the same for any list of tools, formatted. */
export interface Generated {
  readonly document: string;
  readonly tools: readonly ListedTool[];
  /** Operations that were named for this import: what a person deleted of their tools is made again, else it stays away. */
  readonly named: readonly string[];
  /** The files of these tools, and what all tools of the list share. */
  files(all: readonly ListedTool[]): Promise<ReadonlyMap<string, string>>;
}

/**
 * Writes the files into `folder`. Throws `input.invalid` and changes nothing when the folder holds files of someone
 * else's making where a file of ours would go, or when its record cannot be read.
 */
export async function writeFolder(
  folder: string,
  generated: Generated,
): Promise<readonly WrittenFile[]> {
  const standing = await filesIn(folder);
  const before = recordIn(standing, folder);
  const current = before.tools.filter(({ name }) => standing.has(`${fileName(name)}.ts`));
  const kept = current.filter(({ name }) => !generated.tools.some((tool) => tool.name === name));
  const deleted = deletedIn(standing, before, generated);
  const made = generated.tools.filter(({ name }) => !deleted.has(`${fileName(name)}.ts`));
  const all = await generated.files([...kept, ...made]);
  const files = new Map([...all].filter(([name]) => !deleted.has(name)));
  // The list as it was, without the tools a person has deleted: their lines went with them.
  const shared = current.length === before.tools.length ? null : await generated.files(current);
  // A list without a hand-made change is still that of the last import, with the deleted tools in it.
  const isTouched = (name: string): boolean => standing.get(name) !== before.files[name];
  const base = (name: string): string | undefined =>
    SHARED.has(name) && shared !== null && isTouched(name) ? shared.get(name) : before.files[name];
  refuseForeign(folder, standing, before, files);
  const results = [...files].map(([name, wanted]) =>
    joinedFile(name, standing.get(name), base(name), wanted),
  );
  await replace(folder, [
    ...results.map(({ written, text }) => [written.name, text] as const),
    [RECORD, recordText(before, { document: generated.document, all: [...kept, ...made] }, files)],
  ]);
  return [
    ...results.map(({ written }) => written),
    ...[...deleted]
      .filter((name) => !standing.has(name))
      .map((name) => ({
        name,
        state: "deleted" as const,
        difference: [],
        unjoined: [],
      })),
  ];
}

/** Files of these tools that an import made and a person took away; a tool without its file has no test either. */
function deletedIn(
  standing: ReadonlyMap<string, string>,
  before: Imported,
  { tools, named }: Generated,
): ReadonlySet<string> {
  const isGone = (file: string): boolean =>
    Object.hasOwn(before.files, file) && !standing.has(file);
  return new Set(
    tools.flatMap(({ name, operation }) => {
      if (named.includes(operation)) return [];
      const [file, test] = [`${fileName(name)}.ts`, `${fileName(name)}.test.ts`];
      if (isGone(file)) return [file, test].filter((one) => Object.hasOwn(before.files, one));
      return isGone(test) ? [test] : [];
    }),
  );
}

/** Files that depend on the list of tools and not on one of them. */
const SHARED: ReadonlySet<string> = new Set(["index.ts", "policy.yaml"]);

function joinedFile(
  name: string,
  standing: string | undefined,
  base: string | undefined,
  wanted: string,
): { readonly written: WrittenFile; readonly text: string } {
  if (standing === undefined)
    return { written: { name, state: "new", difference: [], unjoined: [] }, text: wanted };
  const { text, unjoined } = joined(base ?? standing, standing, wanted);
  const state = text !== standing ? "changed" : text === wanted ? "same" : "kept";
  const shown = state === "changed" ? difference(standing, text) : [];
  return { written: { name, state, difference: shown, unjoined }, text };
}

async function filesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new DeskhandError(
      "input.invalid",
      `${folder} is no folder that can be read; name another with --out.`,
      { cause: error },
    );
  });
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      files.map(async ({ name }) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}

function recordIn(standing: ReadonlyMap<string, string>, folder: string): Imported {
  const text = standing.get(RECORD);
  if (text === undefined) return { note: NOTE, document: "", tools: [], files: {} };
  const parsed = Imported.safeParse(jsonOrNull(text));
  if (parsed.success) return parsed.data;
  throw new DeskhandError(
    "input.invalid",
    `${join(folder, RECORD)} cannot be read, so hand-made changes could not be told apart; nothing was changed. Bring it back, or import into another folder with --name.`,
  );
}

function refuseForeign(
  folder: string,
  standing: ReadonlyMap<string, string>,
  before: Imported,
  files: ReadonlyMap<string, string>,
): void {
  const foreign = [...files.keys()].filter((name) => standing.has(name) && !(name in before.files));
  if (foreign.length > 0)
    throw new DeskhandError(
      "input.invalid",
      `${folder} has files that no import made: ${foreign.join(", ")}. Nothing was changed. Move them away, or import into another folder with --name.`,
    );
}

function recordText(
  before: Imported,
  { document, all }: { readonly document: string; readonly all: readonly ListedTool[] },
  files: ReadonlyMap<string, string>,
): string {
  // What a person deleted is remembered, or the next import would take it for new.
  const earlier = Object.entries(before.files);
  const record: Imported = {
    note: NOTE,
    document,
    tools: all.map((tool) => ({ ...tool })).toSorted((left, right) => order(left.name, right.name)),
    files: Object.fromEntries([...new Map([...earlier, ...files])].toSorted(byName)),
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** The record is the same whatever was imported first. */
function byName([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return order(left, right);
}

function order(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

/** Beside the folder and on the same disk, so that taking its place is one step. */
async function replace(
  folder: string,
  files: readonly (readonly [string, string])[],
): Promise<void> {
  const beside = (what: string): string =>
    join(dirname(folder), `.${basename(folder)}-${what}-${process.pid}`);
  const [fresh, old] = [beside("new"), beside("old")];
  await mkdir(dirname(folder), { recursive: true });
  try {
    const existed = await copied(folder, fresh);
    for (const [name, text] of files) await writeFile(join(fresh, name), text);
    if (existed) await rename(folder, old);
    await rename(fresh, folder);
  } catch (error) {
    await rename(old, folder).catch(() => undefined);
    throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

/** Copies the folder with everything in it, or makes an empty one; true when there was one. */
async function copied(folder: string, fresh: string): Promise<boolean> {
  try {
    await cp(folder, fresh, { recursive: true, errorOnExist: true, force: false });
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    await mkdir(fresh);
    return false;
  }
}
