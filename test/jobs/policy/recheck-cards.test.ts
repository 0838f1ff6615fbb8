/** A changed policy decides again on what waits: the same result leaves a card alone, another one voids it. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { pendingCards } from "#jobs/policy/recheck.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { comparisonText } from "#policy/explain/summary.ts";
import { loadPolicy, openPolicyFile } from "#policy/load-policy.ts";
import { loadApproval, pendingApprovals, type Approval } from "#store/approvals/approvals.ts";
import { effectsOfApproval } from "#store/effects/ledger.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { BOB, policyBenchForTests } from "./bench.ts";
import { PEOPLE } from "./desk.ts";
import { flagTexts } from "#test/support/flag-texts.ts";

const { sam, lea } = PEOPLE;

const REFUND = "My headphones broke, please refund order 789";
/** Two people for more than 100.00, so that Ann's 120.00 needs one more. */
const TWO_PEOPLE = (text: string): string => text.replace("up_to: 200.00", "up_to: 100.00");
const DENIED = (text: string): string => text.replace("above: 1000.00", "above: 100.00");
const UNRELATED = (text: string): string => text.replace("count_max: 3", "count_max: 2");

for (const database of [MAIN_DATABASE])
  describe(`what waits when the policy changes, on ${database}`, () => {
    const bench = policyBenchForTests(database);
    beforeEach(() => bench.begin());

    async function stored({ id }: Pick<Approval, "id">): Promise<Approval> {
      const approval = await bench.store.run(loadApproval, id);
      assert.ok(approval);
      return approval;
    }

    async function effectStates({ id }: Approval): Promise<readonly string[]> {
      const effects = await bench.store.run(effectsOfApproval, id);
      return effects.map(({ state }) => state);
    }

    /** A change that is known, before the cards are rechecked. */
    const knownChange = async (): Promise<string> => {
      const text = TWO_PEOPLE(bench.original());
      const source = { kind: "file", name: "deskhand.policy.yaml" } as const;
      const { store, clock, parts } = bench;
      await checkPolicyFile({ store, clock, ids: parts.ids }, source, text, "change");
      return text;
    };

    /** What a comparison of the first policy with a changed one says of the cards that wait. */
    const compared = async (change: (text: string) => string): Promise<string> => {
      const [old, next] = [bench.original(), change(bench.original())].map((text) =>
        openPolicyFile(text, "policy"),
      );
      assert.ok(old !== undefined && next !== undefined);
      return comparisonText(old, next, await pendingCards(bench.parts, old.policy, next.policy));
    };

    test("stays as it is, with its votes, when it would be decided the same", async () => {
      await bench.begin(TWO_PEOPLE);
      const asked = await bench.ask(REFUND);
      await bench.press(sam, asked, "approve");
      const before = await stored(asked);
      await bench.enforce((text) => UNRELATED(text));
      await bench.look();
      assert.deepEqual(await stored(asked), before);
      await bench.press(lea, asked, "approve");
      assert.equal((await stored(asked)).state, "approved");
    });

    test("is named by a comparison, which changes nothing, void when another rule decides, says which, and a fresh card follows", async () => {
      const asked = await bench.ask(REFUND);
      const before = await stored(asked);
      assert.match(
        await compared(TWO_PEOPLE),
        new RegExp(`1 of 1 waiting card[^]*${asked.id}[^]*refund\\.usual.*refund\\.large`),
      );
      assert.match(await compared(UNRELATED), /0 of 1 waiting card/);
      assert.deepEqual(await stored(asked), before);
      await bench.enforce(TWO_PEOPLE);
      const old = await stored(asked);
      assert.equal(old.state, "void");
      assert.match(old.closing, /^The policy changed: refund\.usual → refund\.large\./);
      assert.match(bench.desk.cards.get(asked.id)?.closing ?? "", /refund\.usual → refund\.large/);
      const fresh = await bench.waiting();
      assert.ok(fresh);
      assert.notEqual(fresh.id, asked.id);
      assert.deepEqual(fresh.needs, { count: 2, leads: 1 });
      assert.equal((await bench.press(sam, asked, "approve")).accepted, false);
      await bench.press(sam, fresh, "approve");
      assert.equal((await stored(fresh)).state, "pending");
    });

    test("is void when the rule is the same and asks for another person", async () => {
      const asked = await bench.ask(REFUND);
      await bench.enforce((text) =>
        text.replace("approvers: { count: 1, leads: 0 }", "approvers: { count: 1, leads: 1 }"),
      );
      assert.match((await stored(asked)).closing, /refund\.usual now asks a lead/);
      assert.deepEqual((await bench.waiting())?.needs, { count: 1, leads: 1 });
    });

    test("is void when it may not happen at all any more, and nothing of it does", async () => {
      const asked = await bench.ask(REFUND);
      await bench.enforce(DENIED);
      assert.match(
        (await stored(asked)).closing,
        /refund\.usual → refund\.too_much, which is not allowed/,
      );
      const fresh = await bench.waiting();
      assert.ok(!fresh?.proposal?.actions.some(({ action }) => action.operation === "refund"));
    });

    test("is void when its channel only shadows from now on", async () => {
      const asked = await bench.ask("Where is my order 456?");
      await bench.enforce((text) =>
        text.replace("email: { default: draft }", "email: { default: shadow }"),
      );
      assert.match(
        (await stored(asked)).closing,
        /reply\.email\.draft → reply\.autonomy, which is not allowed/,
      );
      assert.equal(await bench.waiting(), null);
      assert.deepEqual(bench.sent, []);
    });

    test("stays with people when the policy would let it go out by itself, and diff and vote count it", async () => {
      const AUTO = (text: string): string =>
        text.replace("email: { default: draft }", "email: { default: auto }");
      const asked: Approval[] = [];
      for (const text of ["Where is my order 456?", "What is your return policy?"])
        asked.push(await bench.ask(text));
      assert.match(
        await compared(AUTO),
        /2 of 2 waiting cards would be decided more freely; they stay with people as they are/,
      );
      bench.edit(AUTO);
      await bench.look();
      assert.match(
        flagTexts(bench.proposal()).join(),
        /2 drafts wait that .*; they stay with people/,
      );
      await bench.enforce(AUTO);
      for (const card of asked) {
        assert.equal((await stored(card)).state, "pending");
        await processConversation(bench.parts, card.conversationId);
      }
      assert.deepEqual(bench.sent, [], "waiting drafts sent by a change of policy");
      // Another message about it does not take it out of their hands either.
      await bench.tell("Where is my order 456?");
      assert.deepEqual(bench.sent, []);
      const [, second] = asked;
      assert.ok(second);
      // Another change does not let out again what the policy in force lets out already.
      bench.edit((text) => AUTO(text).replace("up_to: 10.00", "up_to: 12.00"));
      await bench.look();
      assert.doesNotMatch(flagTexts(bench.proposal()).join(), /drafts? wait/);
      assert.equal((await bench.press(sam, second, "approve")).accepted, true);
    });

    test("is looked at by a person again when one part is stricter and the other free", async () => {
      const asked = await bench.ask(REFUND);
      await bench.enforce((text) =>
        DENIED(text).replace("email: { default: draft }", "email: { default: auto }"),
      );
      const old = await stored(asked);
      assert.equal(old.state, "void");
      assert.doesNotMatch(old.closing, /Nothing was done/);
      assert.deepEqual(bench.sent, []);
      assert.ok(await bench.waiting());
    });

    test("goes by the moment it was asked for, however long it waits", async () => {
      const asked = await bench.ask(REFUND);
      // Delivered 12 days ago: 20 days later the window of 30 days would be over.
      bench.clock.skip(20 * 86_400_000);
      await bench.enforce(UNRELATED);
      assert.equal((await stored(asked)).state, "pending");
    });

    test("stays when it was asked about because of whose text it rests on", async () => {
      const asked = await bench.ask(
        "Please refund 5.00 USD of order 789, it came scratched. A friend got 7.00 USD back.",
      );
      assert.equal(asked.rules[0]?.rule, "refund.origin");
      await bench.enforce(UNRELATED);
      assert.equal((await stored(asked)).state, "pending");
      await bench.enforce((text) => UNRELATED(text).replace("up_to: 10.00", "up_to: 4.00"));
      assert.equal((await stored(asked)).state, "pending", "one person decides under either rule");
      await bench.enforce((text) => TWO_PEOPLE(text).replace("up_to: 100.00", "up_to: 4.00"));
      assert.match((await stored(asked)).closing, /refund\.origin → refund\.large/);
    });

    test("an edited card is compared with what the editor was shown", async () => {
      const asked = await bench.ask("My headphones broke, please refund order 789");
      const text = asked.card.draft?.text ?? "";
      const { accepted } = await bench.edited(sam, asked, { text, amount: "5.00" });
      assert.equal(accepted, true);
      const edited = await stored(asked);
      assert.equal(edited.rules[0]?.rule, "refund.small");
      for (const room of ["60.00", "40.00"]) {
        await bench.enforce((policy) => policy.replace("sum_max: 50.00", `sum_max: ${room}`));
        assert.deepEqual(await stored(asked), edited, `${room} leaves room for it`);
      }
      await bench.enforce((policy) => policy.replace("sum_max: 50.00", "sum_max: 4.00"));
      assert.match((await stored(asked)).closing, /refund\.small → refund\.usual/);
    });

    test("what people approve has the room that a looser limit leaves by now", async () => {
      await bench.begin((policy) => policy.replace("sum_max: 50.00", "sum_max: 10.00"));
      const asked = await bench.ask(REFUND);
      const text = asked.card.draft?.text ?? "";
      await bench.edited(sam, asked, { text, amount: "5.00" });
      await bench.tell("Please refund order 1002, it broke.", BOB);
      const row = z.object({ minor: z.coerce.number() });
      const used = sql`select minor from reservation where limit_name = 'small_refunds_for_all'`;
      for (const card of await bench.store.run(pendingApprovals, 9))
        if (card.id !== asked.id) await bench.press(sam, card, "approve");
      const [booked] = await bench.rows(row, used);
      assert.ok(booked !== undefined && booked.minor > 500, "too little was booked");
      await bench.enforce((policy) => policy.replace("sum_max: 10.00", "sum_max: 60.00"));
      await bench.press(sam, await stored(asked), "approve");
      assert.equal((await stored(asked)).state, "approved");
    });

    test("an edited card is void when its rule allows no more what was typed", async () => {
      const asked = await bench.ask("My headphones broke, please refund order 789");
      const text = asked.card.draft?.text ?? "";
      await bench.edited(sam, asked, { text, amount: "5.00" });
      await bench.enforce((policy) => policy.replace("up_to: 10.00", "up_to: 4.00"));
      assert.match((await stored(asked)).closing, /refund\.small → refund\.usual/);
    });

    test("what was approved and has not begun is taken back when the votes are not enough any more", async () => {
      const asked = await bench.ask(REFUND);
      await bench.press(sam, asked, "approve");
      assert.deepEqual(await effectStates(asked), ["intended", "intended"]);
      await bench.enforce(TWO_PEOPLE);
      assert.equal((await stored(asked)).state, "void");
      assert.deepEqual(await effectStates(asked), ["withdrawn", "withdrawn"]);
      bench.clock.skip(60_000);
      await bench.processWoken();
      await processConversation(bench.parts, asked.conversationId);
      assert.deepEqual(bench.shop.journal(), []);
      assert.deepEqual(bench.sent, []);
      assert.deepEqual((await bench.waiting())?.needs, { count: 2, leads: 1 });
    });

    test("what was approved and has not begun does not count against itself", async () => {
      const limited = (text: string): string =>
        text.replace("approvers: { count: 1", "limits: [small_refunds_for_one]\n        $&");
      await bench.begin(limited);
      const asked = await bench.ask(REFUND);
      await bench.press(sam, asked, "approve");
      await bench.enforce(UNRELATED);
      assert.equal((await stored(asked)).state, "approved");
      assert.deepEqual(await effectStates(asked), ["intended", "intended"]);
      await bench.enforce((text) => TWO_PEOPLE(UNRELATED(text)));
      assert.equal((await stored(asked)).state, "void");
    });

    test("what was approved by enough people for the new policy goes on, and once it has begun it runs to its end", async () => {
      await bench.begin(TWO_PEOPLE);
      const asked = await bench.ask(REFUND);
      for (const who of [sam, lea]) await bench.press(who, asked, "approve");
      const before = await stored(asked);
      await bench.enforce((text) =>
        text
          .replace("up_to: 100.00", "up_to: 110.00")
          .replace("undo_seconds: 5", "undo_seconds: 6"),
      );
      assert.deepEqual((await stored(asked)).state, before.state);
      bench.clock.skip(60_000);
      await processConversation(bench.parts, asked.conversationId);
      assert.equal(bench.shop.journal().length, 1);
      assert.equal(bench.sent.length, 1);
      await bench.enforce(DENIED);
      assert.equal((await stored(asked)).state, "approved");
      assert.equal(bench.shop.journal().length, 1);
      assert.equal(bench.sent.length, 1);
    });

    test("an approval by a person who has lost their role is taken back", async () => {
      const asked = await bench.ask(REFUND);
      await bench.press(sam, asked, "approve");
      await bench.enforce((text) =>
        text
          .replace("support: [sam@ourshop.test, dana@ourshop.test]", "support: [dana@ourshop.test]")
          .replaceAll("people: [sam@ourshop.test, lea@ourshop.test]", "people: [lea@ourshop.test]"),
      );
      const old = await stored(asked);
      assert.deepEqual(
        [old.state, await effectStates(asked)],
        ["void", ["withdrawn", "withdrawn"]],
      );
      assert.match(old.closing, /a teammate who approved no longer has a role/);
      assert.equal((await bench.waiting())?.state, "pending");
    });

    test("a card that a turn under way wrote after the change is not approved unchanged", async () => {
      const asked = await bench.ask(REFUND);
      // The turn ended under the old policy; the change is known, and the cards have not been rechecked yet.
      bench.parts.policy.replace(loadPolicy(await knownChange(), "new"));
      const answer = await bench.press(sam, asked, "approve");
      assert.equal(answer.accepted, false);
      assert.match(answer.message, /the policy changed: refund\.usual → refund\.large/);
      assert.equal((await stored(asked)).state, "void");
      await bench.processWoken();
      assert.deepEqual((await bench.waiting())?.needs, { count: 2, leads: 1 });
    });

    test("a card that a turn under way wrote after the change is looked at by the next check", async () => {
      const asked = await bench.ask(REFUND);
      const began = (days: number) =>
        bench.store.run((transaction) =>
          transaction.execute(
            sql`update turn set started_at = started_at + ${days} * interval '1 day'`,
          ),
        );
      await began(9);
      bench.edit(TWO_PEOPLE);
      for (let check = 0; check < 5; check += 1) await bench.watch.tickIfDue();
      assert.equal((await stored(asked)).state, "pending");
      await began(-9);
      await bench.watch.tickIfDue();
      assert.equal((await stored(asked)).state, "void");
    });

    test("after a crash between the change and the look at the cards, the look is made up for", async () => {
      const asked = await bench.ask(REFUND);
      await knownChange();
      bench.edit(TWO_PEOPLE);
      await bench.restart();
      await bench.look();
      assert.match((await stored(asked)).closing, /refund\.usual → refund\.large/);
    });
  });
