/** The commands about tools: what the bot is offered, and what one call shows or would send. */

import type { Command } from "commander";
import { z } from "zod";
import type { ToolFinding } from "#doctor/probes.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import { formatMoney, fromDecimal } from "#core/values/money.ts";
import type { ToolImports } from "#importing/command/place.ts";
import { openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { verdictInWords } from "#policy/on-duty.ts";
import { approversOf } from "#policy/rules.ts";
import type { Store } from "#store/db/database.ts";
import { lastErrors } from "#store/effects/dead-letters.ts";
import { fitted } from "./fit.ts";
import { addToolImports } from "./import-command.ts";
import { type CommandParts, type ListedTool, needed, type TriedTool } from "#cli/command-parts.ts";

const Shown = z.object({
  json: z.boolean().default(false),
  columns: z.coerce.number().int().min(1).optional(),
});
const Tried = Shown.extend({ as: z.string().min(1), input: z.string(), saying: z.string() });

/** What the commands work on. */
interface ToolCommands extends Partial<Pick<CommandParts, "tools">> {
  readonly store: Store;
  /** Where tools are imported; left out where no folder of a caller is known. */
  readonly imports?: ToolImports;
}

/** Adds `tools list`, `tools check`, `tools try` and `tools import`. `policyText` is the policy in force. */
export function addToolCommands(
  program: Command,
  parts: ToolCommands,
  policyText: () => Promise<string>,
  print: (text: string) => void,
): void {
  const tools = program
    .command("tools")
    .description("works on what the bot can look up and propose, its own and that of your systems");
  withFit(tools.command("list"))
    .description("lists every tool: what it does, for whom, what the policy says, what failed last")
    .action(async (typed: unknown) => {
      const { json, columns } = Shown.parse(typed);
      const shown = await shownTools(parts, policyText);
      print(json ? JSON.stringify(shown, null, 2) : fitted(listing(shown), columns));
    });
  withFit(tools.command("check"))
    .description(
      "looks at every declaration, and asks each system and database once without changing anything",
    )
    .action(async (typed: unknown) => {
      const { json, columns } = Shown.parse(typed);
      const found = await needed(parts.tools).check();
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
      const tried = await needed(parts.tools).try({ name, customer: as, input, saying });
      // What the model reads is shown as it is, so nothing is wrapped.
      print(json ? JSON.stringify(tried, null, 2) : tryScreen(tried));
    });
  addToolImports(tools, parts.imports ?? null, print);
}

function withFit(command: Command): Command {
  return command
    .option("--json", "for a program")
    .option("--columns <number>", "width of the lines; that of the terminal unless set");
}

async function shownTools(
  parts: ToolCommands,
  policyText: () => Promise<string>,
): Promise<readonly ShownTool[]> {
  const listed = await needed(parts.tools).list();
  const { document } = openPolicyInForce(await policyText());
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

// What the policy says about an operation, in words.

type Document = PolicyFile["document"];
type Rule = NonNullable<Document["operations"][string]>["rules"][number];

/** One line a rule, in the order in which they are looked at; the last ones say what holds beside them. */
function policyWords(document: Document, operation: string): readonly string[] {
  const entry = Object.hasOwn(document.operations, operation)
    ? document.operations[operation]
    : undefined;
  if (entry === undefined) return ["no rule in the policy: a person decides"];
  const rules = entry.rules.map((rule) => {
    const then = verdictInWords(rule.verdict, approversOf(rule));
    const limits = rule.limits === undefined ? "" : `, within ${rule.limits.join(" and ")}`;
    return `${conditionsOf(rule, document.currency).join(", ") || "always"}: ${then}${limits}`;
  });
  return [
    ...rules,
    "what no rule fits: a person decides",
    ...(entry.own_words === "required"
      ? ["without a person only what the customer plainly asked for"]
      : []),
  ];
}

function conditionsOf(rule: Rule, currency: string): readonly string[] {
  const money = (amount: number): string => formatMoney(fromDecimal(amount, currency));
  return [
    rule.above === undefined ? "" : `above ${money(rule.above)}`,
    rule.up_to === undefined ? "" : `up to ${money(rule.up_to)}`,
    rule.within_days === undefined ? "" : `within ${rule.within_days} days of delivery`,
    rule.after_days === undefined ? "" : `after ${rule.after_days} days from delivery`,
    rule.delivered === undefined ? "" : rule.delivered ? "delivered" : "not delivered",
    rule.before_shipping === undefined ? "" : "not shipped yet",
    rule.level === undefined ? "" : `from level ${rule.level}`,
  ].filter((words) => words !== "");
}

// What the commands about tools print.

/** A tool with what the policy says about it and what went wrong last; both empty for a look-up. */
interface ShownTool extends ListedTool {
  readonly policy: readonly string[];
  readonly lastError: string | null;
}

const KINDS = { read: "looks up", write: "proposes", ending: "ends the turn" } as const;

/** A few lines for each tool: what it does and where it comes from, for whom, its arguments, what the policy says. */
function listing(tools: readonly ShownTool[]): string {
  return tools.map((tool) => toolLines(tool).join("\n")).join("\n\n");
}

function toolLines(tool: ShownTool): readonly string[] {
  const { name, kind, operation, level, from, parameters, policy, lastError } = tool;
  const does = operation === null ? KINDS[kind] : `${KINDS[kind]} ${operation}`;
  return [
    `${name}: ${does}, ${from}, ${levelWords(level)}`,
    `  arguments: ${argumentWords(parameters)}`,
    ...policy.map((line) => `  policy: ${line}`),
    ...(lastError === null ? [] : [`  last error: ${lastError}`]),
  ];
}

function levelWords(level: IdentityLevel): string {
  return level === 0 ? "for every writer" : `from identity level ${level}`;
}

const Parameters = z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) });

function argumentWords(parameters: ListedTool["parameters"]): string {
  const names = Object.keys(Parameters.parse(parameters).properties);
  return names.length === 0 ? "none" : names.join(", ");
}

/** A line for each finding; what is wrong says what to do. */
function checkScreen(findings: readonly ToolFinding[]): string {
  return findings
    .map(({ about, isWell, found }) => `${isWell ? "✓" : "✗"} ${about}: ${found}`)
    .join("\n");
}

/** Whose data, exactly what the model reads, and for a change what would be decided and sent. */
function tryScreen({ bound, seen, proposed }: TriedTool): string {
  const lines = [bound, "", "What the model reads (spaces of data are marked ^):", "", seen];
  if (proposed === null) return lines.join("\n");
  const { label, key, decision, request } = proposed;
  return [
    ...lines,
    "",
    "What would be proposed:",
    "",
    `  ${label}`,
    `  key: ${key}`,
    `  policy: ${decisionWords(decision)}`,
    "",
    ...(request === null
      ? ["A part of Deskhand itself would carry it out. Nothing was sent."]
      : ["The request that would be sent:", "", request, "", "Nothing was sent."]),
  ].join("\n");
}

function decisionWords({ verdict, approvers, rule, reason }: Decision): string {
  return `${verdictInWords(verdict, approvers)} (${rule}). ${reason}`;
}
