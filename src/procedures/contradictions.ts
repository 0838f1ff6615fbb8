/** Finds steps that say as allowed what the policy denies, or as done at once what it puts before people. */
import type { Money } from "#core/values/money.ts";
import { MONEY_OPERATIONS, formatMoney } from "#core/values/money.ts";
import { topicOfOperation } from "#core/values/topic.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import { isoDate } from "#policy/calendar.ts";
import type { LineProblem, Procedure } from "./format.ts";
import { referencesIn } from "./steps.ts";
import { amountsIn, daysIn, isDeclined, saysAtOnce } from "./step-words.ts";

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
    [delivered, ...unshipped].toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict])[0] ?? delivered
  );
}

const RANK = { allow: 0, ask: 1, deny: 2 } as const satisfies Record<Decision["verdict"], number>;
