/** The scorecard as text, for the console and the weekly report. */
import type { ReportTables } from "#core/values/report.ts";
import { formatMoney } from "#core/values/money.ts";
import type { Share } from "#core/values/rehearsal.ts";
import { adviceOn, AGREED_MIN, JUDGED_MIN, type TopicScore } from "./scorecard.ts";
import { percent } from "#core/values/words.ts";

/** "27 of 30 (74 to 97 %)", or a dash where nothing was counted. */
export function shareText({ count, of, low, high }: Share): string {
  const ends = [low, high].map((end) => Math.round(100 * end));
  return of === 0 ? "–" : `${count} of ${of} (${ends.join(" to ")} %)`;
}

/** Money at risk as people read it: "120.00 USD", or "none". */
export function riskText({ atRisk }: TopicScore): string {
  return atRisk.length === 0 ? "none" : atRisk.map(formatMoney).join(" + ");
}

/** What decides, for people. */
export const LEVEL_RULE = `In brackets the 95 % interval. From ${JUDGED_MIN} judged drafts on, a topic may go to draft when the lower end reaches ${percent(AGREED_MIN.draft)}, and to auto when it reaches ${percent(AGREED_MIN.auto)} without any wrong action. Leads decide; nothing changes by itself.`;

/** What the figures of a topic speak for, in a few words. */
export function adviceText(score: TopicScore): string {
  const advice = adviceOn(score);
  if (advice !== null) return `${advice.kind} to ${advice.to}`;
  const missing = JUDGED_MIN - score.judged;
  return missing > 0 ? `stays; ${missing} more to be judged` : "stays";
}

/** As many topics as a phone has room for. */
const TOPICS_MAX = 20;

/** The section of the weekly report: of 90 days, since a week of one topic is seldom enough; most judged first. */
export function shadowSection(scores: readonly TopicScore[]): ReportTables["sections"][number] {
  const shown = scores
    .filter(({ autonomy }) => autonomy === "shadow")
    .toSorted((one, other) => other.judged - one.judged)
    .slice(0, TOPICS_MAX);
  return { heading: "Shadow scorecard, last 90 days", lines: shown.map(scoreLine), quoted: [] };
}

/** One line for each topic. */
function scoreLine(score: TopicScore): string {
  const { channel, topic, judged, agreed, wrongActions, missingFacts } = score;
  const name = topic.replaceAll("_", " ");
  return [
    `${name} on ${channel}: agreed ${shareText(agreed)}`,
    `wrong actions in ${wrongActions.count}`,
    `at risk ${riskText(score)}`,
    `facts missing in ${missingFacts.count} of ${judged}`,
    adviceText(score),
  ].join(" · ");
}
