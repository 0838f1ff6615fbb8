/** Loads the folders of tools for your own systems, and makes the one client of each of their connections. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { invalidConfig } from "#core/values/errors.ts";
import { type Allowances, inProcessAllowances } from "#core/connection/rate-limit.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { checkDeclaration } from "#systems/check-declaration.ts";
import type { Connection, SystemTool } from "#systems/contract.ts";
import {
  CONNECTION_FILE,
  DATABASE_FILE,
  readSystem,
  type ReadSystem,
} from "#systems/declaration-files.ts";
import { type SystemClient, systemClient } from "#systems/http/client.ts";
import type { AskingPorts } from "#systems/ask-once.ts";
import { sqlClients } from "#systems/sql/open.ts";
import type { Breakers } from "./circuit-breakers.ts";
import type { SystemSettings } from "#systems/http/authentication.ts";
import { listTools } from "#systems/mcp/list-tools.ts";

/** What a folder of tools of an earlier version has. */
const PROGRAM_INDEX = "index.ts";

/**
 * The declarations of all folders, checked together before anything is called; none without a folder. A folder holds one
 * system, or a folder for each. Throws `config.invalid` with every problem in one message, by folder, file, line and field.
 */
export function readTools(
  folders: readonly string[],
  builtInTools: readonly string[],
): readonly SystemTool[] {
  const read = folders
    .flatMap(systemFolders)
    .map((folder) => ({ folder, ...readSystem(filesIn(folder)) }));
  const declarations = read.flatMap(({ tools }) => tools.map(({ tool }) => tool));
  const isFormed = read.every(({ problems }) => problems.length === 0);
  const lines = read.flatMap(({ folder, tools, problems }) =>
    (isFormed ? meaningProblems(tools, declarations, builtInTools) : problems).map(
      (line) => `  - ${join(folder, line)}`,
    ),
  );
  const all = [...lines, ...(isFormed ? sharedNames(declarations) : [])];
  if (all.length === 0) return declarations;
  throw invalidConfig(
    `TOOLS: the tools in ${folders.join(", ")} have ${all.length} problem(s), and none of them is used:\n${all.join("\n")}`,
  );
}

function meaningProblems(
  tools: ReadSystem["tools"],
  declarations: readonly SystemTool[],
  builtInTools: readonly string[],
): readonly string[] {
  return tools.flatMap(({ tool, inWords }) =>
    checkDeclaration(tool, { declarations, builtInTools }).map((found) => inWords(...found)),
  );
}

/** The folder itself where it holds a system, and each folder inside it that does where not. */
function systemFolders(folder: string): readonly string[] {
  if (isSystem(folder)) return [folder];
  if (existsSync(join(folder, PROGRAM_INDEX)))
    throw invalidConfig(
      `TOOLS: the tools in ${folder} are programs of an earlier version; \`deskhand tools import convert ${folder}\` writes them as YAML files once`,
    );
  const inside = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.startsWith("."))
        .map((name) => join(folder, name))
    : [];
  const systems = inside.filter(isSystem).toSorted();
  if (systems.length > 0) return systems;
  throw invalidConfig(
    `TOOLS: there is no ${CONNECTION_FILE} and no ${DATABASE_FILE} in ${folder}, nor in a folder inside it`,
  );
}

function isSystem(folder: string): boolean {
  return [CONNECTION_FILE, DATABASE_FILE].some((name) => existsSync(join(folder, name)));
}

function filesIn(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** One client serves a connection by its name, so two systems of one name would be asked with the secrets of one. */
function sharedNames(declarations: readonly SystemTool[]): readonly string[] {
  const seen = new Map<string, string>();
  const twice = declarations.flatMap((one) => {
    if (one.kind === "sql-read") return [];
    const said = JSON.stringify(one.connection);
    const before = seen.get(one.connection.name) ?? said;
    seen.set(one.connection.name, before);
    return before === said ? [] : [one.connection.name];
  });
  return [...new Set(twice)].map(
    (name) =>
      `  - two different systems are called ${name}; give one another name in its ${CONNECTION_FILE}`,
  );
}

/** What the tools are carried out with: one client for each connection, made when it is first asked. */
export function systemPorts(
  declarations: readonly SystemTool[],
  options: {
    readonly settings: SystemSettings;
    readonly breakers: Pick<Breakers, "system">;
    readonly allowances: Allowances | undefined;
    readonly clock: Clock;
    readonly log: Log;
  },
): AskingPorts {
  const { settings, breakers, clock, log } = options;
  const allowances = options.allowances ?? inProcessAllowances();
  const clients = new Map<string, SystemClient>();
  const reads = declarations.filter((one) => one.kind === "read");
  return {
    clientOf(connection: Connection) {
      const known = clients.get(connection.name);
      if (known !== undefined) return known;
      const breaker = breakers.system(connection.name);
      const made = systemClient({ connection, settings, breaker, allowances, clock, log });
      clients.set(connection.name, made);
      return made;
    },
    readTool: (wanted) => reads.find(({ name }) => name === wanted),
    sqlOf: sqlClients(settings),
    serverTools: async (connection, signal) =>
      (await listTools({ connection, settings, allowances, clock, log }, signal)).tools,
  };
}
