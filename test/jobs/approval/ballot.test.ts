/** Votes, the seal over what is approved, and a row that was changed by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { castVote, type Meaning } from "#gate/kernel/ballot.ts";
import { overLimit, pressBy, type Ballot, type Voter } from "#jobs/approval/ballot.ts";
import { refusalText } from "#jobs/approval/refusals.ts";
import { runs } from "#test/support/tiers.ts";
import { canonical, digest } from "#core/values/canonical-json.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { Role } from "#core/values/vocabulary.ts";
import type { PlannedAction, Proposal } from "#core/values/action.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { rulesOfActions, sealFor } from "#jobs/approval/seal.ts";
import { type Approval, loadApproval } from "#store/approvals/approvals.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { eq, sql, type SQL } from "#store/db/drizzle.ts";
import { approval } from "#store/db/schema.ts";
import { effectByKey } from "#store/effects/ledger.ts";
import { onDesk } from "#test/jobs/bench.ts";

const NOW = new Date("2026-11-20T12:00:00Z");

interface Click extends Voter {
  readonly meaning: Meaning;
  readonly version: number;
  readonly at: Date;
  readonly account: { readonly id: string; readonly groups?: string[] };
}

function press(on: Ballot, click: Click) {
  return castVote(on, pressBy(click, click, click.account));
}

function ballot(count: number, leads: number): Ballot {
  return {
    kind: "card",
    version: 1,
    state: "pending",
    needs: () => ({ count, leads }),
    votes: [],
    expiresAt: new Date("2026-11-20T20:00:00Z"),
  };
}

const People = fc.constantFrom(
  { voter: "sam@x", name: "Sam", role: "support" as const },
  { voter: "dana@x", name: "Dana", role: "support" as const },
  { voter: "lea@x", name: "Lea", role: "lead" as const },
  { voter: "ned@x", name: "Ned", role: null },
);

const Clicks = fc.array(
  fc.record({
    person: People,
    meaning: fc.constantFrom<Click["meaning"]>("yes", "yes", "yes", "rejected", "none"),
    version: fc.constantFrom(1, 1, 1, 2),
    hours: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 12 },
);

test("whatever is clicked in whatever order, approved means enough different people with a role, leads among them", () => {
  fc.assert(
    fc.property(
      Clicks,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 1 }),
      (clicks, count, leads) => {
        let now = ballot(count, leads);
        for (const { person, meaning, version, hours } of clicks) {
          const at = new Date(NOW.getTime() + hours * 3_600_000);
          const click = { meaning, version, at, ...person, account: { id: person.voter } };
          const result = press(now, click);
          if ("refusal" in result) continue;
          assert.notEqual(person.role, null, "a person without a role counted");
          assert.equal(version, 1, "an old version counted");
          assert.equal(now.state, "pending", "a decided card moved");
          assert.ok(at.getTime() < now.expiresAt.getTime(), "an expired card moved");
          now = { ...now, ...result };
        }
        if (now.state !== "approved") return;
        assert.equal(new Set(now.votes.map(({ voter }) => voter)).size, now.votes.length);
        assert.ok(now.votes.length >= count);
        assert.ok(now.votes.filter(({ role }) => role === "lead").length >= leads);
      },
    ),
    { numRuns: runs(2_000) },
  );
});

const SAM: Click = {
  meaning: "yes",
  version: 1,
  voter: "sam@x",
  name: "Sam",
  role: "support",
  at: NOW,
  account: { id: "U1", groups: ["team"] },
};

/** The ballot after a press that counts. */
function after(from: Ballot, over: Partial<Click> = {}): Ballot {
  const result = press(from, { ...SAM, ...over });
  assert.ok(!("refusal" in result), JSON.stringify(result));
  return { ...from, ...result };
}

test("each refusal says which one it is", () => {
  const why = (from: Ballot, over: Partial<Click> = {}) => {
    const result = press(from, { ...SAM, ...over });
    return "refusal" in result ? result.refusal.why : "counted";
  };
  assert.equal(why(ballot(1, 0), { role: null }), "forbidden");
  assert.equal(why(ballot(1, 0), { version: 2 }), "stale");
  assert.equal(why(ballot(1, 0), { at: new Date("2026-11-20T20:00:00Z") }), "expired");
  assert.equal(why({ ...ballot(1, 0), state: "void" }), "decided");
  assert.equal(why({ ...ballot(1, 0), kind: "policy", isForLeads: true }), "forbidden");
  const once = after(ballot(2, 0));
  assert.equal(once.state, "pending");
  assert.equal(why(once), "twice");
  const elsewhere = { voter: "U9", name: "Dana", account: { id: "U9" } };
  assert.equal(why(once, elsewhere), "unclear", "they may be one person");
  const renamed = { voter: "sam.ortiz@x", name: "Sam Ortiz" };
  assert.equal(why(once, renamed), "twice", "one account is one person under any address");
  assert.equal(why(once, { ...renamed, account: { id: "U9" } }), "counted");
  const limit = { minor: 500, currency: "USD" };
  const over = { operation: "refund", limit, amount: { ...limit, minor: 900 }, isSum: false };
  assert.equal(why({ ...ballot(1, 0), overLimit: () => over }), "limit");
});

test("an amount in another currency than the limit's is for leads", () => {
  const proposal = { actions: [refundOf(400).planned] };
  const over = (role: Role, currency: string) =>
    overLimit({ approvalLimit: () => ({ minor: 500, currency }) }, role, proposal);
  assert.equal(over("support", "USD"), null);
  assert.deepEqual(over("support", "EUR")?.amount, { minor: 400, currency: "USD" });
  assert.equal(over("lead", "EUR"), null);
});

test("a yes keeps what it takes to judge it again later; an end keeps who ended it", () => {
  const [vote] = after(ballot(1, 0)).votes;
  assert.deepEqual([vote?.deskId, vote?.groups], ["U1", ["team"]]);
  const ended = after(ballot(2, 0), { meaning: "rejected" });
  assert.deepEqual([ended.state, ended.votes.map(({ voter }) => voter)], ["rejected", ["sam@x"]]);
});

test("a late press says who decided, and when in the team's zone", () => {
  const decided = after(ballot(1, 0));
  const late = press(decided, { ...SAM, voter: "dana@x", name: "Dana" });
  assert.ok("refusal" in late);
  assert.equal(
    refusalText(late.refusal, "Europe/Berlin"),
    "This card is approved already, by Sam at 13:00:00 Europe/Berlin.",
  );
});

const DECISION: Decision = {
  verdict: "ask",
  rule: "refund.otherwise",
  reason: "People decide. The limit month (once in 30 days) is used up.",
  approvers: { count: 1, leads: 0 },
  reservations: [],
};

const USED_UP: Decision = { ...DECISION, usedUp: [{ name: "month", words: "once in 30 days" }] };

test("the seal covers the bytes that every version has of a decision, and nothing that only this one has", () => {
  const before = digest({ actions: [], revision: "r1", rules: [DECISION] });
  assert.equal(sealFor(null, "r1", [DECISION]), before);
  assert.equal(sealFor(null, "r1", [USED_UP]), before);
});

test("a word of the reason, or another approver, is another seal", () => {
  const others: Decision[] = [
    { ...DECISION, reason: "People decide." },
    { ...DECISION, approvers: { count: 2, leads: 0 } },
    { ...DECISION, verdict: "allow" },
  ];
  const seals = [DECISION, ...others].map((decision) => sealFor(null, "r1", [decision]));
  assert.equal(new Set(seals).size, seals.length, canonical(seals));
});

test("rules that fit no longer, and two actions under one key, leave nothing that may happen", () => {
  const { planned, decision } = refundOf(500);
  const other = refundOf(500, { orderId: "456" }).planned;
  const rule: Decision = { ...decision, rule: "refund.usual" };
  const reply: Decision = { ...DECISION, rule: "reply.email.draft" };
  const bound = (actions: readonly PlannedAction[], rules: readonly Decision[]) =>
    rulesOfActions({ actions: [...actions] }, rules);
  assert.equal(bound([planned, other], [rule, rule, reply])?.actions.length, 2);
  assert.equal(bound([planned, planned], [rule, rule, reply]), null);
  assert.equal(bound([planned], [reply]), null);
  assert.equal(bound([planned], [rule, rule, reply]), null);
  assert.equal(bound([planned], [reply, rule]), null);
});

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

onDesk("what was approved and changed in the database", (bench) => {
  for (const [what, [change, reason]] of Object.entries(ALL))
    test(`makes no refund, and says why: ${what}`, async () => {
      const asks = { verdict: "ask", approvers: { count: 2, leads: 0 } } as const;
      bench.answer(() =>
        replying("We have refunded 5.00 USD.", { actions: [refundOf(500, { decision: asks })] }),
      );
      const id = await bench.write("Please refund order 789");
      await bench.press("approve", id);
      await bench.press("approve", id, "lea@ourshop.test");
      const refund = () => bench.at(effectByKey, REFUND);
      assert.equal((await refund())?.state, "intended");
      await bench.parts.store.run(change);
      await bench.pass(LATER_MS);
      const { state, error } = (await refund()) ?? {};
      assert.equal(state, "withdrawn");
      assert.match(error ?? "", reason);
      assert.ok(!bench.left.some(({ action }) => action.operation === "refund"));
    });
});
