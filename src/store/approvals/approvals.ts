/**
 * Room: Cards: proposals that wait for people, their votes, claims and opinions, and their place on the desk.
 * In: cards from turns, decisions and claims of teammates, and what the desk posted.
 * Out: approval rows, cards to post, reminders due, overviews and search results for a desk.
 * May touch: the database only, inside the caller's transaction.
 * This file: the approval row and the compare-and-set of every decision on it.
 */
import {
  and,
  asc,
  eq,
  gt,
  inArray,
  isNull,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from "#store/db/drizzle.ts";
import { z } from "zod";
import { ChannelName } from "#core/values/vocabulary.ts";
import { firstRow, rowsOf, type Transaction } from "#store/db/database.ts";
import { isNewerSchema } from "#store/db/versioned-documents.ts";
import { having, jsonRow, upTo } from "#store/db/statement.ts";
import { approval } from "#store/db/schema.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";

/** The columns of a card that code reads, under their names in the table. */
type ApprovalColumns = Omit<
  typeof approval.$inferSelect,
  | "cardStale"
  | "postAfter"
  | "postLockedUntil"
  | "createdAt"
  | "updatedAt"
  | "askedAt"
  | "remindAt"
  | "remindedAt"
  | "clearedAt"
  | "decidedAt"
  | "edited"
  | "claimedAt"
>;

/** One row per card: what was proposed, the seal, the votes, and in named parts what is apart from the decision. */
export function approvalIn({
  deskRef,
  postAttempts,
  statusLine,
  claim,
  claimUntil,
  redraft,
  redraftCount,
  ...decided
}: ApprovalColumns) {
  return {
    ...decided,
    /** The post on the desk, how often posting failed since, and the status line shown there. */
    posting: { deskRef, failures: postAttempts, statusLine },
    /** Which teammate looks at the card and until when; null while it is unclaimed. */
    claim: claim === null || claimUntil === null ? null : { ...claim, until: claimUntil },
    /** The request for another draft that is under way, if any, and how many there have been. */
    redraft: { request: redraft, count: redraftCount },
  };
}
export type Approval = ReturnType<typeof approvalIn>;

/** A card where a statement gives its row as JSON. */
export const StoredApproval = jsonRow(approval).transform(approvalIn);

/** A card of another conversation, which stops nothing where it cannot be read: then it is as if it was not there. */
export const CardBeside = z.unknown().transform((row) => {
  try {
    return StoredApproval.nullable().parse(row);
  } catch (error) {
    if (isNewerSchema(error)) throw error;
    return null;
  }
});

/** What is known when a card is made; everything else begins empty. */
type NewApproval = Omit<
  ApprovalColumns,
  | "deskRef"
  | "postAttempts"
  | "closing"
  | "undoUntil"
  | "statusLine"
  | "opinions"
  | "claim"
  | "claimUntil"
  | "redraft"
  | "redraftCount"
>;

export async function insertApproval(
  transaction: Transaction,
  row: NewApproval & Partial<Pick<ApprovalColumns, "closing" | "undoUntil" | "redraftCount">>,
  now: Date,
): Promise<void> {
  await transaction
    .insert(approval)
    .values({ ...row, createdAt: now, updatedAt: now, askedAt: now });
}

/** The cards that fit a condition, oldest first; all of them without a limit. */
export function approvalsWhere(
  transaction: Transaction,
  condition: SQL | undefined,
  limit: number | null = null,
): Promise<readonly Approval[]> {
  const unreadable: Unreadable = (_id, error) => {
    throw error;
  };
  return readableApprovals(transaction, condition, { limit, unreadable });
}

/** Told of a card that cannot be read, by its id, and why; and of which conversation it is. */
export type Unreadable = (id: string, error: unknown, conversationId: string) => void;

/**
 * The same for a list of cards that have nothing to do with each other: one that cannot be read, such as of a newer
 * version, is left out and stops none of the others. One that was made void for it is left out everywhere.
 */
export async function readableApprovals(
  transaction: Transaction,
  condition: SQL | undefined,
  {
    limit = null,
    order = [asc(approval.createdAt)],
    unreadable = () => undefined,
  }: {
    readonly limit?: number | null;
    readonly order?: readonly SQL[];
    readonly unreadable?: Unreadable | undefined;
  } = {},
): Promise<readonly Approval[]> {
  const found = transaction
    .select({
      id: approval.id,
      conversationId: approval.conversationId,
      state: approval.state,
      row: sql<unknown>`to_json(${approval})`,
    })
    .from(approval)
    .where(condition)
    .orderBy(...order)
    .$dynamic();
  const rows = await (limit === null ? found : found.limit(limit));
  return rows.flatMap(({ id, conversationId, state, row }) => {
    try {
      return [StoredApproval.parse(row)];
    } catch (error) {
      if (state !== "void") unreadable(id, error, conversationId);
      return [];
    }
  });
}

/** Tells of each card of a conversation that waits, or has something left to do, and cannot be read. */
export async function findUnreadable(
  transaction: Transaction,
  conversationId: string,
  unreadable: Unreadable,
): Promise<void> {
  const hasOpen = sql`exists (select 1 from effect e where e.approval_id = ${approval.id}
    and e.state in ('intended', 'executing'))`;
  const isOpen = and(having(approval, { conversationId }), or(IS_PENDING, hasOpen));
  await readableApprovals(transaction, isOpen, { unreadable });
}

/** Makes a card void whatever stands in it. Null for one that is void already, or of which something was begun. */
export async function voidUnreadable(
  transaction: Transaction,
  id: string,
  { closing, now }: { readonly closing: string; readonly now: Date },
) {
  const { turnId, version } = approval;
  const isUnbegun = sql`not exists (select 1 from effect e where e.approval_id = ${approval.id}
    and e.state not in ('intended', 'withdrawn'))`;
  const [row] = await transaction
    .update(approval)
    .set({ ...ENDED_CARD, ...metricColumns({ state: "void" }, now), state: "void", closing })
    .where(and(eq(approval.id, id), ne(approval.state, "void"), isUnbegun))
    .returning({ turnId, version });
  return row ?? null;
}

export function loadApproval(transaction: Transaction, id: string): Promise<Approval | null> {
  return firstRow(approvalsWhere(transaction, eq(approval.id, id), 1));
}

/** The card of a conversation that still waits for a decision; there is at most one. */
export function pendingApproval(
  transaction: Transaction,
  conversationId: string,
): Promise<Approval | null> {
  return firstRow(
    approvalsWhere(transaction, and(having(approval, { conversationId }), IS_PENDING), 1),
  );
}

/** The same where it was made `until` then; none where it cannot be read, of which `unreadable` is told. */
export function pendingUntil(
  transaction: Transaction,
  conversationId: string,
  until: Date | null,
  unreadable: Unreadable,
): Promise<Approval | null> {
  const isMeant = and(having(approval, { conversationId }), upTo(approval.createdAt, until));
  return firstRow(readableApprovals(transaction, and(isMeant, IS_PENDING), { unreadable }));
}

const IS_PENDING = eq(approval.state, "pending");

/** All waiting cards, oldest first, for the console and the desk's overview. */
export function pendingApprovals(
  transaction: Transaction,
  limit: number,
): Promise<readonly Approval[]> {
  return readableApprovals(transaction, IS_PENDING, { limit });
}

/** How many waiting cards hold a draft, by channel and topic. */
export function waitingDrafts(transaction: Transaction): Promise<readonly WaitingDrafts[]> {
  return rowsOf(
    transaction,
    WaitingDrafts,
    sql`select c.channel, t.trace ->> 'topic' as topic, count(*)::int as count
        from approval a join conversation c on c.id = a.conversation_id join turn t on t.id = a.turn_id
        where a.state = 'pending' and a.card ->> 'draft' is not null group by 1, 2`,
  );
}

const WaitingDrafts = z.object({ channel: ChannelName, topic: z.string(), count: z.int() });
type WaitingDrafts = z.infer<typeof WaitingDrafts>;

type Change = Partial<
  Omit<NewApproval, "id" | "conversationId"> &
    Pick<ApprovalColumns, "undoUntil" | "closing" | "redraft" | "redraftCount">
>;

/**
 * The compare-and-set of every decision: changes the row only while it has this version, state, seal and these votes,
 * and marks the card as stale. A change with a new expiry restarts its clock, reminder included; one that ends the card
 * clears its claim and redraft request. False when another change came first.
 */
export async function changeApproval(
  transaction: Transaction,
  {
    id,
    version,
    state,
    seal,
    votes,
  }: Pick<Approval, "id" | "version" | "state" | "seal" | "votes">,
  change: Change,
  now: Date,
): Promise<boolean> {
  const rows = await transaction
    .update(approval)
    .set({
      ...change,
      ...(change.expiresAt === undefined ? {} : { askedAt: now, remindAt: null, remindedAt: null }),
      ...metricColumns(change, now),
      ...((change.state ?? "pending") === "pending" ? {} : ENDED_CARD),
      cardStale: true,
      postAfter: null,
      postAttempts: 0,
      updatedAt: now,
    })
    .where(
      and(
        having(approval, { id, version, state, seal }),
        // A vote that does not complete the count changes nothing else, and must not be lost when another comes at the
        // same moment. Voter and time are the same in every version of a vote; its other fields may come from another
        // version.
        eq(votedAs("voter"), storableJson(votes.map(({ voter }) => voter))),
        eq(votedAs("at"), storableJson(votes.map(({ at }) => at))),
      ),
    )
    .returning({ id: approval.id });
  return rows.length === 1;
}

/** For metrics: when it was decided, which later changes do not move, and whether the draft is still the bot's own. */
function metricColumns({ state, card }: Change, now: Date) {
  return {
    ...(state === undefined
      ? {}
      : {
          decidedAt:
            state === "pending" ? null : sql`coalesce(${approval.decidedAt}, ${now}::timestamptz)`,
        }),
    ...(card === undefined ? {} : { edited: card.edits.some(({ lines }) => lines.length > 0) }),
  };
}
/** Cleared when a card ends: its claim and its redraft request. */
const ENDED_CARD = { claim: null, claimUntil: null, redraft: null } as const;

function votedAs(field: "voter" | "at") {
  return sql`jsonb_path_query_array(${approval.votes}, ${`$[*].${field}`}::jsonpath)`;
}

/** Waiting cards that have expired. */
export function expiredApprovals(
  transaction: Transaction,
  now: Date,
  unreadable?: Unreadable,
): Promise<readonly Approval[]> {
  const areExpired = and(IS_PENDING, lte(approval.expiresAt, now));
  return readableApprovals(transaction, areExpired, { limit: 50, unreadable });
}

/**
 * Sets the reminder times of waiting cards. Called by the reconciler, so that posting, editing and undoing a card need
 * not set them.
 */
export async function planReminders(
  transaction: Transaction,
  remindAt: (askedAt: Date) => Date,
): Promise<void> {
  const rows = await transaction
    .select({ id: approval.id, askedAt: approval.askedAt })
    .from(approval)
    .where(and(IS_PENDING, isNull(approval.remindAt), isNull(approval.remindedAt)))
    .limit(100);
  for (const { id, askedAt } of rows)
    await transaction
      .update(approval)
      .set({ remindAt: remindAt(askedAt) })
      .where(
        // A time that was set since it was read stays.
        and(eq(approval.id, id), eq(approval.askedAt, askedAt), isNull(approval.remindAt)),
      );
}

/**
 * Takes the cards whose reminder is due: each is returned once, whatever process calls and however often. The time it was
 * asked at identifies this reminder.
 */
export async function takeDueReminders(transaction: Transaction, now: Date) {
  const rows = await transaction
    .update(approval)
    .set({ remindedAt: now })
    .where(
      and(
        IS_PENDING,
        isNull(approval.remindedAt),
        lte(approval.remindAt, now),
        // An expired card is reported as expired instead.
        gt(approval.expiresAt, now),
      ),
    )
    .returning({ id: approval.id, askedAt: approval.askedAt });
  const askedAt = new Map(rows.map((row) => [row.id, row.askedAt]));
  const due = await readableApprovals(transaction, inArray(approval.id, [...askedAt.keys()]));
  return due.map((card) => ({ ...card, askedAt: askedAt.get(card.id) ?? now }));
}

/** Ends the undo time of every hand-over that is past it: the desk then shows the card as decided. */
export async function endHandOverUndos(transaction: Transaction, now: Date): Promise<void> {
  await transaction
    .update(approval)
    .set({ undoUntil: null, cardStale: true, postAfter: null })
    .where(and(eq(approval.state, "rejected"), lte(approval.undoUntil, now)));
}
