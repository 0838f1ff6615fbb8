/**
 * Room: The policy in force and proposed changes of it.
 * In: policy files as read, votes on changes, results of posting their cards.
 * Out: the active and the proposed change, cards to post, and decisions made under an older policy.
 * May touch: the database only, inside the caller's transaction.
 * This file: the row of a policy change and everything that reads or moves it; and changes of a topic's
 * autonomy that Deskhand proposed, each with the policy change it became.
 */
import { z } from "zod";
import { beyond, rowTotal, rowPage, type Cursor, type Page } from "#store/console/cursor.ts";
import { takeLock } from "#store/db/advisory-locks.ts";
import {
  and,
  asc,
  desc,
  eq,
  inArray,
  isNotNull,
  isNull,
  ne,
  or,
  type SQL,
  sql,
} from "#store/db/drizzle.ts";
import { Autonomy } from "#core/contracts/policy.ts";
import {
  changeVoted,
  isChangedSincePosted,
  takeRowsToPost,
  type CardRows,
} from "#store/approvals/card-posting.ts";
import {
  announce,
  ask,
  firstRow,
  onlyRow,
  type Reader,
  type Transaction,
  rowsOf,
  valuesOf,
} from "#store/db/database.ts";
import { POLICY_STATES, policyChange, reservation } from "#store/db/schema.ts";
import { having } from "#store/db/statement.ts";
import { ChannelName } from "#core/values/vocabulary.ts";

/**
 * A policy file as it was read. `active` is the one in force; there is exactly one. `proposed` waits for people, since
 * it would permit more; there is at most one. An active one ends as `superseded`; a proposed one becomes `active`, or
 * ends as `rejected`, `expired`, or `superseded` when the file has changed again by then.
 */
export type PolicyChange = Omit<
  typeof policyChange.$inferSelect,
  "shownRevision" | "postAfter" | "postLockedUntil"
>;

/** Serialises comparisons of the file with the policy in force until the transaction ends. */
export async function lockPolicy(transaction: Transaction): Promise<void> {
  await takeLock(transaction, "policy");
}

/** The changes that fit a condition, newest first. */
async function changesWhere(
  transaction: Transaction,
  condition: SQL | undefined,
  limit: number,
): Promise<readonly PolicyChange[]> {
  return transaction
    .select()
    .from(policyChange)
    .where(condition)
    .orderBy(desc(policyChange.proposedAt), desc(policyChange.id))
    .limit(limit);
}

/** The newest change that has these values; null when none has. */
export function newestChange(
  transaction: Transaction,
  values: Partial<Pick<PolicyChange, "id" | "source" | "version" | "state">>,
): Promise<PolicyChange | null> {
  return firstRow(changesWhere(transaction, having(policyChange, values), 1));
}

/** The policy of this source in force; null before its first start. */
export function activePolicy(
  transaction: Transaction,
  source: PolicyChange["source"],
): Promise<PolicyChange | null> {
  return newestChange(transaction, { source, state: "active" });
}

/** Inserts a row. With `told` false no card is posted, for a change that needs none. */
export async function insertPolicyChange(
  transaction: Transaction,
  row: Omit<PolicyChange, "madeFrom" | "revision" | "deskRef" | "postAttempts" | "votes"> &
    Partial<Pick<PolicyChange, "madeFrom">>,
  told: boolean,
): Promise<void> {
  await transaction.insert(policyChange).values({ ...row, shownRevision: told ? null : 1 });
  await announce(transaction, "policy");
}

/** The compare-and-set of every decision about a change: false when another change came first. */
export function updatePolicyChange(
  transaction: Transaction,
  expected: Pick<PolicyChange, "id" | "revision">,
  change: Partial<Pick<PolicyChange, "state" | "votes" | "activeSince" | "closing">>,
): Promise<boolean> {
  return changeVoted(transaction, policyChange, expected, change);
}

/** The file says what this change says, with this text, so from here on the file alone decides. */
export async function fileCaughtUp(
  transaction: Transaction,
  id: string,
  text: string,
): Promise<void> {
  await transaction
    .update(policyChange)
    .set({ madeFrom: null, text })
    .where(
      and(
        eq(policyChange.id, id),
        or(isNotNull(policyChange.madeFrom), ne(policyChange.text, text)),
      ),
    );
}

/** Ends the policy in force. Its card stays as it is, since it is history from here on. */
export async function supersedeActive(
  transaction: Transaction,
  source: PolicyChange["source"],
): Promise<void> {
  await transaction
    .update(policyChange)
    .set({ state: "superseded" })
    .where(having(policyChange, { source, state: "active" }));
}

/** What the console shows: the waiting change, and the newest ones that were posted to the desk. */
export async function recentPolicyChanges(
  transaction: Transaction,
  since: Date,
): Promise<readonly PolicyChange[]> {
  const isNews = and(
    or(eq(policyChange.state, "proposed"), sql`${policyChange.proposedAt} >= ${since}`),
    // A policy without differences, such as the first one, is no news.
    sql`(${policyChange.relaxations} <> '[]' or ${policyChange.differences} <> '[]')`,
  );
  return changesWhere(transaction, isNews, 10);
}

/** A row that was not posted at first, because there was nothing to tell, is not posted after a change either. */
export const POLICY_CARDS: CardRows = {
  table: policyChange,
  stale: or(isNull(policyChange.shownRevision), isChangedSincePosted(policyChange)),
  order: [asc(policyChange.proposedAt)],
  undecided: eq(policyChange.state, "proposed"),
  unposted: { deskRef: null, shownRevision: null },
};

/** Takes the changes whose card on the desk is stale, so that only one process posts each. */
export async function takeStalePolicyCards(
  transaction: Transaction,
  now: Date,
): Promise<readonly PolicyChange[]> {
  const ids = await takeRowsToPost(transaction, POLICY_CARDS, now, 20);
  const taken = await changesWhere(transaction, inArray(policyChange.id, [...ids]), ids.length);
  return taken.toReversed();
}

/** A card decided before the policy in force was active. */
const DecidedBefore = z.object({ id: z.string(), version: z.int32() });
export type DecidedBefore = z.infer<typeof DecidedBefore>;

/**
 * Cards based on an older policy: their turn began before `activeSince`, and they wait, or were approved and have an
 * effect that has not begun.
 */
export function approvalsDecidedBefore(
  transaction: Transaction,
  activeSince: Date,
): Promise<readonly DecidedBefore[]> {
  return rowsOf(
    transaction,
    DecidedBefore,
    sql`select a.id, a.version from approval a join turn t on t.id = a.turn_id
        where t.started_at < ${activeSince} and (a.state = 'pending' or a.state = 'approved' and exists (
          select 1 from effect e where e.approval_id = a.id and e.state = 'intended'))
        order by a.created_at`,
  );
}

/** True when the turn of this card began before the policy of this version came into force. */
export async function isDecidedBefore(
  transaction: Transaction,
  approvalId: string,
  version: string,
): Promise<boolean> {
  const isOlder = await valuesOf(
    transaction,
    z.boolean(),
    sql`select exists (select 1 from approval a join turn t on t.id = a.turn_id
          join policy_change p on p.version = ${version} and p.state = 'active'
          where a.id = ${approvalId} and t.started_at < p.active_since)`,
  );
  return onlyRow(isOlder);
}

/** The bundle of a turn that rests on the rules although what is said later does not matter to it. */
export function ruledBundle(turnId: string): string {
  return `b_by_rules_${turnId}`;
}

/** Of the effect `e` that policy approved: whether rules allowed it. A note or an alert does not depend on them. */
const BY_RULES = "(e.revision is not null or e.bundle = 'b_by_rules_' || e.turn_id)";

const AllowedBefore = z.object({ bundle: z.string(), turnId: z.string() });

/** Bundles allowed by an older policy alone, in a turn that began before `activeSince`, which have not begun. */
export function bundlesAllowedBefore(transaction: Transaction, activeSince: Date) {
  return rowsOf(
    transaction,
    AllowedBefore,
    sql`select distinct e.bundle, t.id as "turnId" from effect e join turn t on t.id = e.turn_id
        where e.state = 'intended' and e.approved_by = 'policy' and ${sql.raw(BY_RULES)}
          and t.started_at < ${activeSince}`,
  );
}

/** These effects' own bookings of limits, which do not count against them when they are decided again. */
export async function effectBookings(
  transaction: Transaction,
  effectKeys: readonly string[],
): Promise<readonly { readonly limit: string; readonly minor: number }[]> {
  return transaction
    .select({ limit: reservation.limitName, minor: reservation.minor })
    .from(reservation)
    .where(inArray(reservation.effectKey, [...effectKeys]));
}

/** What the policy watch acts on, at one moment. */
const PolicyLook = z.object({
  /** The policy in force; null before the first start. */
  activeId: z.string().nullable(),
  /** Until when the proposed change, or a proposed procedure, waits for people; null when there is none. */
  proposedUntil: z.coerce.date().nullable(),
  /** Cards of policy or procedures that the desk does not show as they are, whether or not it is time to try again. */
  staleCards: z.boolean(),
  /** Pending cards whose turn began before the policy in force was active. */
  olderCards: z.array(DecidedBefore),
  /** Something was decided before the policy in force was active, and has not begun. */
  olderEffects: z.boolean(),
});
export type PolicyLook = z.infer<typeof PolicyLook>;

/** The conditions are those of `approvalsDecidedBefore`, `bundlesAllowedBefore` and the cards to post, or wider. */
const LOOK = {
  name: "policy_look",
  text: `
with active as (select id, active_since from policy_change where source = $1 and state = 'active')
select (select id from active) as "activeId",
  least((select expires_at from policy_change where source = $1 and state = 'proposed'),
    (select min(expires_at) from procedure_version where state = 'proposed')) as "proposedUntil",
  exists (select 1 from policy_change
    where shown_revision is null or (desk_ref is not null and shown_revision <> revision))
    or exists (select 1 from procedure_version
      where (shown_revision is null and state <> 'draft')
        or (desk_ref is not null and shown_revision <> revision)) as "staleCards",
  (select coalesce(json_agg(json_build_object('id', a.id, 'version', a.version)), '[]')
    from approval a join turn t on t.id = a.turn_id
    where a.state = 'pending' and t.started_at < (select active_since from active)) as "olderCards",
  exists (select 1 from effect e
    left join approval a on a.id = e.approval_id
    join turn t on t.id = coalesce(a.turn_id, e.turn_id)
    where e.state = 'intended' and t.started_at < (select active_since from active)
      and (a.state = 'approved' or (e.approved_by = 'policy' and ${BY_RULES}))
  ) as "olderEffects"`,
  row: PolicyLook,
} as const;

/** Alone, it is one statement and one commit. */
export async function lookAtPolicy(
  reader: Reader,
  source: PolicyChange["source"],
): Promise<PolicyLook> {
  return onlyRow(await ask(reader, LOOK, [source]));
}

/** A proposal, and what people made of it. */
const PastProposal = z.object({
  changeId: z.string(),
  kind: z.enum(["promote", "demote"]),
  channel: ChannelName,
  topic: z.string(),
  goesTo: Autonomy,
  proposedAt: z.coerce.date(),
  state: z.enum(POLICY_STATES),
  /** When it came into force; null when it never did. */
  activeSince: z.coerce.date().nullable(),
});
export type PastProposal = z.infer<typeof PastProposal>;

/** The newest proposal of each step of each topic. */
export function pastProposals(transaction: Transaction): Promise<readonly PastProposal[]> {
  return rowsOf(
    transaction,
    PastProposal,
    sql`select distinct on (p.channel, p.topic, p.goes_to) p.change_id as "changeId", p.kind, p.channel, p.topic,
               p.goes_to as "goesTo", p.proposed_at as "proposedAt", c.state, c.active_since as "activeSince"
        from autonomy_proposal p join policy_change c on c.id = p.change_id
        order by p.channel, p.topic, p.goes_to, p.proposed_at desc`,
  );
}

/** Notes that a change of the policy is a proposal of ours, and how many drafts it rests on. */
export async function recordProposal(
  transaction: Transaction,
  proposal: Omit<PastProposal, "state" | "activeSince"> & {
    readonly cameFrom: Autonomy;
    readonly judged: number;
  },
): Promise<void> {
  const { changeId, kind, channel, topic, cameFrom, goesTo, judged, proposedAt } = proposal;
  await transaction.execute(
    sql`insert into autonomy_proposal (change_id, kind, channel, topic, came_from, goes_to, judged, proposed_at)
        values (${changeId}, ${kind}, ${channel}, ${topic}, ${cameFrom}, ${goesTo}, ${judged}, ${proposedAt})`,
  );
}

// The changes of the policy as the console lists them.

const CHANGES_A_PAGE = 20;

/** How many changes wait for people to agree; at most one for each source. */
export function proposedChangeCount(transaction: Transaction): Promise<number> {
  return rowTotal(transaction, sql`policy_change where state = 'proposed'`);
}

/** The change that waits for people to agree; null when none does. */
export function proposedChange(transaction: Transaction): Promise<PolicyChange | null> {
  return newestChange(transaction, { state: "proposed" });
}

/** The policy with this version that is in force; null when it was never stored, as before the first start. */
export async function changeInForce(
  transaction: Transaction,
  version: string,
): Promise<PolicyChange | null> {
  const isInForce = and(eq(policyChange.state, "active"), eq(policyChange.version, version));
  // One of each source at the most.
  const changes = await changesWhere(transaction, isInForce, 2);
  const since = ({ activeSince }: PolicyChange): number => activeSince?.getTime() ?? 0;
  return changes.toSorted((one, other) => since(other) - since(one))[0] ?? null;
}

/** What became of every policy file that was read, newest first. */
export async function policyChanges(
  transaction: Transaction,
  after: Cursor | null,
): Promise<Page<PolicyChange>> {
  const from = beyond(after, policyChange.proposedAt, policyChange.id);
  const changes = await changesWhere(transaction, from, CHANGES_A_PAGE + 1);
  return rowPage(changes, ({ proposedAt: at, id }) => ({ at, id }), CHANGES_A_PAGE);
}
