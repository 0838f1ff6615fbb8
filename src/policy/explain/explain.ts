/**
 * Room: explains policy decisions to people.
 * In: a policy file, a question and the time.
 * Out: the decision with its line in the file, limits, approvers and channel, as data or as text.
 * May touch: nothing.
 * This file: makes the question of what a person describes, puts the explanation of one decision together, and formats it as plain text.
 */
import { z } from "zod";
import { capitalised, inWords, wrapped } from "#core/values/words.ts";
import { formatMoney, type Money, MONEY_OPERATIONS, parseAmount } from "#core/values/money.ts";
import { type Role, ChannelName, topicOfOperation } from "#core/values/vocabulary.ts";
import { decisionGround, type Decision, type PolicyQuestion } from "#core/contracts/policy.ts";
import { outcomeBy, restsOnFile } from "#policy/decide.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import { isBeyondRole, person, verdictInWords } from "#policy/roles.ts";
import { dayNumber, isoDate } from "#policy/calendar.ts";
import { IdentityLevel } from "#core/values/identity.ts";

type Explanation = ReturnType<typeof explain>;

/** Explains the policy's decision on a question, with the line of the file that decides. Pure, like the decision. */
export function explain(
  file: PolicyFile,
  question: PolicyQuestion,
  language: string | null = null,
) {
  const { policy } = file;
  const { at } = question;
  const decision = policy.decide(question);
  const asks = decision.verdict === "ask";
  const short = asks ? policy.shortOfPeople(decision.approvers, at) : null;
  return {
    decision,
    source: decisionSource(file, question, decision),
    approvers: asks ? approversFor(file, question) : [],
    expiresAt: asks ? policy.expiresAt(at) : null,
    remindAt: asks ? policy.remindAt(at) : null,
    // Null is the desk's own channel.
    place: asks ? policy.deskChannelOf({ ...question, language }) : null,
    // Why the teammates on duty are not enough, and the lead who is notified at once.
    short: short === null ? null : { sentence: short, lead: policy.fallbackLead },
    closedText: asks ? policy.closedText(at) : null,
    limits: limitsLookedAt(file, question, decision),
  };
}

/** For a built-in rule the line is that of the nearest related setting. */
function decisionSource(
  { name, document, lineOf }: PolicyFile,
  { operation, channel, topic }: PolicyQuestion,
  decision: Decision,
) {
  const ground = decisionGround(decision).name;
  const path = ["operations", operation];
  const { topics } = document.autonomy[channel];
  const index = (document.operations[operation]?.rules ?? []).findIndex(
    (entry) => entry.name === ground,
  );
  const nearest: Readonly<Record<string, readonly string[]>> = {
    autonomy: [
      "autonomy",
      channel,
      ...(Object.hasOwn(topics, topic) ? ["topics", topic] : ["default"]),
    ],
    level: [...path, "level"],
    currency: ["currency"],
  };
  const at = index >= 0 ? [...path, "rules", index] : (nearest[ground] ?? path);
  return { file: name, line: lineOf(at), isInFile: restsOnFile(decision) };
}

/** Each teammate with a role whose limit covers it, and whether they are on duty. */
function approversFor(
  { document: { roles }, policy }: PolicyFile,
  { at, operation, amount }: PolicyQuestion,
) {
  const there = new Set(policy.onDuty(at).map(person));
  const named = (role: Role) =>
    amount !== null && isBeyondRole(role, amount, policy.approvalLimit(role, operation))
      ? []
      : roles[role].map((name) => ({
          name,
          isLead: role === "lead",
          isOnDuty: there.has(person(name)),
        }));
  return [...named("lead"), ...named("support")];
}

/** The limits of the rule that decides; in another currency of each that may. */
function limitsLookedAt({ terms }: PolicyFile, question: PolicyQuestion, decision: Decision) {
  const outcome = outcomeBy(terms, question);
  // A built-in refusal comes before the rules, so no limit was checked.
  if (question.operation === "reply" || outcome.verdict === "deny") return [];
  const { rule, possible = [rule] } = outcome;
  if (["order", "paid"].includes(decisionGround(decision).name)) return [];
  const names = new Set(possible.flatMap((one) => one?.limits ?? []));
  return [...names].flatMap((name) => {
    const words = terms.limits.get(name)?.words;
    return words === undefined ? [] : [{ name, words }];
  });
}

/** Longer lists of names do not help a reader. */
const NAMES_MAX = 12;

const LABEL_WIDTH = 14;

const LINE_MAX = 84;

const LEVEL_IN_WORDS = ["unknown", "only claimed", "verified", "confirmed by a code"] as const;

/** An explanation as plain text for team leads: the result first, then why, then who and when. */
export function explanationText(
  { terms }: PolicyFile,
  question: PolicyQuestion,
  explanation: Explanation,
): string {
  const { decision, source, expiresAt, remindAt, place } = explanation;
  const { calendar } = terms;
  const line = `line ${source.line} of ${source.file}`;
  return [
    `${questionSubject(question)}: ${verdictInWords(decision.verdict, decision.approvers)}.`,
    "",
    ...row("Decided by", [
      `${decision.rule}, ${source.isInFile ? "" : "which is built in; see "}${line}`,
    ]),
    ...row("Reason", [decision.reason]),
    ...row("Looked at", lookedAt(question, calendar.dayOf(question.at))),
    ...row("At", [calendar.inWords(question.at)]),
    ...row(
      "Limits",
      explanation.limits.map(({ name, words }) => `${name} (${words})`),
    ),
    ...(decision.verdict === "ask"
      ? [
          "",
          ...row("May approve", approverNames(explanation.approvers)),
          ...row("Card goes to", [place ?? "the desk's own place"]),
          ...row("Told at once", toldAtOnce(explanation)),
          ...row("Reminder", remindAt === null ? [] : [calendar.inWords(remindAt)]),
          ...row(
            "Expires",
            expiresAt === null ? [] : [`${calendar.inWords(expiresAt)}; then people take over`],
          ),
          ...row("Customer", [
            explanation.closedText === null
              ? "gets no holding message, because the team is there"
              : `is told: ${explanation.closedText}`,
          ]),
        ]
      : []),
  ].join("\n");
}

function row(label: string, values: readonly string[]): readonly string[] {
  return values
    .flatMap((value) => wrapped(value, LINE_MAX, ""))
    .map((line, index) => `  ${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}${line}`);
}

/** "Refund of 120.00 USD", "Change address". */
function questionSubject({ operation, amount }: PolicyQuestion): string {
  const words = inWords(operation);
  const name = capitalised(words);
  return amount === null ? name : `${name} of ${formatMoney(amount)}`;
}

function lookedAt(question: PolicyQuestion, today: number): readonly string[] {
  const { channel, brand, topic, level, order } = question;
  return [
    `written on ${channel}${brand === "" ? "" : ` to ${brand}`}, about ${topic}`,
    `who is writing is ${LEVEL_IN_WORDS[level]} (level ${level})`,
    ...(order === null ? [] : [orderInWords(order, today)]),
  ];
}

function orderInWords(
  { deliveredOn, status }: NonNullable<PolicyQuestion["order"]>,
  today: number,
) {
  if (deliveredOn === null) return `the order is not delivered, its status is ${status}`;
  const days = today - dayNumber(deliveredOn);
  return `the order was delivered ${days === 0 ? "today" : days === 1 ? "yesterday" : `${days} days ago`}`;
}

/** Teammates on duty first, because they will see a card first. */
function approverNames(approvers: Explanation["approvers"]): readonly string[] {
  const sorted = approvers.toSorted((a, b) => Number(b.isOnDuty) - Number(a.isOnDuty));
  const names = sorted
    .slice(0, NAMES_MAX)
    .map(
      ({ name, isLead, isOnDuty }) =>
        `${name}${isLead ? ", lead" : ""}${isOnDuty ? ", on duty" : ""}`,
    );
  return sorted.length > NAMES_MAX ? [...names, `and ${sorted.length - NAMES_MAX} more`] : names;
}

function toldAtOnce({ short }: Explanation): readonly string[] {
  return short === null ? [] : [`${short.lead}, the fallback lead:`, short.sentence];
}

/** The customer in `explain` owns the order; another customer's order is refused before the policy is asked. */
const CUSTOMER = "customer";

const LOCAL_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::\d\d)?$/;

/** A case as typed, before a policy gives it a meaning. */
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
  json: z.boolean().default(false),
});
/** A case as typed: every option has been read, and none looked at by a policy. */
type TypedCase = z.infer<typeof Typed>;

/** Reads the options; throws an error that says in words what cannot be understood. */
export function typedCase(options: unknown): TypedCase {
  const parsed = Typed.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ message }) => message).join("\n"));
}

/** The question for this policy; throws an error in words for a case that leaves something open. */
export function questionFrom(typed: TypedCase, file: PolicyFile, now: Date): PolicyQuestion {
  const { operation, channel, brand, level } = typed;
  const amount = amountFrom(typed, file);
  const at = typed.at === undefined ? now : timeFrom(typed.at, file);
  if (MONEY_OPERATIONS.includes(operation)) {
    if (amount === null) throw new Error(`a ${operation} needs --amount`);
    if (typed.orderAge === undefined && !typed.notDelivered)
      throw new Error(`a ${operation} is for an order: say --order-age DAYS or --not-delivered`);
  }
  return sampleQuestion(
    {
      operation,
      channel,
      brand,
      level,
      amount,
      order: orderFrom(typed, file, at),
      at,
      ...(typed.topic === undefined ? {} : { topic: typed.topic }),
    },
    file.document.currency,
  );
}

type Sample = Pick<PolicyQuestion, "operation" | "amount" | "at"> &
  Partial<Omit<PolicyQuestion, "order">> & {
    readonly order: Pick<NonNullable<PolicyQuestion["order"]>, "status" | "deliveredOn"> | null;
  };

/**
 * What a confirmed customer asks about their own order. Exactly the amount was paid for it, so that the policy decides
 * and not what is left to refund.
 */
function sampleQuestion({ order, ...asked }: Sample, policyCurrency: string): PolicyQuestion {
  const { operation, amount } = asked;
  const { minor, currency } = amount ?? { minor: 0, currency: policyCurrency };
  const facts = {
    orderId: "order",
    customerId: CUSTOMER,
    paid: { minor, currency },
    refunded: { minor: 0, currency },
    refundCount: 0,
  };
  return {
    channel: "email",
    brand: "",
    topic: operation === "reply" ? "other" : topicOfOperation(operation),
    level: 3,
    actingLevel: undefined,
    customerId: CUSTOMER,
    origin: null,
    usage: {},
    ...asked,
    order: order === null ? null : { ...facts, ...order },
  };
}

function amountFrom({ amount, currency }: TypedCase, { document }: PolicyFile): Money | null {
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

function orderFrom(
  { orderAge, notDelivered, status }: TypedCase,
  { terms: { calendar } }: PolicyFile,
  at: Date,
): Sample["order"] {
  if (orderAge === undefined && !notDelivered && status === undefined) return null;
  return {
    status: status ?? (orderAge === undefined ? "shipped" : "delivered"),
    deliveredOn: orderAge === undefined ? null : isoDate(calendar.dayOf(at) - orderAge),
  };
}
