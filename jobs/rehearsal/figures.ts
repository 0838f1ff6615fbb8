/**
 * The figures of a rehearsal, overall and by topic, from its tickets alone; and what it came to, for a terminal of 80
 * columns.
 */
import {
  type Agreement,
  comparisonAgreement,
  type RehearsalFigures,
  type RehearsalSummary,
  type RehearsedTicket,
  type Share,
  riskInOrder,
} from "#core/values/rehearsal.ts";
import { addedUp, formattedSums } from "#core/values/money.ts";
import { durationText } from "#core/values/moment.ts";
import { wrapped, inWords } from "#core/values/words.ts";

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

const COLUMNS = 80;
/** Disagreements that are shown; the console has all. */
const SHOWN_MAX = 5;
const LEFT_OUT_MAX = 5;

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
  readonly model: string;
  /** True for rehearsal rules, which are no AI. */
  readonly isRehearsalModel: boolean;
  readonly tickets: readonly RehearsedTicket[];
  /** What of the source could not be read, with the reason. */
  readonly leftOut: readonly string[];
}

/** The whole text; no line is longer than 80 characters, except a single longer word. */
export function summaryText(given: RehearsalResult): string {
  const { end, model, isRehearsalModel, tickets } = given;
  const { overall, byTopic, accountDataToday, identityAssumed } = end.summary;
  return [
    `Rehearsal ${end.id}: ${end.played} of ${end.of} tickets played`,
    isRehearsalModel ? "Model: rehearsal rules, no AI" : `Model: ${model}`,
    ...(end.state === "stopped" ? [`Stopped: ${end.reason}. Run it again to go on.`] : []),
    ...some("could not be read", given.leftOut),
    ...some("could not be played", end.failed),
    "",
    ...overallLines(overall),
    ...(byTopic.length < 2 ? [] : ["", TOPIC_HEAD, ...byTopic.map(topicLine)]),
    "",
    ...(accountDataToday === 0
      ? []
      : [
          `${accountDataToday} with today's account data: the shop could not tell the earlier state`,
        ]),
    ...(identityAssumed === 0 ? [] : [`${identityAssumed} where it is assumed who wrote`]),
    ...wrongLines(tickets),
    "",
    "Each ticket, and all of it as one file: the console, page Rehearsals",
  ]
    .flatMap((line) => wrapped(line, COLUMNS, "    "))
    .join("\n");
}

function some(what: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length - LEFT_OUT_MAX;
  return [
    `${lines.length} ${what}:`,
    ...lines.slice(0, LEFT_OUT_MAX).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function overallLines(figures: RehearsalFigures): readonly string[] {
  const risk = formattedSums(figures.moneyAtRisk).join(", ") || "none";
  const alone = formattedSums(figures.moneyAtRiskAlone).join(", ") || "none";
  return [
    shareLine("Could go out alone", figures.alone),
    shareLine("With a person", figures.withPerson),
    shareLine("Not at all", figures.notAtAll),
    shareLine("Same as people", figures.same),
    shareLine("Differs", figures.differs),
    shareLine("Wrong", figures.wrong),
    shareLine("With a wrong action", figures.wrongActions),
    shareLine("  of those alone", figures.wrongAlone),
    `${"Money at risk".padEnd(LABEL)}${risk} (alone: ${alone})`,
    `${"Time to answer".padEnd(LABEL)}${timeText(figures.answeredAfterMs)} by people, ${timeText(figures.draftedAfterMs)} for a draft (medians)`,
    `${"Cost a ticket".padEnd(LABEL)}${figures.costPerTicketUsd === null ? "not known" : `${figures.costPerTicketUsd.toFixed(4)} USD`}`,
  ];
}

const LABEL = 22;

function shareLine(label: string, share: Share): string {
  return `${label.padEnd(LABEL)}${shareText(share)}`;
}

function shareText({ count, of, low, high }: Share): string {
  if (of === 0) return "nothing to count";
  const value = `${percent(count / of)} %`.padStart(5);
  return `${value}  ${String(count).padStart(4)} of ${String(of).padEnd(4)} (95 %: ${percent(low)} to ${percent(high)} %)`;
}

function percent(share: number): string {
  return String(Math.round(share * 100));
}

const TOPIC = 18;
const TOPIC_HEAD = `${"Topic".padEnd(TOPIC)}tickets   alone (95 %)     wrong (95 %)     at risk`;

function topicLine({
  topic,
  figures,
}: {
  readonly topic: string;
  readonly figures: RehearsalFigures;
}) {
  const risk = formattedSums(figures.moneyAtRisk).join(", ") || "–";
  const cells = [figures.alone, figures.wrong].map((share) => interval(share).padEnd(17)).join("");
  return `${topic.slice(0, TOPIC - 1).padEnd(TOPIC)}${String(figures.tickets).padStart(7)}   ${cells}${risk}`;
}

function interval({ count, of, low, high }: Share): string {
  if (of === 0) return "–";
  return `${percent(count / of)} % (${percent(low)}–${percent(high)})`;
}

/** The dearest first. */
function wrongLines(tickets: readonly RehearsedTicket[]): readonly string[] {
  const wrong = tickets.filter(({ comparison }) => comparisonAgreement(comparison) === "wrong");
  const sorted = wrong.toSorted((a, b) => riskInOrder(b) - riskInOrder(a));
  if (sorted.length === 0) return [];
  return [
    "",
    `Wrong, ${Math.min(SHOWN_MAX, sorted.length)} of ${sorted.length}:`,
    ...sorted.slice(0, SHOWN_MAX).map((one) => `  ${one.ticket.id}: ${whyWrong(one)}`),
  ];
}

const WHY = {
  not_taken: "people did not",
  other_amount: "people gave another amount",
  other_order: "people did it for another order",
} as const;

function whyWrong({ comparison: { wrongActions, contradicts } }: RehearsedTicket): string {
  const [action] = wrongActions;
  if (action !== undefined) {
    const amount = formattedSums([action.amount]).join("");
    return `would ${inWords(action.operation)}${amount === "" ? "" : ` ${amount}`}; ${WHY[action.why]}`;
  }
  const [fact] = contradicts;
  return fact === undefined ? "" : `says “${fact.draft.words}”, people “${fact.person.words}”`;
}

function timeText(ms: number | null): string {
  return ms === null ? "not known" : durationText(ms);
}
