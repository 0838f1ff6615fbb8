/** Writes the folder of a system, tells what happened to each file, and what is left to do. */
import { readdir, readFile, mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Document, isScalar, parseDocument, visit } from "yaml";
import { BUILT_IN_TOOLS } from "#core/values/action.ts";
import { invalidInput, DeskhandError, errorCode, reasonOf } from "#core/values/errors.ts";
import { policyOperation, toolFileName } from "#importing/plan/tool-file.ts";
import { checkDeclaration } from "#systems/check-declaration.ts";
import type { SystemTool, WriteDeclaration } from "#systems/contract.ts";
import { isToolFile, POLICY_FILE, readSystem } from "#systems/declaration-files.ts";
import type { ImportPlace } from "./import-tools.ts";
import { digest } from "#core/values/canonical-json.ts";
import { type DiffLine, lineDifference } from "#text/diff.ts";

/** Where the tools of a system go: a folder of its name in the folder of all systems. */
export interface SystemPlace {
  readonly out: string;
  readonly name: string;
}

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** Throws `input.invalid` for a name that no folder of a system may have. */
export function requireName(name: string): void {
  if (!NAME.test(name))
    throw invalidInput(`--name ${name}: a name has small letters, digits and hyphens, 40 at most.`);
}

/** A tool that is to be written, and the operation or the table that it is made of. */
export interface NamedTool {
  readonly name: string;
  readonly source: { readonly operation: string };
  readonly kind: SystemTool["kind"];
}

/** Throws `input.invalid` for tools of which two would have one name, or one that the folder needs itself. */
export function requireOwnNames(tools: readonly NamedTool[]): void {
  const problems: string[] = [];
  const seen = new Map<string, string>();
  for (const { name, source, kind } of tools) {
    const { operation } = source;
    const file = toolFileName(name);
    if (!isToolFile(file))
      problems.push(
        `${operation}.tool: no tool can be called ${name}, because the folder has a file of that name`,
      );
    const names = [file, ...(kind === "write" ? [`policy ${policyOperation(name)}`] : [])];
    const other = names.map((one) => seen.get(one)).find((one) => one !== undefined);
    if (other !== undefined)
      problems.push(
        `${operation}.tool: ${name} would have the same name as the tool of ${other}; give one of them another name`,
      );
    for (const one of names) seen.set(one, operation);
  }
  if (problems.length > 0) throw invalidInput(`Nothing was written:\n${problems.join("\n")}`);
}

/**
 * Writes the files, and the lines that the policy needs for all tools of the folder, and says what is left to do with the
 * names of these settings. A tool that `tools check` would refuse is not written, and told; then it throws
 * `input.invalid` in the end.
 */
export async function writeSystem(
  system: SystemPlace,
  files: readonly DeclarationFile[],
  settings: readonly string[],
  place: ImportPlace,
): Promise<void> {
  const { out, name } = system;
  const path = resolve(place.folder, out, name);
  const texts = new Map(files.map((file) => [file.name, fileText(file)] as const));
  const wrong = wrongFiles(new Map([...(await filesIn(path)), ...texts]), texts);
  const kept = new Map([...texts].filter(([file]) => !wrong.has(file)));
  const hasChanges = await writeSystemFiles(path, name, kept, place);
  for (const { file } of readSystem(await filesIn(path)).tools)
    if (!texts.has(file))
      place.print(`  ${file}: from before, still in use; remove it if it is not wanted`);
  for (const line of [...wrong.values()].flat()) place.print(`  not written: ${line}`);
  const policy = hasChanges ? join(relative(place.folder, path), POLICY_FILE) : null;
  for (const line of nextSteps(policy, system, settings, place)) place.print(line);
  if (wrong.size > 0)
    throw invalidInput(
      `${wrong.size} of the tools would be refused by \`tools check\`; see above.`,
    );
}

/** Every reason for which a tool of these texts would be refused, by its file. */
function wrongFiles(
  files: ReadonlyMap<string, string>,
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  const { tools } = readSystem(files);
  const declarations = tools.map(({ tool }) => tool);
  const checked = tools.map(({ file, tool, inWords }) => {
    const found = checkDeclaration(tool, { declarations, builtInTools: BUILT_IN_TOOLS });
    return [file, found.map((one) => inWords(...one))] as const;
  });
  return new Map(checked.filter(([file, lines]) => texts.has(file) && lines.length > 0));
}

/** Writes texts by the names of their files, and what the policy needs of all that stands there then. */
export async function writeSystemFiles(
  path: string,
  name: string,
  texts: ReadonlyMap<string, string>,
  place: ImportPlace,
): Promise<boolean> {
  const written = await writeFiles(path, texts);
  const { tools, problems } = readSystem(await filesIn(path));
  const lines = policyLines(
    tools.map(({ tool }) => tool),
    name,
  );
  const policy =
    lines === null ? [] : await writeFiles(path, new Map([[POLICY_FILE, withDigest(lines)]]));
  place.print(`${path}:`);
  for (const line of [...written, ...policy]) place.print(line);
  for (const problem of problems) place.print(`  cannot be used: ${problem}`);
  return lines !== null;
}

/** The tools that stand in the folder of a system; none where there is none yet. */
export async function standingTools(
  { out, name }: SystemPlace,
  place: ImportPlace,
): Promise<readonly SystemTool[]> {
  const { tools } = readSystem(await filesIn(resolve(place.folder, out, name)));
  return tools.map(({ tool }) => tool);
}

async function filesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const all = await readdir(folder).catch(() => []);
  const names = all.filter((name) => name.endsWith(".yaml"));
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}

/** What is left to do by hand, with the names of the settings; `policy` is the file with lines for it, if there is one. */
function nextSteps(
  policy: string | null,
  { out }: SystemPlace,
  settings: readonly string[],
  { setting }: ImportPlace,
): readonly string[] {
  const before = (setting?.("TOOLS") ?? "").split(",").map((name) => name.trim());
  const others = before.filter((name) => name !== "" && `${name}/`.startsWith(`${out}/`) === false);
  return [
    "Next:",
    "  1. Read the files.",
    `  2. Set in .env: ${[`TOOLS=${[...others, out].join(",")}`, ...settings].join(", ")}.`,
    ...(policy === null
      ? []
      : [
          `  3. Copy the lines of ${policy} below \`operations:\` of your policy file, the one that DESKHAND_POLICY names.`,
        ]),
    "  Then `npm run -s deskhand -- tools check` asks the system once and changes nothing.",
  ];
}

// Lines for the policy: a rule that asks a person, for every change that the tools of a folder declare.

/** Null where the tools only look things up. Only our own words and checked names stand in it. */
function policyLines(tools: readonly SystemTool[], system: string): string | null {
  const writes = tools.filter((tool) => tool.kind === "write");
  if (writes.length === 0) return null;
  return [
    `# Lines for the policy: what the tools of ${system} may change. Copy them below \`operations\`.`,
    "# Each asks a person. A promotion is a rule above it, as the policy file itself explains.",
    "operations:",
    ...writes.flatMap(ruleLines),
    "",
  ].join("\n");
}

function ruleLines({ operation, money, find }: WriteDeclaration): readonly string[] {
  return [
    `  ${operation}:`,
    "    level: 2",
    "    rules:",
    ...(money === undefined
      ? []
      : [
          "      # Small amounts could happen by themselves; limits say how often:",
          "      # - name: small",
          "      #   verdict: allow",
          "      #   up_to: 10.00",
          "      #   reason: Small amounts are paid back at once.",
        ]),
    ...(find.by === "nothing"
      ? [
          "      # A lost answer cannot be found out here, so people have to decide: never `allow` this.",
        ]
      : []),
    "      - name: every",
    "        verdict: ask",
    `        reason: Every ${money === undefined ? "such change" : "movement of money"} is approved by a person.`,
  ];
}

// The files. Each begins with a digest of what follows, so that the next import can tell what a person changed: such a file
// is left alone, and what the import would have written stands beside it.

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
async function writeFiles(
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
