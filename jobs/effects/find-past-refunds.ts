/**
 * Finds refunds that the shop made after the backup.
 *
 * After a restore the shop may have made refunds this database does not know, and not every customer writes again. So
 * every customer known from the months before the backup is looked up in the shop, some at a time: refunds with a key
 * of ours are recorded, and the team is alerted of all others, because it can say what they were.
 */
import { formatMoney } from "#core/values/money.ts";
import type { Order, Refund } from "#core/contracts/shop.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  adoptEffect,
  conversationsSince,
  knownKeys,
  DOWNTIME,
  REFUNDS_LOOKED,
  type Downtime,
} from "#store/effects/recovery.ts";
import { isKeyOfOurs, refundAction } from "./find-past-effects.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";

/** Content is kept for about this long; an earlier requester can no longer be identified. */
const KNOWN_MS = 90 * 24 * 60 * 60_000;

/** Conversations per round of the reconciler, which takes a second or the time the shop needs for them. */
const AT_ONCE = 10;

const CLOCKS_DIFFER_MS = 60 * 60_000;

/** A customer of the shop, with the conversation that proves it. */
interface KnownCustomer {
  readonly customerId: string;
  readonly conversationId: string;
}

/** The settings that say whether there is a customer left to look up. */
export const PAST_REFUNDS_SETTINGS: readonly string[] = [DOWNTIME.name, REFUNDS_LOOKED.name];

/** Whether a customer may be left to look up, by these settings as they are stored. */
export function isLookingForPastRefunds(stored: Readonly<Record<string, unknown>>): boolean {
  const back = DOWNTIME.from(stored[DOWNTIME.name]);
  if (back?.reason !== "restored" || back.beganAt === null) return false;
  const looked = REFUNDS_LOOKED.from(stored[REFUNDS_LOOKED.name]);
  return looked?.beganAt !== back.beganAt || !looked.done;
}

/** Looks up the next conversations' customers; does nothing unless this is a return from a restore. */
export async function findPastRefunds(context: JobContext): Promise<void> {
  const { store } = context;
  const { back, looked } = await store.run(async (transaction) => ({
    back: await DOWNTIME.read(transaction),
    looked: await REFUNDS_LOOKED.read(transaction),
  }));
  if (back?.reason !== "restored" || back.beganAt === null || !context.targets.has("shop")) return;
  const begun = looked?.beganAt === back.beganAt ? looked : { after: "", done: false };
  if (begun.done) return;
  const touchedSince = new Date(Date.parse(back.since) - KNOWN_MS);
  const ids = await store.run((transaction) =>
    conversationsSince(transaction, { after: begun.after, touchedSince, limit: AT_ONCE }),
  );
  for (const known of await provenCustomers(context, ids)) await lookAt(context, back, known);
  await store.run((transaction) =>
    REFUNDS_LOOKED.write(transaction, {
      beganAt: back.beganAt ?? "",
      after: ids.at(-1) ?? begun.after,
      done: ids.length < AT_ONCE,
    }),
  );
}

/** Each customer once, with the newest conversation here that proves who they are. */
async function provenCustomers(
  context: JobContext,
  ids: readonly string[],
): Promise<readonly KnownCustomer[]> {
  const customers = new Map<string, KnownCustomer>();
  for (const conversationId of ids) {
    const messages = await context.store.run((transaction) =>
      conversationMessages(transaction, conversationId),
    );
    const handles = new Map(
      messages.flatMap(({ message: { author, identity } }) =>
        author.kind === "requester" ? [[JSON.stringify(identity.handle), identity] as const] : [],
      ),
    );
    for (const identity of handles.values()) {
      const signal = AbortSignal.timeout(LIMITS.lookupMs);
      const { customerId } = await context.bind(identity, signal);
      if (customerId !== null) customers.set(customerId, { customerId, conversationId });
    }
  }
  return [...customers.values()];
}

interface FoundRefund {
  readonly order: Order;
  readonly refund: Refund;
}

async function lookAt(context: JobContext, back: Downtime, known: KnownCustomer): Promise<void> {
  const orders = await context.shop.orders(known.customerId, AbortSignal.timeout(LIMITS.lookupMs));
  const since = Date.parse(back.since);
  const made = orders.flatMap((order) =>
    order.refunds
      .filter((refund) => {
        // The ledger identifies our own refunds, so a shop clock that is behind hides none of them.
        const slackMs = isKeyOfOurs(refund.key, order) ? CLOCKS_DIFFER_MS : 0;
        return Date.parse(refund.createdAt) >= since - slackMs;
      })
      .map((refund) => ({ order, refund })),
  );
  if (made.length === 0) return;
  await context.store.run((transaction) => bookAndTell(context, transaction, known, made));
}

async function bookAndTell(
  context: JobContext,
  transaction: Transaction,
  { conversationId }: KnownCustomer,
  made: readonly FoundRefund[],
): Promise<void> {
  const now = context.clock.now();
  const ours = made.filter(({ order, refund }) => isKeyOfOurs(refund.key, order));
  const ledger = await knownKeys(
    transaction,
    made.map(({ refund }) => refund.key),
  );
  for (const { order, refund } of ours) {
    const { key, id: ref } = refund;
    const action = refundAction(order, refund);
    if (ledger.has(key)) continue;
    if (!(await adoptEffect(transaction, { key, conversationId, action, ref }, now))) continue;
    await tell(context, transaction, conversationId, {
      about: `found:${key}`,
      text: `Found in the shop after the restore and booked as done: ${inWords({ order, refund })}. It is not done again.`,
    });
    const data = { key, operation: action.operation, ref };
    await appendAudit(transaction, { kind: "found", data }, now);
  }
  for (const one of made.filter((candidate) => !ours.includes(candidate)))
    await tell(context, transaction, conversationId, {
      about: `found:shop:${one.order.id}:${one.refund.id}`,
      text: `The shop has refunded something since the backup that carries no key of Deskhand's: ${inWords(one)}. Nothing is booked for it.`,
    });
}

function inWords({ order, refund }: FoundRefund): string {
  return `a refund of ${formatMoney(refund.amount)}, order ${order.id} (${refund.id})`;
}

/** The alerts of one restore are grouped. */
function tell(
  context: JobContext,
  transaction: Transaction,
  conversationId: string,
  { about, text }: { readonly about: string; readonly text: string },
): Promise<void> {
  return alertTeam(context, transaction, {
    conversationId,
    text: `${text} ${context.cardLink(conversationId)}`,
    about,
    kind: "found",
    now: context.clock.now(),
  });
}
