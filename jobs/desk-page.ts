import type { DeskTeammate } from "#core/desk.ts";
import type { DeskOverview } from "#core/desk-page.ts";
import { sumsOf } from "#core/money.ts";
import { standingOfDesk } from "#store/desk-overview.ts";
import { currentPause } from "#store/pause.ts";
import { recentPolicyChanges } from "#store/policy-changes.ts";
import { voterOf } from "./clicks.ts";
import type { Parts } from "./parts.ts";
import { pauseInWords } from "./pause.ts";
import { policyCard } from "./policy-card.ts";

const WAITING_MAX = 25;
const UNTAKEN_MAX = 15;

/** What waits and what was done today, for somebody with a role; null for everybody else. */
export async function overviewFor(
  parts: Pick<Parts, "store" | "clock" | "policy" | "guard" | "cardLink">,
  teammate: DeskTeammate,
): Promise<DeskOverview | null> {
  if (voterOf(parts, teammate).role === null) return null;
  const at = parts.clock.now();
  const midnight = new Date(at.toISOString().slice(0, 10));
  const [standing, changes, pause] = await parts.store.run(async (transaction) => [
    await standingOfDesk(transaction, midnight),
    (await recentPolicyChanges(transaction, at)).filter(({ state }) => state === "proposed"),
    await currentPause(transaction),
  ]);
  const aboutPolicy = changes.map((change) => ({
    headline: policyCard(change).headline,
    flags: [],
    since: change.proposedAt,
    expiresAt: null,
    ref: change.deskRef,
    link: parts.cardLink(change.id),
  }));
  const aboutCases = standing.waiting.map(({ id, card, since, expiresAt, ref }) => ({
    headline: card.headline,
    flags: card.flags,
    since,
    expiresAt,
    ref,
    link: parts.cardLink(id),
  }));
  const risky = aboutCases.filter(({ flags }) => flags.length > 0);
  const plain = aboutCases.filter(({ flags }) => flags.length === 0);
  return {
    at,
    paused: pauseInWords(pause),
    waiting: [...aboutPolicy, ...risky, ...plain].slice(0, WAITING_MAX),
    waitingCount: standing.waitingCount + aboutPolicy.length,
    untaken: standing.untaken.slice(0, UNTAKEN_MAX).map(({ id, channel, reason, since }) => ({
      label: `${channel}, ${id}`,
      reason: parts.guard.mask(reason).replaceAll(/\s*\(“[^”]*”\)/g, ""),
      since,
    })),
    untakenCount: standing.untaken.length,
    today: {
      received: standing.received,
      answered: standing.outcomes.get("answered") ?? 0,
      escalated: standing.outcomes.get("escalated") ?? 0,
      refunds: standing.refunds.length,
      refunded: sumsOf(standing.refunds),
    },
  };
}
