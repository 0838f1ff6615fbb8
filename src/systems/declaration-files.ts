/** The files of one system: its connection or database, and a tool in each other one. Nothing in them is run. */

import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { Connection, SystemTool } from "./contract.ts";
import { Database } from "./sql/declaration.ts";

/** Files that every other one of a folder shares. */
export const CONNECTION_FILE = "connection.yaml";
export const DATABASE_FILE = "database.yaml";
/** Lines for the policy, which no tool is made of. */
export const POLICY_FILE = "policy.yaml";

const CHARACTERS_MAX = 500_000;

/** A tool, and where each part of it stands. */
interface DeclaredTool {
  readonly file: string;
  readonly tool: SystemTool;
  /** "file:line: tool: field: reason" for something that is wrong with it. */
  readonly inWords: (field: string, reason: string) => string;
}

/** The tools of a folder, and every mistake in its files as a line that names file, line and field. */
export interface ReadSystem {
  readonly tools: readonly DeclaredTool[];
  readonly problems: readonly string[];
}

/** Whether a file of this name holds a tool. */
export function isToolFile(name: string): boolean {
  return (
    name.endsWith(".yaml") &&
    !name.endsWith(".new.yaml") &&
    ![CONNECTION_FILE, DATABASE_FILE, POLICY_FILE].includes(name)
  );
}

/** Reads the files of one folder, by their names. A mistake in what they share keeps all of them from being tools. */
export function readSystem(files: ReadonlyMap<string, string>): ReadSystem {
  const [connection, database] = [
    shared(files, CONNECTION_FILE, Connection),
    shared(files, DATABASE_FILE, Database),
  ];
  const wrong = [...connection.problems, ...database.problems];
  if (wrong.length > 0) return { tools: [], problems: wrong };
  const read = [...files]
    .filter(([name]) => isToolFile(name))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, text]) => readTool(openFile(name, text), connection.value, database.value));
  return {
    tools: read.flatMap(({ tools }) => tools),
    problems: read.flatMap(({ problems }) => problems),
  };
}

function shared<Kind>(
  files: ReadonlyMap<string, string>,
  name: string,
  form: z.ZodType<Kind>,
): { readonly value: Kind | null; readonly problems: readonly string[] } {
  const text = files.get(name);
  if (text === undefined) return { value: null, problems: [] };
  const file = openFile(name, text);
  if (file.broken.length > 0) return { value: null, problems: file.broken };
  const parsed = form.safeParse(file.content);
  return parsed.success
    ? { value: parsed.data, problems: [] }
    : { value: null, problems: formProblems(parsed.error, file, "") };
}

/** A line for everything that is wrong with the form of a file; nothing is said of what it means. */
function formProblems({ issues }: z.ZodError, file: OpenFile, tool: string): readonly string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    return issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => problemLine(file, tool, [...path, key], "there is no such part"))
      : [problemLine(file, tool, path, issue.message)];
  });
}

const Named = z.looseObject({ kind: z.string(), name: z.string().optional() });

function readTool(
  file: OpenFile,
  connection: Connection | null,
  database: Database | null,
): ReadSystem {
  const { name: fileName, content, broken } = file;
  if (broken.length > 0) return { tools: [], problems: broken };
  const named = Named.safeParse(content);
  const isSql = named.success && named.data.kind === "sql-read";
  const system = isSql ? database : connection;
  if (system === null) {
    const missing = isSql ? DATABASE_FILE : CONNECTION_FILE;
    return { tools: [], problems: [`${fileName}: there is no ${missing} beside it`] };
  }
  const whole = z.record(z.string(), z.unknown()).safeParse(content);
  const parsed = SystemTool.safeParse(
    whole.success ? { ...whole.data, [isSql ? "database" : "connection"]: system } : content,
  );
  const name = named.data?.name ?? "";
  if (!parsed.success) return { tools: [], problems: formProblems(parsed.error, file, name) };
  const inWords = (field: string, reason: string): string =>
    problemLine(file, name, field.split("."), reason);
  return { tools: [{ file: fileName, tool: parsed.data, inWords }], problems: [] };
}

/** One file as it was read: its content, or what keeps it from being read. */
interface OpenFile {
  readonly name: string;
  readonly content: unknown;
  readonly broken: readonly string[];
  /** The line on which a part of it stands, or the last one above it that is there. */
  readonly lineAt: (path: readonly string[]) => number;
}

/** Opens a file by its text. What repeats parts by reference is broken: a few lines could stand for more than memory holds. */
export function openFile(name: string, text: string): OpenFile {
  const unread = (reason: string): OpenFile => ({
    name,
    content: null,
    broken: [`${name}${reason}`],
    lineAt: () => 1,
  });
  if (text.length > CHARACTERS_MAX) return unread(": is longer than 500,000 characters");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined)
    return unread(`:${lines.linePos(error.pos[0]).line}: ${error.message.split("\n")[0] ?? ""}`);
  try {
    const content: unknown = document.toJS({ maxAliasCount: 0 });
    const lineAt = (path: readonly string[]): number =>
      lines.linePos(offsetAt(document.contents, path)).line;
    return { name, content, broken: [], lineAt };
  } catch {
    return unread(": repeats parts by reference (`*name`); write them out");
  }
}

function offsetAt(root: unknown, path: readonly string[]): number {
  let [node, offset] = [root, 0];
  for (const name of path) {
    if (!isMap(node)) break;
    const pair = node.items.find(
      ({ key }) => isScalar(key) && [name, `${name}?`].includes(String(key.value)),
    );
    if (pair === undefined || !isScalar(pair.key)) break;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}

function problemLine(
  { name, lineAt }: OpenFile,
  tool: string,
  path: readonly string[],
  reason: string,
): string {
  const parts = [`${name}:${lineAt(path)}`, tool, path.join("."), reason];
  return parts.filter((part) => part !== "").join(": ");
}
