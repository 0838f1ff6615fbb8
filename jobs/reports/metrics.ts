/** Computes the metrics of a period from its recorded rows, and of the same period before it. */

import type { DaySpan, Policy } from "#core/contracts/policy.ts";
import type { Money } from "#core/values/money.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { Transaction } from "#store/db/database.ts";
import { countIn, resolutionRate } from "#store/reports/counted-rows.ts";
import { metricRows, type MetricRows } from "#store/reports/metric-rows.ts";
import { medianValue } from "#jobs/rehearsal/figures.ts";

/** What metrics depend on besides the rows. */
type MetricPolicy = Pick<Policy, "digest" | "caps">;

/** The metrics of a period next to those of the period before it. */
export interface Compared {
  readonly days: DaySpan;
  readonly now: Metrics;
  readonly before: Metrics;
  /** The days of the answers whose seven days for a reopening are over. */
  readonly held: DaySpan;
}

/**
 * Compares some days with the same days a week earlier, in the caller's transaction, so that both are read at one
 * moment.
 */
export async function compareDays(
  policy: MetricPolicy,
  transaction: Transaction,
  days: DaySpan,
): Promise<Compared> {
  const { digest } = policy;
  const held = digest.weekLater(days, -1);
  return {
    days,
    now: await figuresIn(policy, transaction, { span: days, held }),
    before: await figuresIn(policy, transaction, { span: held, held: digest.weekLater(days, -2) }),
    held,
  };
}

async function figuresIn(
  { digest, caps }: MetricPolicy,
  transaction: Transaction,
  spans: { readonly span: DaySpan; readonly held: DaySpan },
): Promise<Metrics> {
  return computedMetrics(await metricRows(transaction, spans), {
    shiftsAt: (at) => digest.shiftsAt(at),
    scoreMin: caps.confidenceMin,
  });
}

/** Whose text the customer read last: the bot's draft, even if a person edited or sent it, or a person's own. */
export type Writer = "bot" | "person";

/** Count, median and 90th percentile of some durations; null when there are none. */
export interface Spread {
  readonly count: number;
  readonly medianMs: number;
  readonly p90Ms: number;
}

/** The metrics of one span of time. docs/figures.md defines each in a sentence. */
export interface Metrics {
  readonly channels: readonly {
    readonly channel: ChannelName;
    readonly received: number;
    readonly answered: number;
    readonly toPeople: number;
  }[];
  /** Messages that only said thanks and ended without a card. */
  readonly thanks: number;
  readonly firstReply: Spread | null;
  readonly expired: number;
  readonly drafts: readonly {
    readonly topic: string;
    readonly untouched: number;
    readonly edited: number;
    readonly rejected: number;
  }[];
  readonly decisions: readonly { readonly shift: string; readonly spread: Spread }[];
  readonly reopened: Readonly<
    Record<Writer, { readonly solved: number; readonly reopened: number }>
  >;
  readonly ratings: Readonly<Record<Writer, { readonly good: number; readonly bad: number }>>;
  readonly refunds: readonly {
    readonly by: "policy" | "person";
    readonly count: number;
    readonly sum: Money;
  }[];
  readonly handovers: { readonly count: number; readonly untaken: number };
  readonly askedForPerson: readonly { readonly channel: ChannelName; readonly count: number }[];
  /** Most frequent first. */
  readonly questions: readonly string[];
  readonly unknownEffects: number;
  /** Of the matters that ended, how many the bot resolved. */
  readonly resolution: { readonly resolved: number; readonly ended: number };
  /** `usd` is null when the price of a turn is unknown, `each` also when nothing was resolved. */
  readonly cost: { readonly usd: number | null; readonly each: number | null };
}

/** What the computation needs besides the rows. */
interface MetricTerms {
  /** The groups on duty at a moment; none outside working hours. */
  readonly shiftsAt: (at: Date) => readonly string[];
  /** A search whose best passage scores below this found nothing useful. */
  readonly scoreMin: number;
}

const QUESTIONS_MAX = 5;
const NOBODY = "nobody on duty";

/** Computes every metric. Pure: the same rows and terms give the same result. */
export function computedMetrics(rows: MetricRows, terms: MetricTerms): Metrics {
  return {
    channels: channelMetrics(rows),
    thanks: rows.thanks,
    firstReply: durationSpread(rows.firstReplies),
    expired: rows.expired,
    drafts: draftMetrics(rows.drafts),
    decisions: decisionMetrics(rows.decisions, terms),
    reopened: {
      bot: reopensBy("bot", rows),
      person: reopensBy("person", rows),
    },
    ratings: { bot: ratingsBy("bot", rows), person: ratingsBy("person", rows) },
    refunds: refundMetrics(rows.refunds),
    handovers: {
      count: rows.handovers.length,
      untaken: rows.handovers.filter(({ taken }) => !taken).length,
    },
    askedForPerson: rows.personRequests,
    questions: unansweredQuestions(rows.searches, terms.scoreMin),
    unknownEffects: rows.unknownEffects,
    resolution: resolutionRate(rows.matters),
    cost: costMetrics(rows),
  };
}

/** What some durations are; null for none. The 90th percentile is the smallest value that nine of ten do not exceed. */
export function durationSpread(times: readonly number[]): Spread | null {
  const medianMs = medianValue(times);
  if (medianMs === null) return null;
  const sorted = times.toSorted((one, other) => one - other);
  // In integers, because 0.9 has no exact binary form.
  const p90Ms = sorted[Math.ceil((sorted.length * 9) / 10) - 1] ?? 0;
  return { count: sorted.length, medianMs, p90Ms };
}

function channelMetrics({ messages }: MetricRows): Metrics["channels"] {
  return groupsIn(messages).map((channel) => ({
    channel: ChannelName.parse(channel),
    received: countIn(messages, "received", channel),
    answered: countIn(messages, "answered", channel),
    toPeople: countIn(messages, "to-people", channel),
  }));
}

function groupsIn(counts: MetricRows["messages"]): readonly string[] {
  return [...new Set(counts.map(({ group }) => group))].toSorted();
}

function draftMetrics(drafts: MetricRows["drafts"]): Metrics["drafts"] {
  return groupsIn(drafts)
    .map((topic) => ({
      topic,
      untouched: countIn(drafts, "unchanged", topic),
      edited: countIn(drafts, "edited", topic),
      rejected: countIn(drafts, "rejected", topic),
    }))
    .toSorted(
      (one, other) => draftTotal(other) - draftTotal(one) || (one.topic < other.topic ? -1 : 1),
    );
}

function draftTotal({ untouched, edited, rejected }: Metrics["drafts"][number]): number {
  return untouched + edited + rejected;
}

/** A card counts for every group on duty when it was asked: any of them could have decided it. */
function decisionMetrics(
  decisions: MetricRows["decisions"],
  { shiftsAt }: MetricTerms,
): Metrics["decisions"] {
  const times = new Map<string, number[]>();
  for (const { askedAt, decidedAt } of decisions) {
    const shifts = shiftsAt(askedAt);
    for (const shift of shifts.length === 0 ? [NOBODY] : shifts)
      times.set(shift, [
        ...(times.get(shift) ?? []),
        Math.max(0, decidedAt.getTime() - askedAt.getTime()),
      ]);
  }
  return [...times]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([shift, all]) => {
      const spread = durationSpread(all);
      return spread === null ? [] : [{ shift, spread }];
    });
}

function reopensBy(by: Writer, { solved }: MetricRows): Metrics["reopened"][Writer] {
  const theirs = solved.filter((one) => one.by === by);
  return { solved: theirs.length, reopened: theirs.filter(({ reopened }) => reopened).length };
}

function ratingsBy(by: Writer, { ratings }: MetricRows): Metrics["ratings"][Writer] {
  return { good: countIn(ratings, "good", by), bad: countIn(ratings, "bad", by) };
}

function refundMetrics(refunds: MetricRows["refunds"]): Metrics["refunds"] {
  const sums = new Map<string, Metrics["refunds"][number]>();
  for (const { by, amount } of refunds) {
    const name = `${by} ${amount.currency}`;
    const before = sums.get(name) ?? { by, count: 0, sum: { ...amount, minor: 0 } };
    const sum = { ...amount, minor: before.sum.minor + amount.minor };
    sums.set(name, { by, count: before.count + 1, sum });
  }
  return [...sums].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, sum]) => sum);
}

/**
 * Skips turns in which any query found something useful; the first query is the closest to the customer's text.
 */
function unansweredQuestions(
  searches: MetricRows["searches"],
  scoreMin: number,
): readonly string[] {
  const turns = Map.groupBy(searches, ({ turnId }) => turnId);
  const counts = new Map<string, { readonly words: string; readonly count: number }>();
  for (const [first, ...others] of turns.values()) {
    if (first === undefined || first.query === "") continue;
    if ([first, ...others].some(({ bestScore }) => bestScore >= scoreMin)) continue;
    const name = first.query.toLowerCase();
    const before = counts.get(name);
    counts.set(name, { words: before?.words ?? first.query, count: (before?.count ?? 0) + 1 });
  }
  return [...counts.values()]
    .toSorted((one, other) => other.count - one.count || (one.words < other.words ? -1 : 1))
    .slice(0, QUESTIONS_MAX)
    .map(({ words, count }) => (count === 1 ? words : `${words} (${count} times)`));
}

function costMetrics({ cost: [cost], matters }: MetricRows): Metrics["cost"] {
  const { resolved } = resolutionRate(matters);
  const usd = cost === undefined ? 0 : cost.unpriced > 0 ? null : cost.usd;
  return { usd, each: usd === null || resolved === 0 ? null : usd / resolved };
}
