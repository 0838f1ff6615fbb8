/** The policy file changes while Deskhand runs: what is stricter holds at once, what permits more waits for people. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { proposeOwn } from "#jobs/policy/own-change.ts";
import { verifyAudit } from "#store/audit/audit-log.ts";
import { activePolicy, lockPolicy } from "#store/policy/policy-changes.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { policyBenchForTests } from "./bench.ts";
import { PEOPLE } from "./desk.ts";

const { sam, lea, lee } = PEOPLE;

const same = (text: string): string => text;
/** One teammate approves up to 200.00 in the original. */
const usualUpTo =
  (amount: string) =>
  (text: string): string =>
    text.replace("up_to: 200.00", `up_to: ${amount}`);
const STRICTER = usualUpTo("150.00");
const LAXER = usualUpTo("500.00");

for (const database of DATABASES)
  describe(`a change of the policy file on ${database}`, () => {
    const bench = policyBenchForTests(database);

    /** Which rule a refund of this many dollars falls under, by the policy that answers now. */
    function ruleFor(dollars: number): string {
      const amount = { minor: dollars * 100, currency: "USD" };
      const at = bench.clock.now();
      return bench.parts.policy.decide({
        operation: "refund",
        channel: "email",
        brand: "default",
        topic: "refund",
        level: 2,
        actingLevel: undefined,
        customerId: "u123",
        amount,
        order: {
          orderId: "1",
          customerId: "u123",
          status: "delivered",
          paid: amount,
          refunded: { minor: 0, currency: "USD" },
          refundCount: 0,
          deliveredOn: at.toISOString().slice(0, 10),
        },
        origin: null,
        at,
        usage: {},
      }).rule;
    }

    const policyCards = () =>
      [...bench.desk.cards.values()].filter(({ kind }) => kind === "policy");
    const audited = async (kind: string): Promise<number> =>
      (await bench.rows(z.object({}), sql`select 1 from audit where kind = ${kind}`)).length;

    test("the first policy holds as the file has it, is written down, and is no news", async () => {
      await bench.look();
      assert.equal(ruleFor(180), "refund.usual");
      assert.deepEqual(policyCards(), []);
      assert.equal(await audited("policy_in_force"), 1);
      const active = await bench.store.run(activePolicy, "file");
      assert.equal(active?.text, bench.original());
    });

    test("what only says it in other words changes nothing", async () => {
      const { version } = bench.parts.policy;
      bench.edit((text) => text.replace("currency: USD", "currency: 'USD' # dollars"));
      await bench.look();
      assert.equal(bench.parts.policy.version, version);
      assert.deepEqual(policyCards(), []);
      assert.equal(await audited("policy_in_force"), 1);
    });

    test("what is only stricter holds at once and is told with what is different", async () => {
      bench.edit(STRICTER);
      await bench.look();
      assert.equal(ruleFor(180), "refund.large");
      const [card] = policyCards();
      assert.equal(card?.state, "closed");
      assert.deepEqual(card.buttons, []);
      assert.deepEqual(
        card.actions.map(({ label }) => label),
        ["operations.refund.rules.usual.up_to: 200 → 150"],
      );
      assert.match(card.closing, /^In force since \d\d:\d\d:\d\d UTC/);
    });

    test("what permits more waits, is told to the leads, and the policy stays as it was", async () => {
      const { version } = bench.parts.policy;
      bench.edit(LAXER);
      await bench.look();
      assert.equal(bench.parts.policy.version, version);
      assert.equal(ruleFor(180), "refund.large");
      const card = bench.proposal();
      assert.match(card.headline, /would permit more: operations\.refund/);
      assert.deepEqual(card.buttons, ["approve", "reject"]);
      assert.equal(card.progress, "0 of 2 leads agreed");
      assert.ok(
        card.actions.some(({ label }) => /one person approves \(refund\.usual\)/.test(label)),
      );
      assert.ok(card.actions.some(({ label }) => label.endsWith("up_to: 150 → 500")));
      assert.deepEqual(bench.desk.notices.at(-1)?.people, ["lea@ourshop.test", "lee@ourshop.test"]);
      assert.ok(bench.desk.notices.at(-1)?.text.includes(card.approvalId));
    });

    test("two leads bring it into force, at once and under their names", async () => {
      const card = bench.proposal();
      assert.equal((await bench.press(lea, card, "approve")).message, "");
      assert.equal(ruleFor(180), "refund.large", "one lead was enough");
      assert.match(bench.proposal().progress, /^1 of 2 leads agreed \(Lea Brandt\)$/);
      assert.equal((await bench.press(lee, card, "approve")).message, "In force now.");
      assert.equal(ruleFor(480), "refund.usual");
      const closed = bench.desk.cards.get(card.approvalId);
      assert.equal(closed?.state, "closed");
      assert.match(closed.closing, /approved by Lea Brandt and Lee Novak/);
      const late = await bench.press(sam, card, "reject");
      assert.equal(late.accepted, false);
      assert.match(late.message, /approved already, by .*Lee Novak at/);
      assert.equal(ruleFor(480), "refund.usual");
    });

    test("a newer change takes the place of one that waits; putting the file back closes it", async () => {
      bench.edit(usualUpTo("600.00"));
      await bench.look();
      const first = bench.proposal();
      bench.edit(usualUpTo("700.00"));
      await bench.look();
      const second = bench.proposal();
      assert.notEqual(second.approvalId, first.approvalId);
      assert.match(bench.desk.cards.get(first.approvalId)?.closing ?? "", /changed again/);
      for (const lead of [lea, lee])
        assert.equal((await bench.press(lead, first, "approve")).accepted, false);
      await bench.press(lea, second, "approve");
      bench.edit(LAXER);
      await bench.look();
      assert.match(bench.desk.cards.get(second.approvalId)?.closing ?? "", /what is in force/);
      assert.equal((await bench.press(lee, second, "approve")).accepted, false);
      assert.equal(ruleFor(550), "refund.large");
    });

    test("a no ends it; the same text is not asked about again before an edit", async () => {
      bench.edit(usualUpTo("600.00"));
      await bench.look();
      const card = bench.proposal();
      await bench.press(lea, card, "approve");
      assert.equal((await bench.press(lee, card, "reject")).accepted, true);
      const closed = bench.desk.cards.get(card.approvalId);
      assert.match(closed?.closing ?? "", /^Rejected by Lee Novak \(It has a mistake\)/);
      const before = policyCards().length;
      await bench.look();
      assert.equal((await bench.restart()).outcome, "refused");
      await bench.look();
      assert.equal(policyCards().length, before);
      assert.equal(ruleFor(550), "refund.large");
      bench.edit(usualUpTo("600.00"));
      await bench.look();
      assert.equal(policyCards().length, before + 1, "an edit asks anew");
      bench.edit(LAXER);
      await bench.look();
    });

    test("no answer is a no, after as long as a card waits", async () => {
      bench.edit(usualUpTo("600.00"));
      await bench.look();
      const card = bench.proposal();
      await bench.press(lea, card, "approve");
      bench.clock.skip(8 * 3_600_000 + 1_000);
      await bench.watch.tickIfDue();
      assert.match(bench.desk.cards.get(card.approvalId)?.closing ?? "", /^Expired/);
      assert.equal((await bench.press(lee, card, "approve")).accepted, false);
      assert.equal(ruleFor(550), "refund.large");
      assert.equal((await bench.restart()).outcome, "refused");
      bench.edit(LAXER);
      await bench.look();
    });

    test("a file changed while nothing ran is treated the same at the next start", async () => {
      bench.edit(usualUpTo("110.00"));
      assert.equal((await bench.restart()).outcome, "activated");
      assert.equal(ruleFor(115), "refund.large");
      bench.edit(usualUpTo("500.00"));
      const { outcome, inForce } = await bench.restart();
      assert.equal(outcome, "proposed");
      assert.match(inForce.text, /up_to: 110\.00/);
      assert.equal((await bench.restart()).outcome, "waiting");
      await bench.look();
      const card = bench.proposal();
      for (const lead of [lea, lee]) await bench.press(lead, card, "approve");
      assert.equal(ruleFor(480), "refund.usual");
      assert.equal((await bench.restart()).outcome, "same");
      assert.equal(ruleFor(480), "refund.usual");
    });

    test("a desk that is away gets the card when it is back, once", async () => {
      bench.desk.away = true;
      bench.edit(usualUpTo("600.00"));
      await bench.look();
      await bench.look();
      bench.desk.away = false;
      bench.clock.skip(120_000);
      const told = bench.desk.notices.length;
      await bench.look();
      await bench.look();
      bench.proposal();
      assert.equal(bench.desk.notices.length, told + 1);
      bench.edit(usualUpTo("500.00"));
      await bench.look();
    });

    test("the sandbox's own file changes with the program, without asking a person", async () => {
      const { store, clock, parts } = bench;
      const own = { kind: "built-in", name: "sandbox.yaml" } as const;
      const look = (text: string) =>
        checkPolicyFile({ store, clock, ids: parts.ids }, own, text, "start");
      assert.equal((await look(bench.original())).outcome, "activated");
      const next = await look(LAXER(bench.original()));
      assert.equal(next.outcome, "activated");
      assert.match(next.inForce.text, /up_to: 500\.00/);
      // The operator's own history is another one.
      const file = await store.run(activePolicy, "file");
      assert.notEqual(file?.id, next.inForce.id);
      const before = policyCards().length;
      await bench.look();
      assert.equal(policyCards().length, before);
    });

    test("of two processes that see the same change, one proposes it", async () => {
      const { store, clock, parts } = bench;
      const source = { kind: "file", name: "deskhand.policy.yaml" } as const;
      const text = usualUpTo("650.00")(bench.original());
      const results = await Promise.all(
        Array.from({ length: 5 }, () =>
          checkPolicyFile({ store, clock, ids: parts.ids }, source, text, "change"),
        ),
      );
      assert.deepEqual(results.map(({ outcome }) => outcome).toSorted(), [
        "proposed",
        "waiting",
        "waiting",
        "waiting",
        "waiting",
      ]);
      bench.edit(same);
      await bench.look();
    });

    test("all of it is in the audit, by ids alone", async () => {
      const { brokenAt } = await bench.store.run(verifyAudit);
      assert.equal(brokenAt, null);
      assert.ok((await audited("policy_vote")) > 5);
      const [named] = await bench.rows(
        z.object({ count: z.coerce.number() }),
        sql`select count(*) as count from audit where data::text like '%ourshop%' or data::text like '%Lea%'`,
      );
      assert.equal(named?.count, 0);
    });

    /** An update of Deskhand, after which it gives another version to every text that is stored. */
    async function update(): Promise<string> {
      await bench.rows(
        z.object({}),
        sql`update policy_change set version = 'older ' || version, made_from = 'older ' || made_from`,
      );
      const { outcome } = await bench.restart();
      await bench.look();
      return outcome;
    }

    test("after an update an unchanged file still waits, with the votes it has", async () => {
      await bench.begin();
      bench.edit(LAXER);
      await bench.look();
      const card = bench.proposal();
      await bench.press(lea, card, "approve");
      assert.equal(await update(), "waiting");
      assert.match(bench.proposal().progress, /^1 of 2 leads agreed/);
      assert.equal((await bench.press(lee, card, "approve")).accepted, true);
      assert.equal(ruleFor(480), "refund.usual");
    });

    test("after an update an unchanged file that people refused is not proposed again", async () => {
      await bench.begin();
      bench.edit(LAXER);
      await bench.look();
      await bench.press(lea, bench.proposal(), "reject");
      assert.equal(await update(), "refused");
      assert.equal(policyCards().length, 1);
    });

    test("after an update a change that Deskhand proposed outlasts the unchanged file", async () => {
      await bench.begin();
      await bench.store.run(async (transaction) => {
        await lockPolicy(transaction);
        const active = await activePolicy(transaction, "file");
        assert.ok(active);
        const proposal = { text: LAXER(active.text), lines: [], why: "It is time." };
        await proposeOwn(bench.parts, transaction, active, proposal);
      });
      await bench.look();
      const card = bench.proposal();
      for (const lead of [lea, lee]) await bench.press(lead, card, "approve");
      assert.equal(ruleFor(480), "refund.usual");
      assert.equal(await update(), "behind");
      assert.equal(ruleFor(480), "refund.usual");
      bench.edit(LAXER);
      await bench.look();
      bench.edit(same);
      await bench.look();
      assert.equal(ruleFor(480), "refund.large", "the file caught up, and decides from there on");
    });
  });
