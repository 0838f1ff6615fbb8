/** Gives the commands about tools what they work on: the tools of this process, or the same put together for them. */
import { offersOf } from "#agent/tool-schema.ts";
import type { ListedTool, ToolFinding, ToolShelf } from "#cli/tools/shelf.ts";
import type { Config } from "#config/environment.ts";
import type { Log } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Store } from "#store/db/database.ts";
import { askOnce } from "#systems/ask-once.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { withParts } from "#app/procedures/here.ts";
import { checkDatabases } from "./check-databases.ts";
import { tryTool } from "./try-tool.ts";

const CHECK_MS_MAX = 45_000;

/** The tools of a running Deskhand. */
export function toolShelf(config: Config, parts: ComposedApp): ToolShelf {
  return {
    list: async () => listed(parts),
    check: async () => [RUNNING, ...(await checked(config, parts))],
    try: (asked) => tryTool({ ...parts, settings: config.systemSettings }, asked),
  };
}

/** The same where no Deskhand runs. */
export function toolsHere(config: Config, store: Store, log: Log): ToolShelf {
  const here = { config, store, log };
  return {
    list: () => withParts(here, async (parts) => listed(parts)),
    check: async () => {
      try {
        const found = await withParts(here, (parts) => checked(config, parts), "file");
        return [nextStart(config), ...found];
      } catch (error) {
        // What keeps Deskhand from starting is what the check is asked for.
        if (!(error instanceof DeskhandError)) throw error;
        return [{ about: foldersOf(config), isWell: false, found: error.message }];
      }
    },
    try: (asked) =>
      withParts(here, (parts) => tryTool({ ...parts, settings: config.systemSettings }, asked)),
  };
}

const RUNNING: ToolFinding = {
  about: "answered by",
  isWell: true,
  found:
    "the Deskhand that runs, with the settings it was started with and the policy in force. What was set since counts after its next start.",
};

function nextStart({ policyFile }: Config): ToolFinding {
  const found = `no Deskhand that runs: looked at as the next start would, with the policy in ${policyFile}.`;
  return { about: "answered by", isWell: true, found };
}

function listed({ agentParts: { tools }, connected }: ComposedApp): readonly ListedTool[] {
  const offered = offersOf(tools).all;
  return tools.map((tool, place) => ({
    name: tool.name,
    kind: tool.kind,
    operation: tool.kind === "write" ? tool.operation : null,
    level: tool.minimumLevel,
    from: whereFrom(connected, tool.name),
    description: tool.description,
    parameters: offered[place]?.parameters ?? {},
  }));
}

function whereFrom({ declarations }: ComposedApp["connected"], tool: string): string {
  const declaration = declarations.find(({ name }) => name === tool);
  if (declaration === undefined) return "built in";
  const { name } = declaration.kind === "sql-read" ? declaration.database : declaration.connection;
  return `from ${name}`;
}

function foldersOf({ toolsFolders }: Config): string {
  return toolsFolders.length === 0 ? "tools" : toolsFolders.join(", ");
}

/** A folder that was loaded has passed every check of its declarations; its systems are asked now. */
async function checked(
  config: Config,
  { connected: { declarations, ports } }: ComposedApp,
): Promise<readonly ToolFinding[]> {
  if (config.toolsFolders.length === 0) {
    const found =
      "No tools of your own systems are set. Name their folders in TOOLS, such as TOOLS=adapters/shops/stripe.";
    return [{ about: "tools", isWell: true, found }];
  }
  const asked = await askOnce(declarations, ports, AbortSignal.timeout(CHECK_MS_MAX));
  const count = declarations.length === 1 ? "1 tool passes" : `${declarations.length} tools pass`;
  return [
    { about: foldersOf(config), isWell: true, found: `${count} every check.` },
    ...asked.map(({ connection, problem }): ToolFinding => ({
      about: connection.name,
      isWell: problem === null,
      found: problem === null ? "It answers, and takes our secrets." : `${problem.message}.`,
    })),
    ...(await checkDatabases(declarations, config.systemSettings)),
  ];
}
