/** Reads the numbers and rows of a desk's overview. */
import { and, asc, count, eq, gte, isNotNull, isNull, sql } from "#store/db/drizzle.ts";
import { RefundArguments } from "#core/values/action.ts";
import type { Money } from "#core/values/money.ts";
import { Approval } from "./approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, conversation, effect, message } from "#store/db/schema.ts";
import { isTaken } from "#store/conversations/due-work.ts";

/** The most cards read; more wait only when the team decides none. */
const CARDS_MAX = 200;
/** The most escalated conversations read, oldest first. */
const HANDOVERS_MAX = 60;

/** All that waits for a person, and what was done since a moment. */
export interface DeskTotals {
  /** Oldest first. */
  readonly waiting: readonly (Approval & { readonly askedAt: Date })[];
  readonly waitingCount: number;
  readonly untaken: readonly {
    readonly id: string;
    readonly channel: string;
    readonly reason: string;
    readonly since: Date;
  }[];
  readonly received: number;
  readonly outcomes: ReadonlyMap<string, number>;
  /** Refunds that were done; the amount is null once its text was erased. */
  readonly refunds: readonly (Money | null)[];
}

/** Reads everything in the caller's transaction, so that all numbers are of one moment. */
export async function deskTotals(transaction: Transaction, since: Date): Promise<DeskTotals> {
  const pending = eq(approval.state, "pending");
  const [waitingCount] = await transaction.select({ n: count() }).from(approval).where(pending);
  const cards = await transaction
    .select()
    .from(approval)
    .where(pending)
    .orderBy(asc(approval.askedAt))
    .limit(CARDS_MAX);
  const fromRequesters = eq(message.authorKind, "requester");
  const [received] = await transaction
    .select({ n: count() })
    .from(message)
    .where(and(fromRequesters, gte(message.receivedAt, since)));
  const outcomes = await transaction
    .select({ outcome: message.outcome, n: count() })
    .from(message)
    .where(and(fromRequesters, gte(message.outcomeAt, since)))
    .groupBy(message.outcome);
  return {
    waiting: cards.map((row) => ({ ...Approval.parse(row), askedAt: row.askedAt })),
    waitingCount: waitingCount?.n ?? 0,
    untaken: await untakenHandovers(transaction),
    received: received?.n ?? 0,
    outcomes: new Map(outcomes.map(({ outcome, n }) => [outcome ?? "", n])),
    refunds: await refundsDone(transaction, since),
  };
}

/** Escalated by us, and not answered, taken or solved by a person since. */
async function untakenHandovers(transaction: Transaction): Promise<DeskTotals["untaken"]> {
  const rows = await transaction
    .select()
    .from(conversation)
    .where(
      and(
        eq(conversation.owner, "human"),
        isNotNull(conversation.handedOverAt),
        isNull(conversation.solvedAt),
      ),
    )
    .orderBy(asc(conversation.handedOverAt))
    .limit(HANDOVERS_MAX);
  const untaken = [];
  for (const { id, linkedId, channel, ownerReason, handedOverAt } of rows) {
    const places = linkedId === null ? [id] : [id, linkedId];
    if (handedOverAt === null || (await isTaken(transaction, places, handedOverAt))) continue;
    untaken.push({ id, channel, reason: ownerReason, since: handedOverAt });
  }
  return untaken;
}

async function refundsDone(
  transaction: Transaction,
  since: Date,
): Promise<readonly (Money | null)[]> {
  const rows = await transaction
    .select({ given: sql<unknown>`${effect.action} -> 'arguments'` })
    .from(effect)
    .where(
      and(eq(effect.operation, "refund"), eq(effect.state, "done"), gte(effect.finishedAt, since)),
    );
  return rows.map(({ given }) => RefundArguments.safeParse(given).data?.amount ?? null);
}
