/** What is about to happen is compared with what people approved, as it stands in the database at that moment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { Proposal } from "#core/values/action.ts";
import { sealFor } from "#jobs/approval/seal.ts";
import { type Approval, loadApproval } from "#store/approvals/approvals.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { eq, sql, type SQL } from "#store/db/drizzle.ts";
import { approval } from "#store/db/schema.ts";
import { effectByKey } from "#store/effects/ledger.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

const REFUND = "refund:shop:789:0";
/** Longer than the undo time. */
const LATER_MS = 60_000;

/** A row as an intruder leaves it who writes to the database past Deskhand, and why the refund is not made then. */
const TAMPERED: Readonly<Record<string, readonly [statement: SQL, reason: RegExp]>> = {
  "another amount of the effect": [
    sql`update effect set action = replace(action::text, '500', '900')::jsonb where operation = 'refund'`,
    /it is not what was approved/,
  ],
  "an approval that was rejected": [
    sql`update approval set state = 'rejected'`,
    /its approval is rejected/,
  ],
  "an approval that still waits": [
    sql`update approval set state = 'pending'`,
    /its approval is pending/,
  ],
  "rules that ask for fewer people": [
    sql`update approval set rules = replace(rules::text, '"count": 2', '"count": 1')::jsonb`,
    /what was approved was changed/,
  ],
  "votes that the audit does not know": [
    sql`delete from audit where kind = 'vote'`,
    /not enough people approved this/,
  ],
};

async function onlyCard(run: Transaction): Promise<Approval & { readonly proposal: Proposal }> {
  const [row] = await rowsOf(run, z.object({ id: z.string() }), sql`select id from approval`);
  const card = row === undefined ? null : await loadApproval(run, row.id);
  assert.ok(card !== null && card.proposal !== null);
  return { ...card, proposal: card.proposal };
}

/** A card whose rules are one too few, with a seal and a vote that fit it. */
async function withoutReplyRule(run: Transaction): Promise<void> {
  const card = await onlyCard(run);
  const rules = card.rules.slice(0, -1);
  const seal = sealFor(card.proposal, card.revision, rules);
  await run.update(approval).set({ rules, seal }).where(eq(approval.id, card.id));
  await run.execute(
    sql`update audit set data = replace(data::text, ${card.seal}, ${seal})::jsonb where kind = 'vote'`,
  );
}

/** A card with other words in its rules and a seal that fits them, which no teammate voted on. */
async function sealedAnew(run: Transaction): Promise<void> {
  const card = await onlyCard(run);
  const rules = card.rules.map((rule) => ({ ...rule, reason: `${rule.reason} Or not.` }));
  const seal = sealFor(card.proposal, card.revision, rules);
  await run.update(approval).set({ rules, seal }).where(eq(approval.id, card.id));
}

/** An effect that answers other words than those the card was about. */
async function ofOtherWords(run: Transaction): Promise<void> {
  await run.execute(sql`update effect set revision = 'of other words'`);
  await run.execute(sql`update conversation set revision = 'of other words'`);
}

const ALL: Readonly<Record<string, readonly [(run: Transaction) => Promise<unknown>, RegExp]>> = {
  "a card that was sealed anew": [sealedAnew, /not enough people approved this/],
  "an effect of other words": [ofOtherWords, /what was approved was changed/],
  "a card whose rules do not fit its actions": [
    withoutReplyRule,
    /its rules are not about what it would do/,
  ],
  ...Object.fromEntries(
    Object.entries(TAMPERED).map(([what, [statement, reason]]) => [
      what,
      [(run: Transaction) => run.execute(statement), reason] as const,
    ]),
  ),
};

for (const [what, [change, reason]] of Object.entries(ALL))
  onDesk(what, (bench) => {
    test("makes no refund, and says why", async () => {
      const asks = { verdict: "ask", approvers: { count: 2, leads: 0 } } as const;
      bench.answer(() =>
        replying("We have refunded 5.00 USD.", { actions: [refundOf(500, { decision: asks })] }),
      );
      const id = await bench.write("Please refund order 789");
      await bench.press("approve", id);
      await bench.press("approve", id, "lea@ourshop.test");
      const refund = () => bench.parts.store.run((run) => effectByKey(run, REFUND));
      assert.equal((await refund())?.state, "intended");
      await bench.parts.store.run(change);
      bench.skip(LATER_MS);
      await bench.tick();
      const { state, error } = (await refund()) ?? {};
      assert.equal(state, "withdrawn");
      assert.match(error ?? "", reason);
      assert.ok(!bench.left.some(({ action }) => action.operation === "refund"));
    });
  });
