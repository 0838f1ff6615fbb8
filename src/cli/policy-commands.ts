/** The commands `policy check`, `policy explain` and `policy diff`. */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Command, Option } from "commander";
import { ChannelName } from "#core/values/vocabulary.ts";
import { pendingCards } from "#jobs/policy/recheck.ts";
import { comparisonText } from "#policy/compare/comparison-text.ts";
import { explain, explanationText } from "#policy/explain/explain.ts";
import { questionFrom, typedCase } from "#policy/explain/question.ts";
import { openPolicyFile, openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { policySummary } from "#policy/explain/summary.ts";
import { type CommandContext, policyTextInForce, wholePath } from "./command-parts.ts";

/** Adds the commands. All of them only read: files, the text of the policy in force, waiting cards. */
export function addPolicyCommands(program: Command, context: CommandContext): void {
  const { print } = context;
  const openFile = (file: string): PolicyFile => fileAt(wholePath(context, file));
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
        ? await pendingCards(context.store, before.policy, after.policy)
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
    new Option("--used <limits...>", "used limits, such as small_refunds_for_all=3:24.50"),
    new Option("--not-asked", "the customer did not ask for it in their own words"),
    new Option("--unproven <arguments...>", "arguments whose value is in no record"),
    new Option("--file <file>", "a policy file; default: the policy in force"),
    new Option("--json", "for a program"),
  ];
}

function fileAt(path: string): PolicyFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`${path} cannot be read`, { cause });
  }
  return openPolicyFile(text, basename(path));
}
