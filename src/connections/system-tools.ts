/** Loads the folder of tools for your own systems, and makes the one client of each of their connections. */

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
import type { Breakers } from "./circuit-breakers.ts";

const Folder = z.object({ tools: z.array(z.unknown()) });
const INDEX = "index.ts";

/**
 * The declarations of a folder, each checked before anything is called; none without a folder. Throws `config.invalid`
 * with every problem in one message, by file, tool and field.
 */
export async function readToolsFolder(
  folder: string | null,
  builtInTools: readonly string[],
): Promise<readonly SystemTool[]> {
  if (folder === null) return [];
  const given = await importIndex(folder);
  const problems = given.flatMap(formProblems);
  const declarations = given.filter(isDeclaration);
  const wrong =
    problems.length > 0
      ? problems
      : declarations.flatMap((one) => checkDeclaration(one, { declarations, builtInTools }));
  if (wrong.length === 0) return declarations;
  throw new DeskhandError(
    "config.invalid",
    `TOOLS: the tools in ${folder} have ${wrong.length} problem(s), and none of them is used:\n${wrong.map((problem) => `  - ${inWords(folder, problem)}`).join("\n")}`,
  );
}

async function importIndex(folder: string): Promise<readonly unknown[]> {
  const index = join(resolve(folder), INDEX);
  if (!existsSync(index))
    throw new DeskhandError("config.invalid", `TOOLS: there is no ${INDEX} in ${folder}`);
  let module: unknown;
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
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== INDEX);
  const found = files.find((file) => named.test(readFileSync(join(folder, file), "utf8")));
  return basename(found ?? INDEX);
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
