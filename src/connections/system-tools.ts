/** Loads the folders of tools for your own systems, and makes the one client of each of their connections. */

import { registerHooks } from "node:module";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { type Allowances, inProcessAllowances } from "#core/connection/rate-limit.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { checkDeclaration } from "#systems/check-declaration.ts";
import type { Connection, SystemTool } from "#systems/contract.ts";
import {
  type DeclarationProblem,
  formProblems,
  isDeclaration,
} from "#systems/declaration-schema.ts";
import { type SystemClient, systemClient } from "#systems/http/client.ts";
import type { AskingPorts } from "#systems/ask-once.ts";
import { listTools } from "#systems/mcp/list-tools.ts";
import { sqlClients } from "#systems/sql/open.ts";
import type { SystemSettings } from "#systems/settings.ts";
import type { ConfiguredSecret } from "#config/secret.ts";
import type { Breakers } from "./circuit-breakers.ts";

const Folder = z.object({ tools: z.array(z.unknown()) });
/** Folders that Deskhand brings hold programs in an installed package. */
const INDEXES = ["index.ts", "index.js"];

/**
 * The declarations of all folders, checked together before anything is called; none without a folder. Throws
 * `config.invalid` with every problem in one message, by folder, file, tool and field.
 */
export async function readTools(
  folders: readonly string[],
  builtInTools: readonly string[],
): Promise<readonly SystemTool[]> {
  const read = await Promise.all(
    folders.map(async (folder) => {
      const given = await importIndex(folder);
      return { folder, problems: given.flatMap(formProblems), own: given.filter(isDeclaration) };
    }),
  );
  const declarations = read.flatMap(({ own }) => own);
  const isFormed = read.every(({ problems }) => problems.length === 0);
  const lines = read.flatMap(({ folder, problems, own }) => {
    const wrong = isFormed
      ? own.flatMap((one) => checkDeclaration(one, { declarations, builtInTools }))
      : problems;
    return wrong.map((problem) => `  - ${inWords(folder, problem)}`);
  });
  const all = [...lines, ...(isFormed ? sharedNames(declarations) : [])];
  if (all.length === 0) return declarations;
  throw new DeskhandError(
    "config.invalid",
    `TOOLS: the tools in ${folders.join(", ")} have ${all.length} problem(s), and none of them is used:\n${all.join("\n")}`,
  );
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
      `  - two different systems are called ${name}; give one another name in its connection.ts`,
  );
}

/** Tools import zod, and a folder may lie where no packages are: they get the one that Deskhand runs with. */
function resolveZod(folder: string): () => void {
  const inside = pathToFileURL(`${resolve(folder)}/`).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "zod" && context.parentURL?.startsWith(inside) === true
        ? next(specifier, { ...context, parentURL: import.meta.url })
        : next(specifier, context),
  });
  return () => hooks.deregister();
}

async function importIndex(folder: string): Promise<readonly unknown[]> {
  const index = INDEXES.map((name) => join(resolve(folder), name)).find((one) => existsSync(one));
  if (index === undefined)
    throw new DeskhandError("config.invalid", `TOOLS: there is no ${INDEXES[0]} in ${folder}`);
  let module: unknown;
  const forget = resolveZod(folder);
  try {
    module = await import(pathToFileURL(index).href);
  } catch (cause) {
    throw new DeskhandError(
      "config.invalid",
      `TOOLS: ${index} cannot be read: ${reasonOf(cause)}`,
      {
        cause,
      },
    );
  } finally {
    forget();
  }
  const parsed = Folder.safeParse(module);
  if (parsed.success) return parsed.data.tools;
  throw new DeskhandError("config.invalid", `TOOLS: ${index} has to export a list named tools`);
}

function inWords(folder: string, { tool, field, reason }: DeclarationProblem): string {
  return [fileOf(folder, tool), tool, field, reason].filter((part) => part !== "").join(": ");
}

/** The file a tool stands in, by its name in it; the index where no other file has it. */
function fileOf(folder: string, tool: string): string {
  const named = new RegExp(String.raw`\bname:\s*["']${tool.replaceAll(/\W/g, "")}["']`);
  const files = readdirSync(folder).filter(
    (file) => /\.[tj]s$/.test(file) && !INDEXES.includes(file),
  );
  const found = files.find((file) => named.test(readFileSync(join(folder, file), "utf8")));
  return basename(found ?? INDEXES[0] ?? "");
}

/** The secrets that the systems are asked with and that are set, by the names their declarations give them. */
export function systemSecrets(
  declarations: readonly SystemTool[],
  settings: SystemSettings,
): readonly ConfiguredSecret[] {
  const names = declarations.flatMap((tool) => {
    if (!("connection" in tool)) return [tool.database.addressFrom];
    const { authentication, clientCertificate } = tool.connection;
    const key = clientCertificate === undefined ? [] : [clientCertificate.key];
    return "secret" in authentication ? [authentication.secret, ...key] : key;
  });
  return [...new Set(names)]
    .filter((name) => settings.text(name) !== null)
    .toSorted()
    .map((name) => ({
      name,
      source: settings.text(`${name}_FILE`) === null ? "environment" : "file",
      writtenAt: null,
    }));
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
  const reads = new Map(
    declarations.flatMap((one) => (one.kind === "read" ? [[one.name, one] as const] : [])),
  );
  return {
    clientOf(connection: Connection) {
      const known = clients.get(connection.name);
      if (known !== undefined) return known;
      const breaker = breakers.system(connection.name);
      const made = systemClient({ connection, settings, breaker, allowances, clock, log });
      clients.set(connection.name, made);
      return made;
    },
    readTool: (name) => reads.get(name),
    sqlOf: sqlClients(settings),
    serverTools: async (connection, signal) =>
      (await listTools({ connection, settings, allowances, clock, log }, signal)).tools,
  };
}
