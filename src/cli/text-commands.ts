/** The commands about what the team writes: `policy`, `procedures check` and `knowledge`. */

import { basename } from "node:path";
import { type Command, Option } from "commander";
import { ChannelName, OPERATIONS } from "#core/values/vocabulary.ts";
import { pendingCards } from "#jobs/policy/recheck.ts";
import { comparisonText, policySummary } from "#policy/explain/summary.ts";
import { explain, explanationText, questionFrom, typedCase } from "#policy/explain/explain.ts";
import { openPolicyFile, openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import {
  type CommandContext,
  policyTextInForce,
  wholePath,
  needed,
  typedFile,
} from "./command-parts.ts";
import {
  type ProcedureShelf,
  currentText,
  startTests,
  versionWithText,
} from "#jobs/procedures/shelf.ts";
import { checkProcedures, problemLine } from "#procedures/check.ts";
import { counted, meantBy } from "#core/values/words.ts";
import { addSource } from "#knowledge/sources/read-source.ts";
import { siteScope } from "#knowledge/sources/site-rules.ts";
import type { AddedSource } from "#knowledge/sources/source-rows.ts";

/** Adds `policy check`, `explain` and `diff`. All of them only read: files, the text of the policy in force, waiting cards. */
export function addPolicyCommands(program: Command, context: CommandContext): void {
  const { print } = context;
  const openFile = (file: string): PolicyFile => {
    const path = wholePath(context, file);
    return openPolicyFile(typedFile(path).toString("utf8"), basename(path));
  };
  const policy = program
    .command("policy")
    .description(
      "works on the policy file: what is allowed, what needs approval, and what is denied",
    );
  policy
    .command("check <file>")
    .description("lists all mistakes in a policy file, or what it allows")
    .action((file: string) => {
      print(policySummary(openFile(file)));
    });
  const explaining = policy
    .command("explain")
    .description("explains one case: which rule decides, who may approve, by when");
  for (const option of explainOptions()) explaining.addOption(option);
  explaining.action(async (options: unknown) => {
    const typed = typedCase(options);
    const file =
      typed.file === undefined
        ? openPolicyInForce(await policyTextInForce(context))
        : openFile(typed.file);
    const operations = ["reply", ...Object.keys(file.document.operations), ...OPERATIONS];
    if (!operations.includes(typed.operation))
      throw new Error(
        `there is no operation ${typed.operation} in this policy; ${meantBy(typed.operation, new Set(operations))}`,
      );
    const question = questionFrom(typed, file, context.clock.now());
    const explanation = explain(file, question, typed.language ?? null);
    print(
      typed.json
        ? JSON.stringify({ question, ...explanation }, null, 2)
        : explanationText(file, question, explanation),
    );
  });
  policy
    .command("diff <old> <new>")
    .description(
      "compares two files: what differs, what the new one additionally allows, and which pending cards change",
    )
    .action(async (old: string, next: string) => {
      const [before, after] = [openFile(old), openFile(next)];
      const pending = context.policy
        ? await pendingCards(context, before.policy, after.policy)
        : [];
      print(comparisonText(before, after, pending));
    });
}

function explainOptions(): readonly Option[] {
  return [
    new Option("--operation <name>", "refund, change_address, …, or reply").makeOptionMandatory(),
    new Option("--amount <amount>", "such as 120 or 120.00"),
    new Option("--currency <code>", "default: the policy's currency"),
    new Option("--order-age <days>", "days since the delivery").conflicts("notDelivered"),
    new Option("--not-delivered", "the order has not arrived"),
    new Option("--status <status>", "the order's status in the shop, such as processing"),
    new Option("--level <level>", "0 unknown, 1 claimed, 2 verified, 3 confirmed by a code")
      .choices(["0", "1", "2", "3"])
      .default("2"),
    new Option("--channel <channel>", "the channel of the request")
      .choices(ChannelName.options)
      .default("email"),
    new Option("--topic <topic>", "the topic of the request; default: the operation's topic"),
    new Option("--brand <brand>", "the brand that received the request").default(""),
    new Option("--language <code>", "such as en; for routing cards"),
    new Option("--at <time>", "such as 2026-12-24T20:00, in the policy's time zone; default: now"),
    new Option("--file <file>", "a policy file; default: the policy in force"),
    new Option("--json", "for a program"),
  ];
}

/** Adds `procedures check`. */
export function addProcedureCommands(program: Command, context: CommandContext): void {
  const { procedures: shelf, print } = context;
  program
    .command("procedures")
    .description("works on the team's own instructions for a kind of case")
    .command("check [files...]")
    .description("lists all mistakes in these files, or in every file of the folder, with lines")
    .option(
      "--test <name>",
      "plays the tests of this procedure through a real turn in which nothing is sent or changed; once they passed, the console can publish it",
    )
    .action(async (named: readonly string[], { test: name }: { test?: string }) => {
      const files = named.map((file) => wholePath(context, file));
      print(
        name === undefined
          ? await checked(needed(shelf), files)
          : await tested(needed(shelf), name),
      );
    });
}

/** Plays the tests; when all pass, this very text may be published. */
async function tested(shelf: ProcedureShelf, name: string): Promise<string> {
  const version = await versionWithText(shelf, await currentText(shelf, name));
  const { passed, lines, model } = await (await startTests(shelf, version)).ended;
  if (!passed) throw new Error(lines.join("\n"));
  const count = lines.length;
  return [...lines, `All ${count} passed with ${model}. This text may be published.`].join("\n");
}

/** Named files are checked together with the rest of the folder, which they may refer to. */
async function checked(shelf: ProcedureShelf, named: readonly string[]): Promise<string> {
  const files = shelf.files();
  const given = named.map((path) => ({
    name: basename(path, ".md"),
    text: typedFile(path).toString("utf8"),
  }));
  const names = new Set(given.map(({ name }) => name));
  const together = [...given, ...files.filter(({ name }) => !names.has(name))];
  const { problems } = checkProcedures(together, await shelf.world());
  const shown = named.length === 0 ? problems : problems.filter(({ name }) => names.has(name));
  if (shown.length > 0) throw new Error(shown.map(problemLine).join("\n"));
  const count = named.length === 0 ? files.length : named.length;
  if (count === 0) return `There is no procedure in ${shelf.folder ?? "any folder"}.`;
  return `${count} procedure${count === 1 ? "" : "s"} checked, no mistake.`;
}

/** Files left out that the command prints; the console lists all of them. */
const LEFT_OUT_SHOWN = 20;
const PROGRESS_EVERY_MS = 2_000;

/** Adds `knowledge add`. */
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
