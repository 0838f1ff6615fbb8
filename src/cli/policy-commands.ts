/** The commands `policy check` and `policy explain`. */

import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type Command, Option } from "commander";
import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import { type Money, MONEY_OPERATIONS, parseAmount } from "#core/values/money.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { LimitUsage, PolicyQuestion } from "#core/contracts/policy.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { topicOfOperation } from "#core/values/topic.ts";
import { dayNumber, isoDate } from "#policy/calendar.ts";
import { explain } from "#policy/explain/explain.ts";
import { explanationText } from "#policy/explain/explain-text.ts";
import { openPolicyFile, openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { policySummary } from "#policy/explain/summary.ts";

/** The customer in `explain` owns the order; another customer's order is refused before the policy is asked. */
const CUSTOMER = "customer";

const LOCAL_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::\d\d)?$/;

/** The options as typed, before a policy gives them a meaning. */
const Typed = z.object({
  file: z.string().optional(),
  operation: z.string(),
  amount: z.string().optional(),
  currency: z.string().optional(),
  orderAge: z
    .string()
    .regex(/^\d{1,5}$/, "--order-age is the number of days since delivery, such as 12")
    .transform(Number)
    .optional(),
  notDelivered: z.boolean().default(false),
  status: z.string().optional(),
  level: z.string().transform(Number).pipe(IdentityLevel),
  channel: ChannelName,
  topic: z.string().optional(),
  brand: z.string(),
  language: z.string().optional(),
  at: z.string().optional(),
  used: z.array(z.string()).default([]),
  notAsked: z.boolean().default(false),
  unproven: z.array(z.string().min(1)).max(20).default([]),
  json: z.boolean().default(false),
});
type Typed = z.infer<typeof Typed>;

/**
 * Adds `policy check` and `policy explain`. Both only read: a file, or the text of the policy in force. Another process
 * may read the file, so its path has to be absolute by then (`withWholePaths`).
 */
export function addPolicyCommands(
  program: Command,
  print: (text: string) => void,
  activeText: () => Promise<string>,
  clock: Clock = { now: () => new Date() },
): Command {
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
    const typed = typedOptions(options);
    const file =
      typed.file === undefined ? openPolicyInForce(await activeText()) : openFile(typed.file);
    const question = questionFrom(typed, file, clock.now());
    const explanation = explain(file, question, typed.language ?? null);
    print(
      typed.json
        ? JSON.stringify({ question, ...explanation }, null, 2)
        : explanationText(file, question, explanation),
    );
  });
  return policy;
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

/** Resolves file names against the caller's folder, since another process may read them. */
export function withWholePaths(argv: readonly string[], folder: string): readonly string[] {
  const [command, kind, ...rest] = argv;
  if (command !== "policy" || kind === undefined) return argv;
  const whole = (file: string): string => resolve(folder, file);
  if (kind === "check" || kind === "diff")
    return [command, kind, ...rest.map((word) => (word.startsWith("-") ? word : whole(word)))];
  return [
    command,
    kind,
    ...rest.map((word, index) => {
      if (word.startsWith("--file=")) return `--file=${whole(word.slice("--file=".length))}`;
      return rest[index - 1] === "--file" ? whole(word) : word;
    }),
  ];
}

function openFile(path: string): PolicyFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`${path} cannot be read`, { cause });
  }
  return openPolicyFile(text, basename(path));
}

function typedOptions(options: unknown): Typed {
  const parsed = Typed.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ message }) => message).join("\n"));
}

function questionFrom(typed: Typed, file: PolicyFile, now: Date): PolicyQuestion {
  const { operation, channel, brand, level } = typed;
  const amount = amountFrom(typed, file);
  const at = typed.at === undefined ? now : timeFrom(typed.at, file);
  if (MONEY_OPERATIONS.includes(operation)) {
    if (amount === null) throw new Error(`a ${operation} needs --amount`);
    if (typed.orderAge === undefined && !typed.notDelivered)
      throw new Error(`a ${operation} is for an order: say --order-age DAYS or --not-delivered`);
  }
  return {
    operation,
    channel,
    brand,
    topic: typed.topic ?? (operation === "reply" ? "other" : topicOfOperation(operation)),
    level,
    customerId: CUSTOMER,
    amount,
    order: orderFrom(typed, { file, amount, at }),
    origin: originFrom(typed),
    at,
    usage: usageFrom(typed, file),
  };
}

function amountFrom({ amount, currency }: Typed, { document }: PolicyFile): Money | null {
  if (amount === undefined) return null;
  const parsed = parseAmount(amount, (currency ?? document.currency).toUpperCase());
  if ("reason" in parsed) throw new Error(`--amount ${amount}: ${parsed.reason}`);
  return parsed;
}

/** A time without a zone is in the policy's zone. */
function timeFrom(text: string, { terms: { calendar } }: PolicyFile): Date {
  if (!z.iso.datetime({ local: true, offset: true }).safeParse(text).success)
    throw new Error(`--at ${text} is no time such as 2026-12-24T20:00`);
  const [, date, hour, minute] = LOCAL_TIME.exec(text) ?? [];
  return date === undefined
    ? new Date(text)
    : calendar.instantOf(dayNumber(date), Number(hour) * 60 + Number(minute));
}

/** The order's paid amount equals the requested amount, so that the policy decides and not what is left to refund. */
function orderFrom(
  { orderAge, notDelivered, status }: Typed,
  { file, amount, at }: { file: PolicyFile; amount: Money | null; at: Date },
): PolicyQuestion["order"] {
  if (orderAge === undefined && !notDelivered && status === undefined) return null;
  const currency = amount?.currency ?? file.document.currency;
  return {
    orderId: "order",
    customerId: CUSTOMER,
    status: status ?? (orderAge === undefined ? "shipped" : "delivered"),
    paid: { minor: amount?.minor ?? 0, currency },
    refunded: { minor: 0, currency },
    refundCount: 0,
    deliveredOn: orderAge === undefined ? null : isoDate(file.terms.calendar.dayOf(at) - orderAge),
  };
}

function originFrom({ notAsked, unproven }: Typed): PolicyQuestion["origin"] {
  if (!notAsked && unproven.length === 0) return null;
  return {
    asked: !notAsked,
    unproven: unproven.map((argument) => ({ argument, words: "" })),
  };
}

/** "limit=count:sum"; the sum may be left out. */
function usageFrom(
  { used }: Typed,
  { document, terms }: PolicyFile,
): Readonly<Record<string, LimitUsage>> {
  return Object.fromEntries(
    used.map((entry) => {
      const [, name = "", count, sum] = /^(\w+)=(\d{1,6})(?::([\d.]+))?$/.exec(entry) ?? [];
      if (!terms.limits.has(name))
        throw new Error(
          `--used ${entry} is not like limit=count:sum, where limit is one of: ${[...terms.limits.keys()].join(", ") || "none"}`,
        );
      const money = sum === undefined ? { minor: 0 } : parseAmount(sum, document.currency);
      if ("reason" in money && Number(sum) !== 0)
        throw new Error(`--used ${entry}: ${money.reason}`);
      return [name, { count: Number(count), minor: "reason" in money ? 0 : money.minor }];
    }),
  );
}
