/** Writes the folder of a system, tells what happened to each file, and what is left to do. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { BUILT_IN_TOOLS } from "#core/values/action.ts";
import { invalidInput } from "#core/values/errors.ts";
import { policyOperation, toolFileName } from "#importing/plan/tool-file.ts";
import { checkDeclaration } from "#systems/check-declaration.ts";
import type { SystemTool, WriteDeclaration } from "#systems/contract.ts";
import { isToolFile, POLICY_FILE, readSystem } from "#systems/declaration-files.ts";
import type { ImportPlace } from "./import-tools.ts";
import { type DeclarationFile, fileText, withDigest, writeFiles } from "./write-files.ts";

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
