/**
 * Room: judges drafts by what people did, and proposes another autonomy for a topic where the figures speak for it.
 * In: drafts that were only shown with teammates' own answers, decided cards, answers that went out by themselves.
 * Out: judged drafts without any text, the scorecard by topic, changes of the policy put before two leads.
 * May touch: the database; the shop for reading. It sends nothing and changes no policy.
 * This file: the scorecard as it stands now.
 */
import type { Policy } from "#core/contracts/policy.ts";
import type { Transaction } from "#store/db/database.ts";
import { pastProposals, type PastProposal } from "#store/policy/autonomy-proposals.ts";
import {
  automaticScores,
  cardScores,
  type DraftScore,
  shadowScores,
} from "#store/reports/draft-scores.ts";
import { scorecardOf, type TopicScore } from "./scorecard.ts";

/** So many days count: long enough for a topic that comes once a day, and no longer than text is kept. */
const SCORED_DAYS = 90;

const DAY_MS = 86_400_000;

/**
 * The drafts of every topic at the level it has now: what was shown alone while it shadows, decided cards while it is
 * drafted, and with them what went out by itself while it is automatic. After an agreed change of a topic only what
 * came later counts. Without `since`, the last 90 days.
 */
export async function readScorecard(
  policy: Pick<Policy, "replyAutonomy">,
  transaction: Transaction,
  now: Date,
  since: Date = new Date(now.getTime() - SCORED_DAYS * DAY_MS),
): Promise<readonly TopicScore[]> {
  const span = { from: since, to: now };
  const past = await pastProposals(transaction);
  const scores = [
    ...(await shadowScores(transaction, span)),
    ...(await cardScores(transaction, span)),
    ...(await automaticScores(transaction, span)),
  ];
  return scorecardOf(
    scores
      .flatMap((score) => atPresentLevel(policy, score))
      .filter((score) => isSinceChange(score, past)),
  );
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

function isSinceChange({ channel, topic, at }: DraftScore, past: readonly PastProposal[]): boolean {
  return past.every(
    (one) =>
      one.channel !== channel ||
      one.topic !== topic ||
      one.activeSince === null ||
      at > one.activeSince,
  );
}
