/** What must hold of the whole database and of the world outside, after every step. */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { RefundArguments, ReplyArguments, ResetPasswordArguments } from "#core/values/action.ts";
import { formatMoney } from "#core/values/money.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { ORDERS } from "#sandbox/world.ts";
import type { Call } from "#test/simulation/approvals/journal.ts";
import { approvalIn } from "#store/approvals/approvals.ts";
import { verifyAudit } from "#store/audit/audit-log.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { approval, effect } from "#store/db/schema.ts";
import { cardsHold } from "./cards-hold.ts";
import { TEAMMATE_ANSWERS } from "#test/simulation/approvals/at-channel.ts";
import { isOperatorText, textOf } from "#test/simulation/approvals/replies.ts";
import type { Watch } from "./watch.ts";

const DAY_MS = 86_400_000;

export async function ledgerHolds(watch: Watch, withAudit: boolean): Promise<readonly string[]> {
  const { store } = watch.environment;
  const found = await store.run(async (transaction) => {
    const approvals = (await transaction.select().from(approval)).map(approvalIn);
    const byPolicy = await keysByPolicy(transaction);
    return [
      ...cardsHold(watch.cards, approvals),
      ...(await oneLiveCard(transaction)),
      ...limitsHold(watch.environment.journal.calls, byPolicy),
      ...(withAudit ? await auditHolds(transaction) : []),
    ];
  });
  const policy = await watch.environment.inForce();
  return [...found, ...nothingTwice(watch, policy), ...noOrderOverpaid(watch)];
}

async function auditHolds(transaction: Transaction): Promise<readonly string[]> {
  const { brokenAt } = await verifyAudit(transaction);
  return brokenAt === null ? [] : [`the audit is broken at ${brokenAt}`];
}

/** A card that waits and one that is being carried out would be two answers to one question. */
async function oneLiveCard(transaction: Transaction): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    z.object({ id: z.string(), live: z.coerce.number() }),
    sql`select conversation_id as id, count(*) as live from approval a
        where a.kind in ('proposal', 'blocked') and (a.state = 'pending' or (a.state = 'approved' and exists (
          select 1 from effect e where e.approval_id = a.id and e.state in ('intended', 'executing'))))
        group by conversation_id having count(*) > 1`,
  );
  return rows.map(({ id, live }) => `${id} has ${live} live cards`);
}

async function keysByPolicy(transaction: Transaction): Promise<ReadonlySet<string>> {
  const rows = await transaction.select({ key: effect.key, by: effect.approvedBy }).from(effect);
  return new Set(rows.filter(({ by }) => by === "policy").map(({ key }) => key));
}

/** The sandbox's limits, counted from what really happened: they bind only what policy approved. */
function limitsHold(calls: readonly Call[], byPolicy: ReadonlySet<string>): readonly string[] {
  const done = calls.filter(({ happened, key }) => happened && byPolicy.has(key));
  const refunds = done.flatMap(({ action, at }) => {
    const refund = RefundArguments.safeParse(action.arguments);
    if (action.operation !== "refund" || !refund.success) return [];
    const order = ORDERS.find(({ id }) => id === refund.data.orderId);
    return [{ who: order?.customerId ?? "", at, minor: refund.data.amount.minor }];
  });
  const resets = done.flatMap(({ action, at }) => {
    const reset = ResetPasswordArguments.safeParse(action.arguments);
    return action.operation === "reset_password" && reset.success
      ? [{ who: reset.data.customerId, at }]
      : [];
  });
  const problems: string[] = [];
  for (const { who, at } of refunds)
    if (within(refunds, at, 89).filter((other) => other.who === who).length > 1)
      problems.push(`${who} got two small refunds within 90 days`);
  for (const { at } of refunds)
    if (onDay(refunds, at).reduce((sum, { minor }) => sum + minor, 0) > 5_000)
      problems.push("more than 50.00 a day was refunded by policy");
  for (const { who, at } of resets)
    if (onDay(resets, at).filter((other) => other.who === who).length > 3)
      problems.push(`${who} got more than three resets on one day`);
  return [...new Set(problems)];
}

function within<T extends { readonly at: Date }>(
  all: readonly T[],
  at: Date,
  days: number,
): readonly T[] {
  return all.filter((other) => {
    const apart = at.getTime() - other.at.getTime();
    return apart >= 0 && apart < days * DAY_MS;
  });
}

function onDay<T extends { readonly at: Date }>(all: readonly T[], at: Date): readonly T[] {
  const day = at.toISOString().slice(0, 10);
  return all.filter((other) => other.at.toISOString().startsWith(day));
}

/** No effect twice under its key, and no message answered twice, whatever the keys say. */
function nothingTwice({ environment }: Watch, policy: Policy): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  const answered = new Map<string, string>();
  for (const call of environment.journal.calls) {
    if (!call.happened) continue;
    const name = `${call.target} ${call.key}`;
    if (seen.has(name)) problems.push(`${name} happened twice`);
    seen.add(name);
    const text = textOf(call);
    if (text === "" || isOperatorText(text, policy)) continue;
    const { answers, automatic } = ReplyArguments.parse(call.action.arguments);
    // What a teammate wrote at a hand-over is passed on beside our answers.
    if (!automatic && text.startsWith(TEAMMATE_ANSWERS)) continue;
    for (const key of answers) {
      const before = answered.get(key);
      if (before !== undefined) problems.push(`${key} was answered by ${before} and ${call.key}`);
      answered.set(key, call.key);
    }
  }
  return problems;
}

function noOrderOverpaid({ environment }: Watch): readonly string[] {
  return ORDERS.flatMap(({ id }) => {
    const { paid, refunded } = sealedOrderFacts(environment.shop.order(id));
    return refunded.minor > paid.minor
      ? [`${formatMoney(refunded)} of order ${id} was refunded, ${formatMoney(paid)} was paid`]
      : [];
  });
}
