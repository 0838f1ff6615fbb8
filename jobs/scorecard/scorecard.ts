/**
 * Room: judges drafts by what people did, and proposes another autonomy for a topic where the figures speak for it.
 * In: drafts that were only shown with teammates' own answers, decided cards, answers that went out by themselves.
 * Out: judged drafts without any text, the scorecard by topic, changes of the policy put before two leads.
 * May touch: the database; the shop for reading. It sends nothing and changes no policy.
 * This file: the scorecard by topic as it stands now: how often people did the same, and what that allows to propose.
 */
import type { Autonomy, Policy } from "#core/contracts/policy.ts";
import { addedUp, formatMoney, type Money } from "#core/values/money.ts";
import type { Share } from "#core/values/rehearsal.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { percent } from "#core/values/words.ts";
import type { Transaction } from "#store/db/database.ts";
import { type DraftScore, draftScores } from "#store/reports/draft-scores.ts";
import { daysBefore } from "#core/values/moment.ts";
import { wilsonShare } from "#jobs/rehearsal/figures.ts";

/** So many days count: long enough for a topic that comes once a day, and no longer than text is kept. */
const SCORED_DAYS = 90;

/**
 * The drafts of every topic at the level it has now: what was shown alone while it shadows, decided cards while it is
 * drafted, and with them what went out by itself while it is automatic. After an agreed change of a topic only what
 * came later counts. Without `since`, the last 90 days.
 */
export async function readScorecard(
  policy: Pick<Policy, "replyAutonomy">,
  transaction: Transaction,
  now: Date,
  since: Date = daysBefore(now, SCORED_DAYS),
): Promise<readonly TopicScore[]> {
  const scores = await draftScores(transaction, { from: since, to: now });
  return topicScorecard(scores.flatMap((score) => atPresentLevel(policy, score)));
}

/** A draft that was judged while its topic had another freedom says nothing about the one it has now. */
function atPresentLevel(
  policy: Pick<Policy, "replyAutonomy">,
  score: DraftScore,
): readonly DraftScore[] {
  const autonomy = policy.replyAutonomy(score.channel, score.topic);
  // While answers go out by themselves, those that ask all the same are cards.
  const counts = score.autonomy === autonomy || (autonomy === "auto" && score.autonomy === "draft");
  return counts ? [{ ...score, autonomy }] : [];
}

/** The drafts of one topic on one channel, at one level of autonomy. */
export interface TopicScore {
  readonly channel: ChannelName;
  readonly topic: string;
  readonly autonomy: Autonomy;
  readonly judged: number;
  readonly agreed: Share;
  /** Drafts with at least one wrong action; what went out by itself is not looked at for it. */
  readonly wrongActions: number;
  /** Drafts that lack at least one fact; looked at only where drafts are shown alone. */
  readonly missingFacts: number;
  /** One sum for each currency. */
  readonly atRisk: readonly Money[];
}

/** Every topic that was judged, by channel and name. Pure. */
export function topicScorecard(scores: readonly DraftScore[]): readonly TopicScore[] {
  const groups = Map.groupBy(scores, ({ channel, topic, autonomy }) =>
    JSON.stringify([channel, topic, autonomy]),
  );
  return [...groups.keys()].toSorted().flatMap((key) => topicScore(groups.get(key) ?? []));
}

function topicScore(scores: readonly DraftScore[]): readonly TopicScore[] {
  const [first] = scores;
  if (first === undefined) return [];
  const { channel, topic, autonomy } = first;
  const sum = (of: (score: DraftScore) => number): number =>
    scores.reduce((total, score) => total + of(score), 0);
  const judged = sum((score) => score.judged);
  return [
    {
      channel,
      topic,
      autonomy,
      judged,
      agreed: wilsonShare(
        sum(({ agreed }) => agreed),
        judged,
      ),
      wrongActions: sum(({ wrongActions }) => wrongActions),
      missingFacts: sum(({ missingFacts }) => missingFacts),
      atRisk: addedUp(scores.map(({ atRisk }) => atRisk)),
    },
  ];
}

/** With fewer judged drafts nothing is proposed that permits more. */
export const JUDGED_MIN = 30;

/**
 * From this share of drafts on with which people agreed, a topic may go to this level; the lower end of its 95 %
 * interval counts. Before an answer goes out unread it has to be nine in ten; a draft is read by a person, so seven in
 * ten save more than they cost.
 */
export const AGREED_MIN = { draft: 0.7, auto: 0.9 } as const;

/** A change of one topic's autonomy that the figures speak for. */
export interface Advice {
  readonly kind: "promote" | "demote";
  readonly channel: ChannelName;
  readonly topic: string;
  readonly from: Autonomy;
  readonly to: Autonomy;
  /** Why, in one sentence with the figures. */
  readonly why: string;
}

const STRICTER = { auto: "draft", draft: "shadow" } as const;
const FREER = { shadow: "draft", draft: "auto" } as const;

/**
 * What the figures speak for: one step up when the lower end of the interval allows it and enough was judged, one step
 * down when the level the topic has is no longer allowed. Null when it stays as it is. Pure.
 */
export function adviceOn(score: TopicScore): Advice | null {
  const { autonomy } = score;
  if (autonomy !== "shadow" && isRefuted(score, autonomy))
    return advice(score, "demote", STRICTER[autonomy]);
  if (autonomy === "auto") return null;
  const next = FREER[autonomy];
  return allows(score, next) ? advice(score, "promote", next) : null;
}

/** The interval allows the level. An answer that goes out unread may not rest on wrong actions at all. */
function allows({ judged, agreed, wrongActions }: TopicScore, level: "draft" | "auto"): boolean {
  return (
    judged >= JUDGED_MIN &&
    agreed.low >= AGREED_MIN[level] &&
    (level === "draft" || wrongActions === 0)
  );
}

/**
 * The level is not allowed any more. With few drafts the lower end is always small, so until enough are judged only an
 * upper end below the threshold counts; one wrong action ends answers that go out unread at once.
 */
function isRefuted(score: TopicScore, level: "draft" | "auto"): boolean {
  const { judged, agreed, wrongActions } = score;
  if (level === "auto" && wrongActions > 0) return true;
  return judged >= JUDGED_MIN ? !allows(score, level) : agreed.high < AGREED_MIN[level];
}

function advice(score: TopicScore, kind: Advice["kind"], to: Autonomy): Advice {
  const { channel, topic, autonomy: from, agreed, wrongActions, judged } = score;
  const wrong = `${wrongActions} of them with a wrong action`;
  return {
    kind,
    channel,
    topic,
    from,
    to,
    why: `people agreed with ${agreed.count} of ${judged} drafts (95 % interval ${percent(agreed.low)} to ${percent(agreed.high)}), ${wrong}`,
  };
}

// As text, for the console.

/** "27 of 30 (74 to 97 %)", or a dash where nothing was counted. */
function shareText({ count, of, low, high }: Share): string {
  const ends = [low, high].map((end) => Math.round(100 * end));
  return of === 0 ? "–" : `${count} of ${of} (${ends.join(" to ")} %)`;
}

/** What decides, for people. */
export const LEVEL_RULE = `In brackets the 95 % interval. From ${JUDGED_MIN} judged drafts on, a topic may go to draft when the lower end reaches ${percent(AGREED_MIN.draft)}, and to auto when it reaches ${percent(AGREED_MIN.auto)} without any wrong action. Leads decide; nothing changes by itself.`;

/** What the figures of a topic speak for, in a few words. */
function adviceText(score: TopicScore): string {
  const advice = adviceOn(score);
  if (advice !== null) return `${advice.kind} to ${advice.to}`;
  const missing = JUDGED_MIN - score.judged;
  return missing > 0 ? `stays; ${missing} more to be judged` : "stays";
}

/** What the drafts of a topic were like beside what people did, and what that allows. */
export function scoreText(score: TopicScore): string {
  const { autonomy, judged, agreed, atRisk, wrongActions, missingFacts } = score;
  return [
    `agreed ${shareText(agreed)}`,
    `wrong actions in ${wrongActions}`,
    `at risk ${atRisk.length === 0 ? "none" : atRisk.map(formatMoney).join(" + ")}`,
    ...(autonomy === "shadow" ? [`facts missing in ${missingFacts} of ${judged}`] : []),
    adviceText(score),
  ].join(" · ");
}
