/** The figures of a rehearsal, overall and by topic, from its tickets alone. */
import {
  type Agreement,
  comparisonAgreement,
  type RehearsalFigures,
  type RehearsalSummary,
  type RehearsedTicket,
  type Share,
} from "#core/values/rehearsal.ts";
import { addedUp } from "#core/values/money.ts";

/** The z value of a 95 % interval. */
const Z = 1.959_964;

/**
 * A share with its Wilson score interval, which stays within 0 and 1 and is honest for few tickets (E. B. Wilson,
 * "Probable Inference, the Law of Succession, and Statistical Inference", 1927).
 */
export function wilsonShare(count: number, of: number): Share {
  if (of === 0) return { count, of, low: 0, high: 1 };
  const share = count / of;
  const middle = share + Z ** 2 / (2 * of);
  const spread = Z * Math.sqrt((share * (1 - share)) / of + Z ** 2 / (4 * of ** 2));
  const whole = 1 + Z ** 2 / of;
  return {
    count,
    of,
    // At none and at all, rounding must not put the share outside its own interval.
    low: Math.max(0, Math.min(share, (middle - spread) / whole)),
    high: Math.min(1, Math.max(share, (middle + spread) / whole)),
  };
}

/** All figures; the same tickets in any order give the same. */
export function ticketsSummary(tickets: readonly RehearsedTicket[]): RehearsalSummary {
  const topics = Map.groupBy(tickets, ({ topic }) => topic);
  return {
    overall: rehearsalFigures(tickets),
    byTopic: [...topics]
      .map(([topic, ofTopic]) => ({ topic, figures: rehearsalFigures(ofTopic) }))
      .toSorted((a, b) => b.figures.tickets - a.figures.tickets || (a.topic < b.topic ? -1 : 1))
      .slice(0, TOPICS_MAX),
    accountDataToday: tickets.filter(({ accountData }) => accountData === "today").length,
    identityAssumed: tickets.filter(({ ticket }) => ticket.identityAssumed).length,
  };
}

const TOPICS_MAX = 100;

function rehearsalFigures(tickets: readonly RehearsedTicket[]): RehearsalFigures {
  const routed = (route: RehearsedTicket["route"]) =>
    wilsonShare(tickets.filter((one) => one.route === route).length, tickets.length);
  const judged = tickets.map((one) => comparisonAgreement(one.comparison));
  const known = judged.filter((one) => one !== "unknown").length;
  const agreeing = (wanted: Agreement) =>
    wilsonShare(judged.filter((one) => one === wanted).length, known);
  const alone = tickets.filter(({ route }) => route === "alone");
  const costs = tickets.map(({ costUsd }) => costUsd);
  const costUsd = tickets.length === 0 ? null : totalCost(costs);
  return {
    tickets: tickets.length,
    alone: routed("alone"),
    withPerson: routed("with_person"),
    notAtAll: routed("not_at_all"),
    same: agreeing("same"),
    differs: agreeing("differs"),
    wrong: agreeing("wrong"),
    wrongActions: wronglyActing(tickets),
    wrongAlone: wronglyActing(alone),
    moneyAtRisk: addedUp(tickets.flatMap(({ moneyAtRisk }) => moneyAtRisk)),
    moneyAtRiskAlone: addedUp(alone.flatMap(({ moneyAtRisk }) => moneyAtRisk)),
    costUsd,
    costPerTicketUsd: costUsd === null ? null : costUsd / tickets.length,
    answeredAfterMs: medianValue(
      tickets.flatMap(({ answeredAfterMs }) => (answeredAfterMs === null ? [] : [answeredAfterMs])),
    ),
    draftedAfterMs: medianValue(tickets.map(({ durationMs }) => durationMs)),
  };
}

function wronglyActing(tickets: readonly RehearsedTicket[]): Share {
  const known = tickets.filter(({ comparison }) => comparison.sameAction !== null);
  const wrong = known.filter(({ comparison }) => comparison.wrongActions.length > 0);
  return wilsonShare(wrong.length, known.length);
}

/** Null as soon as one of them is unknown. */
function totalCost(costs: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const cost of costs) {
    if (cost === null) return null;
    sum += cost;
  }
  return sum;
}

/** The middle value, or halfway between the two in the middle; null for none. */
export function medianValue(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (lower + upper) / 2;
}

/** How it ended. */
export interface RehearsalEnd {
  readonly id: string;
  readonly state: "done" | "stopped";
  /** Why it stopped; empty when it is done. */
  readonly reason: string;
  readonly played: number;
  readonly of: number;
  /** How many of them an earlier run had played. */
  readonly before: number;
  /** Tickets that could not be played, with the reason. The next run tries them again. */
  readonly failed: readonly string[];
  readonly summary: RehearsalSummary;
}

/** How a rehearsal ended, with all its tickets. */
export interface RehearsalResult {
  readonly end: RehearsalEnd;
  /** Where its tickets came from, and what was otherwise than in this installation. */
  readonly source: string;
  readonly model: string;
  /** True for rehearsal rules, which are no AI. */
  readonly isRehearsalModel: boolean;
  readonly tickets: readonly RehearsedTicket[];
  /** What of the source could not be read, with the reason. */
  readonly leftOut: readonly string[];
}
