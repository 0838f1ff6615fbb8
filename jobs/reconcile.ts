import { DeskhandError, reasonOf } from "#core/errors.ts";
import { appendAudit } from "#store/audit.ts";
import { changeApproval, expiredApprovals, type Approval } from "#store/approvals.ts";
import { setOutcome } from "#store/conversations.ts";
import { amendTurn } from "#store/traces.ts";
import { conversationsToWake } from "#store/wakeups.ts";
import { showCards } from "./cards.ts";
import { handToPeople } from "./hand-to-people.ts";
import type { Parts } from "./parts.ts";
import { remind } from "./remind.ts";
import { tellTeam } from "./tell.ts";

/** How often due times are looked at, in milliseconds. */
const TICK_MS = 1_000;

/** Unread mail younger than this is left to its own ring. */
const RING_GRACE_MS = 5_000;

/**
 * The clockwork: every second it ends cards whose time is over, reminds of what nobody has looked at, shows cards that
 * are out of date, and rings for conversations that have something to do and nobody at work. All of it is read from the
 * database, so losing the queue or the process loses nothing.
 */
export function startReconciler(
  parts: Parts,
  queue: {
    readonly wakeAnyway: (conversationId: string) => Promise<void>;
    readonly depth: () => Promise<number>;
  },
): {
  stop(): Promise<void>;
  /** Milliseconds since a tick last came to its end, well or not: more than a few mean that it stands still. */
  tickAgeMs(): number;
} {
  const stopping = new AbortController();
  const beat = { at: performance.now() };
  const running = loop(parts, queue, stopping.signal, () => {
    beat.at = performance.now();
  });
  return {
    tickAgeMs: () => performance.now() - beat.at,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function loop(
  parts: Parts,
  queue: Parameters<typeof startReconciler>[1],
  signal: AbortSignal,
  ticked: () => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await tick(parts, queue);
    } catch (error) {
      // A database or queue that is away comes back; anything else is a mistake that has to be seen.
      if (error instanceof DeskhandError && error.retry)
        parts.log.warn("clockwork waits", { reason: reasonOf(error) });
      else parts.log.error("clockwork failed", { reason: reasonOf(error) });
    }
    ticked();
    await pause(TICK_MS, signal);
  }
}

async function tick(parts: Parts, queue: Parameters<typeof startReconciler>[1]): Promise<void> {
  await expireCards(parts);
  await remind(parts);
  await showCards(parts);
  const now = parts.clock.now();
  const idle = await queue.depth().then(
    (depth) => depth === 0,
    () => false,
  );
  const olderThan = idle ? now : new Date(now.getTime() - RING_GRACE_MS);
  const waiting = await parts.store.run((transaction) =>
    conversationsToWake(transaction, { now, olderThan, limit: 100 }),
  );
  for (const conversationId of waiting) await queue.wakeAnyway(conversationId);
}

/** An expired approval never approves: its conversation goes to people, and the fallback lead is told. */
async function expireCards(parts: Parts): Promise<void> {
  const now = parts.clock.now();
  const expired = await parts.store.run((transaction) => expiredApprovals(transaction, now));
  for (const approval of expired) {
    await parts.store.run((transaction) => expire(parts, transaction, approval, now));
    await parts.wake(approval.conversationId).catch(() => undefined);
  }
}

async function expire(
  parts: Parts,
  transaction: Parameters<Parameters<Parts["store"]["run"]>[0]>[0],
  approval: Approval,
  now: Date,
): Promise<void> {
  const line = "Expired: nobody decided in time. People answer this conversation now.";
  const changed = await changeApproval(
    transaction,
    approval,
    { state: "expired", closing: line },
    now,
  );
  if (!changed) return;
  await setOutcome(
    transaction,
    approval.answers,
    { outcome: "expired", reason: "nobody decided in time", turnId: approval.turnId },
    now,
  );
  await amendTurn(transaction, approval.turnId, {
    outcome: "expired",
    outcome_reason: "nobody decided in time",
    approval_granted: false,
    escalated_to_human: true,
  });
  await handToPeople(parts, transaction, approval, {
    line: "nobody decided in time",
    tell: "when-closed",
    at: now,
  });
  await tellTeam(parts, transaction, {
    conversationId: approval.conversationId,
    turnId: approval.turnId,
    text: `Expired, nobody decided in time: ${approval.card.headline}. Nothing was done; people have the conversation now. ${parts.cardLink(approval.id)}`,
    people: [parts.policy.fallbackLead],
    about: `expired:${approval.id}:${approval.version}`,
    now,
  });
  await appendAudit(transaction, { kind: "expired", data: { approval: approval.id } }, now);
}

/** Sleeps, or returns at once when asked to stop. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
