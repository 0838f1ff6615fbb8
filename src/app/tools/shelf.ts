/** Gives the commands about tools what they work on: the tools of this process, or the same put together for them. */
import { offersOf } from "#agent/tool-schema.ts";
import type { ListedTool, ToolShelf } from "#cli/tools/shelf.ts";
import type { Config } from "#config/environment.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { withParts } from "#app/procedures/here.ts";
import { tryTool } from "./try-tool.ts";

/** The tools of a running Deskhand. */
export function toolShelf(parts: ComposedApp): ToolShelf {
  return {
    list: async () => listed(parts),
    try: (asked) => tryTool(parts, asked),
  };
}

/** The same where no Deskhand runs. */
export function toolsHere(config: Config, store: Store, log: Log): ToolShelf {
  const here = { config, store, log };
  return {
    list: () => withParts(here, async (parts) => listed(parts)),
    try: (asked) => withParts(here, (parts) => tryTool(parts, asked)),
  };
}

function listed({ agentParts: { tools } }: ComposedApp): readonly ListedTool[] {
  const offered = offersOf(tools).all;
  return tools.map((tool, place) => ({
    name: tool.name,
    kind: tool.kind,
    operation: tool.kind === "write" ? tool.operation : null,
    level: tool.minimumLevel,
    from: "built in",
    description: tool.description,
    parameters: offered[place]?.parameters ?? {},
  }));
}
