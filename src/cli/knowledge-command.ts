/** The command `knowledge add`: a place of help pages that answers cite. */
import { basename } from "node:path";
import type { Command } from "commander";
import { counted } from "#core/values/words.ts";
import { addSource } from "#knowledge/sources/read-source.ts";
import { siteScope } from "#knowledge/sources/site-rules.ts";
import type { AddedSource } from "#knowledge/sources/source-rows.ts";
import { type CommandContext, needed, wholePath } from "./command-parts.ts";

/** Files left out that the command prints; the console lists all of them. */
const LEFT_OUT_SHOWN = 20;
const PROGRESS_EVERY_MS = 2_000;

/** Adds the command. */
export function addKnowledgeCommand(program: Command, context: CommandContext): void {
  const { knowledge, progress, print } = context;
  program
    .command("knowledge")
    .description("help pages that answers cite")
    .command("add <source>")
    .description(
      "reads a site, zendesk (the help centre of the connected account), or a folder or file of help pages (Markdown, MDX, HTML, PDF, DOCX, text), and keeps following it",
    )
    .option(
      "--name <name>",
      "what it is called here; otherwise the name of the folder, file or host",
    )
    .option("--local", "reads a site of your own network, which is refused otherwise", false)
    .action(async (typed: string, { name, local }: { name?: string; local: boolean }) => {
      const kind = sourceKind(typed);
      const location = kind === "folder" ? wholePath(context, typed) : typed;
      const called = name ?? nameFrom(location);
      const given = { location, isLocal: local, name: called, kind };
      const { pages, leftOut } = await addSource(
        await needed(knowledge)(),
        given,
        atTimes(called, progress ?? (() => undefined)),
      );
      print(
        [`${called}: ${counted(pages.length, "page")} can be cited`, ...leftOutLines(leftOut)].join(
          "\n",
        ),
      );
    });
}

const IS_SITE = /^https?:\/\//i;
/** In place of a path or an address; a folder of this name is `./zendesk`. */
const HELP_CENTER = "zendesk";

/** What kind of place a source is, by how it is typed. */
function sourceKind(location: string): AddedSource["kind"] {
  if (location === HELP_CENTER) return "zendesk-guide";
  return IS_SITE.test(location) ? "site" : "folder";
}

function nameFrom(location: string): string {
  const name = IS_SITE.test(location) ? siteScope(location).start.hostname : basename(location);
  return name
    .replace(/\.\w+$/, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 40);
}

function atTimes(
  name: string,
  progress: (line: string) => void,
): (done: number, all: number) => void {
  let next = performance.now() + PROGRESS_EVERY_MS;
  return (done, all) => {
    if (performance.now() < next) return;
    next = performance.now() + PROGRESS_EVERY_MS;
    progress(`${name}: ${done} of ${all} read`);
  };
}

function leftOutLines(
  leftOut: readonly { readonly id: string; readonly reason: string }[],
): readonly string[] {
  if (leftOut.length === 0) return [];
  const shown = leftOut
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .slice(0, LEFT_OUT_SHOWN)
    .map(({ id, reason }) => `  ${id}: ${reason}`);
  const more = leftOut.length - shown.length;
  return [
    `${counted(leftOut.length, "page")} left out:`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more: the console lists all of them, under Help pages`] : []),
  ];
}
