/** Finds steps that say as allowed what the policy denies, or as done at once what it puts before people. */

import type { LineProblem } from "#policy/yaml.ts";
import type { Decision } from "#core/contracts/policy.ts";
import { type Money, MONEY_OPERATIONS, formatMoney, parseAmount } from "#core/values/money.ts";
import { topicOfOperation } from "#core/values/vocabulary.ts";
import { isoDate } from "#policy/calendar.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import { type Procedure, referencesIn } from "./format.ts";
import { STRICTNESS } from "#policy/rules.ts";

/** What a step is compared with. */
interface Compared {
  readonly tools: ReadonlyMap<string, string | null>;
  readonly policy: PolicyFile;
}

/**
 * Compares every sentence of the steps that names a tool with what the policy decides on its operation. Words are read
 * narrowly: a sentence that says no is left alone. It is help for the writer and no protection, since the policy
 * decides on each action whatever a procedure says.
 */
export function contradictions(
  { steps }: Pick<Procedure, "steps">,
  compared: Compared,
): readonly LineProblem[] {
  return steps.flatMap((step) =>
    step.text.split("\n").flatMap((line, index) =>
      line
        .split(/(?<=[.;!?])\s+/)
        .filter((sentence) => !isDeclined(sentence))
        .flatMap((sentence) => sentenceProblems(sentence, compared))
        .map((reason) => ({ line: step.line + index, reason })),
    ),
  );
}

function sentenceProblems(sentence: string, compared: Compared): readonly string[] {
  const operations = referencesIn(sentence, 1).flatMap(({ kind, name }) => {
    const operation = kind === "tool" ? compared.tools.get(name) : null;
    return typeof operation === "string" ? [{ tool: name, operation }] : [];
  });
  return operations.flatMap(({ tool, operation }) => {
    const said = whatIsSaid(sentence, compared.policy);
    const decision = decisionOn(operation, said, compared.policy);
    if (decision.verdict === "deny")
      return [
        `says @${tool} for ${said.words}, and the policy denies it: ${decision.reason.replace(/\.$/, "")}; write the step so, or change the policy first`,
      ];
    if (!saysAtOnce(sentence)) return [];
    // Without an amount the sentence speaks of every amount, so the largest one counts.
    const all = said.amount ?? { minor: PAID_MINOR, currency: compared.policy.document.currency };
    const atOnce = decisionOn(operation, { ...said, amount: all }, compared.policy);
    return atOnce.verdict === "allow"
      ? []
      : [
          `says @${tool} is done at once for ${said.words}, and the policy does not allow that without a person (${atOnce.rule}); leave out that no person is asked, or change the policy first`,
        ];
  });
}

/** The hardest case a sentence speaks of: its largest amount and its longest time. */
interface Said {
  readonly amount: Money | null;
  readonly days: number;
  readonly words: string;
}

function whatIsSaid(sentence: string, { document }: PolicyFile): Said {
  const amounts = amountsIn(sentence, document.currency);
  const amount = amounts.toSorted((a, b) => b.minor - a.minor)[0] ?? null;
  const days = Math.max(0, ...daysIn(sentence));
  const words = [
    ...(amount === null ? [] : [formatMoney(amount)]),
    ...(days === 0 ? [] : [`${days} days after delivery`]),
  ];
  return { amount, days, words: words.length === 0 ? "every case" : words.join(", ") };
}

const CUSTOMER = "customer";
const PAID_MINOR = 100_000_000;

/**
 * What the policy decides at best: the customer is confirmed, asked in their own words, and no limit is used. Without
 * days the mildest order counts, and without an amount the smallest one, so that only what is denied in every case is
 * a contradiction.
 */
function decisionOn(operation: string, { amount, days }: Said, file: PolicyFile): Decision {
  const { currency } = file.document;
  const money = MONEY_OPERATIONS.includes(operation) ? (amount ?? { minor: 1, currency }) : null;
  const at = new Date();
  const decide = (status: string, deliveredOn: string | null): Decision =>
    file.policy.decide({
      operation,
      channel: "email",
      brand: "",
      topic: topicOfOperation(operation),
      level: 3,
      actingLevel: undefined,
      customerId: CUSTOMER,
      amount: money,
      order: {
        orderId: "order",
        customerId: CUSTOMER,
        status,
        paid: { minor: PAID_MINOR, currency },
        refunded: { minor: 0, currency },
        refundCount: 0,
        deliveredOn,
      },
      origin: null,
      at,
      usage: {},
    });
  const today = file.terms.calendar.dayOf(at);
  const delivered = decide("delivered", isoDate(today - days));
  if (days > 0) return delivered;
  const unshipped = [...file.terms.unshippedStatuses].map((status) => decide(status, null));
  return (
    [delivered, ...unshipped].toSorted(
      (a, b) => STRICTNESS[a.verdict] - STRICTNESS[b.verdict],
    )[0] ?? delivered
  );
}

// Reads from a step what can be compared with the policy: amounts, days, "at once", and words that say no.

const SIGNS: Readonly<Record<string, string>> = { $: "USD", "€": "EUR", "£": "GBP" };

const AMOUNT =
  /(?:([$€£])\s?|\b([A-Z]{3})\s)(\d[\d.,']{0,12})|(\d[\d.,']{0,12})\s?(?:([$€£])|([A-Z]{3})\b|(dollars?|euros?|pounds?)\b)/g;

/** All amounts of a sentence in this currency; an amount in another one cannot be compared. */
function amountsIn(sentence: string, currency: string): readonly Money[] {
  return [...sentence.matchAll(AMOUNT)].flatMap((found) => {
    const [, sign, before, first, second, after, code, word = ""] = found;
    const named = before ?? code ?? SIGNS[sign ?? after ?? ""] ?? WORDS[word.slice(0, 4)];
    const amount = parseAmount(plainNumber(first ?? second ?? ""), currency);
    return named === currency && !("reason" in amount) ? [amount] : [];
  });
}

const WORDS: Readonly<Record<string, string>> = { doll: "USD", euro: "EUR", poun: "GBP" };

/** "1,500.00", "1.500,00" and "1500" as a number with a point: the last mark before two digits is the decimal one. */
function plainNumber(written: string): string {
  const trimmed = written.replace(/(?<![.,'])[.,']+$/, "");
  const [, whole = trimmed, cents] = /^(.*)[.,](\d{2})$/.exec(trimmed) ?? [];
  const digits = whole.replaceAll(/[.,']/g, "");
  return cents === undefined ? digits : `${digits}.${cents}`;
}

const DAYS =
  /\b(\d{1,4})[- ]?(days?|weeks?|months?|years?|tagen?|wochen?|monaten?|jahren?|jours?|semaines?|mois|ans?|d[ií]as?|semanas?|mes(?:es)?|años?)(?!\p{L})/giu;

const UNITS = [
  [/^(?:w|sem)/i, 7],
  [/^m(?:o|e)/i, 30],
  [/^(?:y|jahr|an|añ)/i, 365],
] as const;

/** Every length of time in a sentence, in days; a month counts 30 and a year 365. */
function daysIn(sentence: string): readonly number[] {
  return [...sentence.matchAll(DAYS)].map(([, number, unit = ""]) => {
    const [, days = 1] = UNITS.find(([pattern]) => pattern.test(unit)) ?? [];
    return Number(number) * days;
  });
}

/** Bounds sound like a no and are none: "no later than", "not more than". */
const BOUNDS =
  /\b(?:no|not) (?:later|more|longer|less) than\b|\bnicht (?:später|mehr|länger) als\b|\bpas plus (?:tard|de)\b|\bno más (?:tarde )?de\b/giu;

const NO =
  /\b(?:not|no|never|nor|cannot|can't|don't|doesn't|isn't|won't|without exception|hand over|nicht|kein\w*|nie|niemals|ne|pas|jamais|aucun\w*|nunca|ning[uú]n\w*|tampoco)(?!\p{L})/iu;

/** Whether a sentence says what is not done, or that people do it. */
function isDeclined(sentence: string): boolean {
  return NO.test(sentence.replaceAll(BOUNDS, ""));
}

const AT_ONCE =
  /\b(?:at once|right away|straight away|immediately|automatically|without (?:asking|approval|a person|waiting)|sofort|automatisch|ohne (?:rückfrage|freigabe)|imm[ée]diatement|automatiquement|sans (?:demander|accord)|inmediatamente|autom[áa]ticamente|sin (?:preguntar|aprobaci[óo]n))(?!\p{L})/iu;

/** Whether a sentence says that no person is asked. */
function saysAtOnce(sentence: string): boolean {
  return AT_ONCE.test(sentence);
}
