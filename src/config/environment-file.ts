/** Reads and writes `.env`, the file with the variables that `deskhand init` found out. */

import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { reasonOf, invalidConfig } from "#core/values/errors.ts";

/** Its name in the folder Deskhand is started from. */
const ENVIRONMENT_FILE = ".env";

/** The variable that names another file; an absolute path, or one from the folder Deskhand is started from. */
const NAME_VARIABLE = "DESKHAND_ENV_FILE";

/** More than this is no file of settings. */
const BYTES_MAX = 256 * 1024;

/** Rights of the group and of other users. */
const OTHERS = 0o077;

/** Variables by name, as a file or a shell has them. */
export type Variables = Readonly<Partial<Record<string, string>>>;

/** The variables that have a value; an empty one counts as not set. Those of a proxy count in small letters first, as for curl. */
export function setVariables(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const proxy = {
    HTTPS_PROXY: environment["https_proxy"]?.trim() || environment["HTTPS_PROXY"],
    NO_PROXY: environment["no_proxy"]?.trim() || environment["NO_PROXY"],
  };
  return Object.fromEntries(
    Object.entries({ ...environment, ...proxy }).flatMap(([name, value = ""]) =>
      value.trim() === "" ? [] : [[name, value]],
    ),
  );
}

/** The path of the file that belongs to this environment and folder. */
export function environmentFilePath(environment: NodeJS.ProcessEnv, folder: string): string {
  const named = environment[NAME_VARIABLE]?.trim() ?? "";
  return resolve(folder, named === "" ? ENVIRONMENT_FILE : named);
}

/**
 * The environment with the file's variables in it. What is set outside the file wins, so that a supervisor or a single
 * command can override a line. Engines of containers pass the quotes of a file on as a part of the value, so they are
 * taken away. A missing file adds nothing; an unreadable one is a `config.invalid`, because a process
 * without its settings would start the sandbox.
 */
export function withEnvironmentFile(
  environment: NodeJS.ProcessEnv,
  folder: string,
): NodeJS.ProcessEnv {
  const kept = readVariables(environmentFilePath(environment, folder));
  const set = Object.entries(setVariables(environment));
  return { ...kept, ...Object.fromEntries(set.map(([name, value]) => [name, unquoted(value)])) };
}

const QUOTES: readonly string[] = ["'", '"', "`"];

function unquoted(value: string): string {
  const isQuoted = QUOTES.some((mark) => value.startsWith(mark) && value.endsWith(mark));
  return isQuoted && value.length > 1 ? value.slice(1, -1) : value;
}

/**
 * The variables of the file at `path`; none where there is no file. A line that would be read as something else than it
 * says is a `config.invalid`.
 */
export function readVariables(path: string): Variables {
  const { settings, problems } = settingsIn(readText(path));
  if (problems.length > 0)
    throw invalidConfig(problems.map((problem) => `${path}, ${problem}`).join("\n"));
  return settings;
}

/** Comments, and names whose value the shell has; one in small letters may be the rest of a secret. */
const NO_VALUE = /^\s*(?:[#;]|$|export\s+\w+\s*$|[A-Z][A-Z\d_]*\s*$)/;
const SETTING = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=(.*)$/s;

/**
 * What a text sets, and what `parseEnv` would pass over without a word. A line that is no setting may be the rest of a
 * secret, and is not repeated.
 */
function settingsIn(text: string) {
  const problems: string[] = [];
  const settings: string[] = [];
  const lines = text.split(/\r?\n/);
  for (let place = 0; place < lines.length; place += 1) {
    const line = lines[place] ?? "";
    if (NO_VALUE.test(line)) continue;
    const [, name, value = ""] = SETTING.exec(line) ?? [];
    if (name === undefined) {
      problems.push(`line ${place + 1}: it is no setting; put a value of several lines in quotes`);
      continue;
    }
    const { further, isWhole } = valueEnd(value, lines.slice(place + 1));
    if (!isWhole)
      problems.push(`line ${place + 1}, ${name}: the value would be cut off; put it in quotes`);
    // `parseEnv` would take the next line for a value of blanks alone.
    settings.push(`${name}=${value.trimStart()}`, ...lines.slice(place + 1, place + 1 + further));
    place += further;
  }
  return { settings: parseEnv(settings.join("\n")), problems };
}

/** How many further lines a value has, and whether nothing of it is lost: what stands behind its quotes, or behind a `#`. */
function valueEnd(
  value: string,
  below: readonly string[],
): { readonly further: number; readonly isWhole: boolean } {
  const start = value.trimStart();
  const mark = start.slice(0, 1);
  const quoted = QUOTES.includes(mark) ? [start.slice(1), ...below] : [];
  const further = quoted.findIndex((line) => line.includes(mark));
  const last = quoted[further];
  if (last === undefined) return { further: 0, isWhole: !/^(?:#\S|[^#]*[^\s#]#)/.test(value) };
  return { further, isWhole: /^\s*(?:#|$)/.test(last.slice(last.indexOf(mark) + 1)) };
}

/** The text of a file of settings. Throws with what is wrong with it, without its path. */
export function settingsText(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error("there is no such file");
  if (stats.isDirectory()) throw new Error("it is no file");
  if (stats.size > BYTES_MAX) throw new Error("it is larger than 256 KB");
  return readFileSync(path, "utf8");
}

function readText(path: string): string {
  try {
    // A folder that may not be entered is no missing file.
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return "";
    // Editors put marks at the beginning and the end.
    return settingsText(path)
      .replace(/^\uFEFF/, "")
      .replaceAll("\u001A", "");
  } catch (cause) {
    throw invalidConfig(`${path} cannot be read: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** A part of the file: a heading and the variables below it, in order. */
export interface VariableGroup {
  readonly heading: string;
  readonly variables: readonly (readonly [name: string, value: string])[];
}

/** What writing would do, for a person to read first. Values of secrets are in `text` alone. */
export interface FilePlan {
  readonly path: string;
  readonly text: string;
  readonly added: readonly string[];
  readonly changed: readonly ChangedVariable[];
}

/** A variable that the file has with another value. Both values are null for a secret. */
interface ChangedVariable {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * The file with these variables in it. Lines that are there stay, with their comments; a changed variable is changed in
 * its line; new ones follow at the end under the heading of their group.
 */
export function planVariables(path: string, groups: readonly VariableGroup[]): FilePlan {
  const before = readText(path);
  const known = settingsIn(before).settings;
  const wanted = groups.flatMap(({ variables }) => variables);
  const isKnown = ([name]: readonly [string, string]): boolean => known[name] !== undefined;
  const changed = wanted.filter((one) => isKnown(one) && known[one[0]] !== one[1]);
  const added = wanted.filter((one) => !isKnown(one));
  const kept = changed.reduce((text, [name, value]) => withValue(text, name, value), before);
  const blocks = groups.flatMap(({ heading, variables }) => {
    const lines = variables
      .filter((one) => !isKnown(one))
      .map(([name, value]) => line(name, value));
    return lines.length === 0 ? [] : [`# ${heading}\n${lines.join("\n")}\n`];
  });
  const start = kept === "" || kept.endsWith("\n") ? kept : `${kept}\n`;
  return {
    path,
    text: [...(start === "" ? [] : [start]), ...blocks].join("\n"),
    added: added.map(([name]) => name),
    changed: changed.map(([name, after]) => ({
      name,
      before: isSecret(name) ? null : (known[name] ?? ""),
      after: isSecret(name) ? null : after,
    })),
  };
}

/** Writes the planned file under another name first, readable by its owner only, so that no reader sees half of it. */
export function writeVariables({ path, text }: FilePlan): void {
  const temporary = `${path}.part`;
  writeFileSync(temporary, text, { mode: 0o600 });
  // The mode above holds for a new file only.
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}

/** Whether other users of this machine have rights to the file or folder; false where there is none. */
export function isOpenToOthers(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  // Windows has no such rights, and reports all of them as given; a device holds nothing.
  if (stats === undefined || process.platform === "win32") return false;
  return (stats.isFile() || stats.isDirectory()) && (stats.mode & OTHERS) !== 0;
}

/** Takes the rights of all other users from the file. */
export function closeFile(path: string): void {
  chmodSync(path, 0o600);
}

/** Whether the value of this variable is never shown. An address of a database or proxy has its password in it. */
export function isSecret(name: string): boolean {
  return /(?:TOKEN|SECRETS?|PASS|_KEY)$|^(?:DATABASE|REDIS)_URL$|^HTTPS_PROXY$|^S3_ACCESS_KEY_ID$/.test(
    name,
  );
}

/** What else is written in the place of a number or a choice may be a secret under a wrong name. */
const SHOWN = /^[\w.:-]{1,12}$/;

/** A problem with what was written; never a secret, nor a value that may be one under a wrong name. */
export function withWritten(problem: string, set: Variables, schemas: z.ZodRawShape): string {
  const name = problem.slice(0, problem.indexOf(":"));
  const { [name]: written = "" } = set;
  const { [name]: schema = z.never() } = schemas;
  const { type, enum: choices } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  if (choices === undefined && type !== "number" && type !== "integer") return problem;
  const isSecretToo = Object.keys(set).some((one) => isSecret(one) && set[one] === written);
  return SHOWN.test(written) && !isSecretToo ? `${problem}; it is “${written}”` : problem;
}

function withValue(text: string, name: string, value: string): string {
  const pattern = new RegExp(`^(?:export[ \\t]+)?${name}[ \\t]*=.*$`, "gm");
  const found = text.match(pattern) ?? [];
  // A value over several lines cannot be replaced by its first line, so the last assignment, which counts, is added.
  if (found.length === 0 || parseEnv(found.join("\n"))[name] !== parseEnv(text)[name])
    return `${text}${text.endsWith("\n") ? "" : "\n"}${line(name, value)}\n`;
  return text.replace(pattern, () => line(name, value));
}

/**
 * `NAME=value`, quoted where a reader of the file would otherwise read another value: this program, systemd, compose, or
 * an engine of containers, of which `withEnvironmentFile` takes the quotes away. Single ones come first: they alone keep
 * "$" and "\\" for all of them. A value with both kinds is as this program reads it.
 */
function line(name: string, value: string): string {
  const isPlain = value === value.trim() && !/[^\S ]|['"`\\$#]/.test(value);
  const found = ["", ...QUOTES]
    .slice(isPlain ? 0 : 1)
    .map((quote) => `${name}=${quote}${value}${quote}`)
    .find((form) => parseEnv(form)[name] === value);
  if (found === undefined || unquoted(value) !== value)
    throw invalidConfig(
      `${name}: cannot be written into a file of variables that every program reads alike; it has quotation marks at both ends or every kind of them`,
    );
  return found;
}
