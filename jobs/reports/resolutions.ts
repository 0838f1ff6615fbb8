/** Decides how conversations ended: what is due, in batches. */

import { asksBack, calledOrders } from "#text/about-text.ts";
import { isHelpdesk, ChannelName } from "#core/values/vocabulary.ts";
import {
  type AskedElsewhere,
  type Matter,
  type MatterEvent,
  type ResolutionFacts,
  type ResolutionTerms,
  conversationResolutions,
  RESOLVED,
} from "#core/cases/resolution.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { isBareThanks } from "#jobs/conversation/snapshot.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { refreshCandidates } from "#store/reports/eval-candidates.ts";
import {
  type KnownConversation,
  readResolutionFacts,
  storeResolutions,
  takeDueResolutions,
  type ResolutionRow,
  type StoredEvent,
} from "#store/reports/resolutions.ts";
import { tellResolved } from "#jobs/webhooks/events.ts";
import { folded } from "#text/normalize.ts";

/** Conversations in one transaction. */
const BATCH = 100;

/** Decides what is due, batch after batch. Two processes at once take different conversations. */
export async function decideResolutions(
  context: Pick<JobContext, "store" | "clock"> & {
    readonly policy: Pick<JobContext["policy"], "solvedAfterMs">;
  },
): Promise<void> {
  const { store, clock, policy } = context;
  const now = clock.now();
  for (let taken = BATCH; taken === BATCH;)
    taken = await store.run((transaction) =>
      decideBatch(store, transaction, now, policy.solvedAfterMs),
    );
}

async function decideBatch(
  store: Store,
  transaction: Transaction,
  now: Date,
  quietMs: number,
): Promise<number> {
  const ids = await takeDueResolutions(transaction, now, BATCH);
  if (ids.length === 0) return 0;
  const terms = { now: now.getTime(), quietMs };
  const facts = await readResolutionFacts(transaction, ids);
  const decided = facts.map((known) => {
    const rows = decideRows(known, terms);
    return { conversationId: known.id, dueAt: dueAfter(rows, terms), rows };
  });
  const changed = await storeResolutions(transaction, decided, now);
  await refreshCandidates(transaction, changed, now);
  for (const { id, stored } of facts)
    for (const row of decided.find((one) => one.conversationId === id)?.rows ?? []) {
      const before = stored.find(({ place }) => place === row.place)?.kind ?? null;
      if (row.kind !== null && isResolved(row.kind) && !isResolved(before))
        await tellResolved({ store }, transaction, { ...row, kind: row.kind }, now);
    }
  return ids.length;
}

/** A surer way of being resolved is no news to who was told that it is. */
function isResolved(kind: ResolutionRow["kind"]): boolean {
  return kind !== null && RESOLVED.includes(kind);
}

// The events by which it is decided, read from the rows of a conversation. Pure.

/** Outcomes after which people see to a message. */
const WITH_PEOPLE: ReadonlySet<string> = new Set(["escalated", "expired", "failed", "rejected"]);

/** Topics that do not say what a message is about. */
const NO_TOPIC: ReadonlySet<string> = new Set(["other", "greeting"]);

/**
 * The rows of a conversation as they have to be at this moment. Matters from before text was removed stay as they were
 * stored: no later reading can decide them again.
 */
function decideRows(known: KnownConversation, terms: ResolutionTerms): readonly ResolutionRow[] {
  const cut = clearedUntil(known);
  const kept = known.stored.filter(
    ({ startedAt }) => startedAt !== null && startedAt.getTime() <= cut,
  );
  const reason = notCounted(known);
  const found = reason !== null ? [] : conversationResolutions(factsAfter(known, cut), terms);
  const fresh = found.map((one, index): ResolutionRow => {
    const { startedAt, endedAt, solvedAt, quietAt, usd: costUsd, ...rest } = one;
    return {
      ...rest,
      costUsd,
      conversationId: known.id,
      place: kept.length + index,
      startedAt: dateOrNull(startedAt),
      endedAt: dateOrNull(endedAt),
      solvedAt: dateOrNull(solvedAt),
      quietAt: dateOrNull(quietAt),
    };
  });
  const rows = [...kept.map((row, place) => ({ ...row, place })), ...fresh];
  return rows.length > 0 ? rows : [nothingIn(known.id, reason ?? "nothing was asked")];
}

/** When time alone changes something next; null when it does not. */
function dueAfter(rows: readonly ResolutionRow[], { now }: ResolutionTerms): Date | null {
  const times = rows
    .filter(({ continuedIn }) => continuedIn === null)
    .flatMap(({ quietAt }) => (quietAt === null ? [] : [quietAt.getTime()]))
    .filter((at) => at > now);
  return times.length === 0 ? null : new Date(Math.min(...times));
}

function dateOrNull(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

/** The row that holds the mark of a conversation without a matter. */
function nothingIn(conversationId: string, reason: string): ResolutionRow {
  return {
    conversationId,
    place: 0,
    kind: null,
    reason,
    startedAt: null,
    endedAt: null,
    solvedAt: null,
    quietAt: null,
    continuedIn: null,
    costUsd: 0,
    unpriced: 0,
    humanMinutes: null,
  };
}

/** Why a conversation is counted elsewhere; null when it is counted here. */
function notCounted({ channel, linkedChannel, isMerged }: KnownConversation): string | null {
  if (isMerged) return "merged into another";
  const isTicketOfOther =
    linkedChannel !== null &&
    isHelpdesk(ChannelName.parse(channel)) &&
    !isHelpdesk(ChannelName.parse(linkedChannel));
  return isTicketOfOther ? "counted where it began" : null;
}

function clearedUntil({ messages }: KnownConversation): number {
  const times = messages.filter(({ isCleared }) => isCleared).map(({ at }) => at.getTime());
  return Math.max(Number.NEGATIVE_INFINITY, ...times);
}

function factsAfter(known: KnownConversation, cut: number): ResolutionFacts {
  const events = [
    ...known.messages.flatMap((message) => matterEvents(message, known)),
    ...known.signals.flatMap(signalEvent),
    ...known.codes.map(({ key, at }): MatterEvent => ({
      kind: "answered",
      key,
      at: at.getTime(),
      by: "bot",
      asks: true,
    })),
  ];
  return {
    events: events.filter(({ at }) => at > cut),
    elsewhere: known.elsewhere.flatMap(askedElsewhere),
    owner: known.owner,
    handedOverAt: known.handedOverAt?.getTime() ?? null,
    spent: known.spent.map(({ at, usd }) => ({ at: at.getTime(), usd })),
    worked: known.worked.map(({ at, minutes }) => ({ at: at.getTime(), minutes })),
  };
}

function matterEvents(message: StoredEvent, known: KnownConversation): readonly MatterEvent[] {
  const { key, by, outcome, text } = message;
  const at = message.at.getTime();
  if (by === "requester") {
    if (isPassedOver(message)) return [];
    const thanks = isThanks(message);
    const escalated = WITH_PEOPLE.has(outcome ?? "");
    return [{ kind: "asked", key, at, thanks, escalated, ...matterIn(message, known.orders) }];
  }
  const reply = known.replies.find(({ ref }) => key === ref || key.endsWith(`:${ref}`));
  // A notice that answers nothing, such as that the team is away until tomorrow.
  if (by === "bot" && reply?.answers === 0) return [];
  const isPersons = by === "teammate" || reply?.approvedBy === "teammate";
  return [
    { kind: "answered", key, at, by: isPersons ? "teammate" : "bot", asks: asksBack(text ?? "") },
  ];
}

function signalEvent(signal: KnownConversation["signals"][number]): readonly MatterEvent[] {
  const { key, kind, automatic, score } = signal;
  const at = signal.at.getTime();
  if (kind === "solved") return [{ kind, key, at, automatic }];
  if (kind === "reopened") return [{ kind, key, at }];
  return score === null ? [] : [{ kind, key, at, score }];
}

function askedElsewhere(
  message: KnownConversation["elsewhere"][number],
): readonly AskedElsewhere[] {
  if (message.isCleared || isPassedOver(message) || isThanks(message)) return [];
  const { conversationId, orders } = message;
  return [{ at: message.at.getTime(), conversationId, ...matterIn(message, orders) }];
}

/** True for what was not for us, such as an automatic reply. */
function isPassedOver({ outcome, passedOver }: StoredEvent): boolean {
  return outcome === "ignored" && passedOver !== "thanks";
}

function isThanks({ outcome, text, name }: StoredEvent): boolean {
  return outcome === "ignored" || isBareThanks(text ?? "", name ?? "");
}

/** What a message names itself counts; else the one order its conversation was about. */
function matterIn({ text, topic }: StoredEvent, orders: readonly string[]): Matter {
  const called = calledOrders(text ?? "");
  return {
    orders: called.length > 0 ? called : orders.length === 1 ? orders.map(folded) : [],
    topic: topic === null || NO_TOPIC.has(topic) ? "" : topic,
  };
}
