/** The commands about tools: what the bot is offered, and what one call shows or would send. */
import type { Command } from "commander";
import { z } from "zod";
import type { PolicyFile } from "#policy/load-policy.ts";
import { lastErrors } from "#store/effects/last-errors.ts";
import type { Store } from "#store/db/database.ts";
import { fitted } from "./fit.ts";
import type { ToolImports } from "#importing/command/place.ts";
import { addToolImports } from "./import-command.ts";
import { policyWords } from "./policy-words.ts";
import { checkScreen, listing, type ShownTool, tryScreen } from "./screen.ts";
import type { ToolShelf } from "./shelf.ts";

const Shown = z.object({
  json: z.boolean().default(false),
  columns: z.coerce.number().int().min(1).optional(),
});
const Tried = Shown.extend({ as: z.string().min(1), input: z.string(), saying: z.string() });

/** What the commands work on. `shelf` is null where no setting is known. */
export interface ToolCommands {
  readonly shelf: ToolShelf | null;
  readonly store: Store;
  /** Where tools are imported; null where no folder of a caller is known. */
  readonly imports: ToolImports | null;
  /** The policy in force. */
  readonly policy: () => Promise<PolicyFile>;
}

/** Adds `tools list`, `tools try` and `tools import`. */
export function addToolCommands(
  program: Command,
  parts: ToolCommands,
  print: (text: string) => void,
): void {
  const tools = program
    .command("tools")
    .description("works on what the bot can look up and propose, its own and that of your systems");
  withFit(tools.command("list"))
    .description("lists every tool: what it does, for whom, what the policy says, what failed last")
    .action(async (typed: unknown) => {
      const { json, columns } = Shown.parse(typed);
      const shown = await shownTools(parts);
      print(json ? JSON.stringify(shown, null, 2) : fitted(listing(shown), columns));
    });
  withFit(tools.command("check"))
    .description(
      "looks at every declaration, and asks each system and database once without changing anything",
    )
    .action(async (typed: unknown) => {
      const { json, columns } = Shown.parse(typed);
      const found = await known(parts.shelf).check();
      const text = json ? JSON.stringify(found, null, 2) : fitted(checkScreen(found), columns);
      if (!found.every(({ isWell }) => isWell)) throw new Error(text);
      print(text);
    });
  withFit(tools.command("try <name>"))
    .description(
      "calls a look-up as the bot would, or shows what a change would send; sends nothing",
    )
    .requiredOption("--as <customer>", "e-mail address or id of the customer who is taken to ask")
    .option("--input <json>", "the arguments", "{}")
    .option("--saying <text>", "what the customer is taken to have written", "")
    .action(async (name: string, typed: unknown) => {
      const { as, input, saying, json } = Tried.parse(typed);
      const tried = await known(parts.shelf).try({ name, customer: as, input, saying });
      // What the model reads is shown as it is, so nothing is wrapped.
      print(json ? JSON.stringify(tried, null, 2) : tryScreen(tried));
    });
  addToolImports(tools, parts.imports, print);
}

function withFit(command: Command): Command {
  return command
    .option("--json", "for a program")
    .option("--columns <number>", "width of the lines; that of the terminal unless set");
}

async function shownTools(parts: ToolCommands): Promise<readonly ShownTool[]> {
  const listed = await known(parts.shelf).list();
  const { document } = await parts.policy();
  const errors = await parts.store.run(lastErrors);
  return listed.map((tool) => {
    const { operation } = tool;
    if (operation === null) return { ...tool, policy: [], lastError: null };
    const failed = errors.find((error) => error.operation === operation);
    return {
      ...tool,
      policy: policyWords(document, operation),
      lastError: failed === undefined ? null : `${failed.at.toISOString()} ${failed.error}`,
    };
  });
}

function known(shelf: ToolShelf | null): ToolShelf {
  if (shelf === null) throw new Error("this command has no settings to work on");
  return shelf;
}
