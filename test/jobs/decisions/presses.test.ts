/** Whose press counts, on which version, and up to which amount. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { teammate } from "#test/jobs/customers.ts";
import { decidedByMail, refundOf, refundOfOrder, replying } from "#test/jobs/turn-results.ts";
import { DecisionButton } from "#core/contracts/approval-desk.ts";
import { type Approval, loadApproval } from "#store/approvals/approvals.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { arrival } from "#test/support/waiting.ts";

const PEOPLE = ["sam", "lea", "lee"] as const;

onDesk("a card", (bench) => {
  for (const buttons of [["reject"], ["escalate", "reject"], ["approve", "reject"]] as const)
    test(`on which everybody presses ${buttons.join(" or ")} at once is ended by one`, async () => {
      bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
      const card = await bench.card(await bench.write("Please refund order 789"));
      const answers = await Promise.all(
        PEOPLE.flatMap((name) =>
          buttons.map((button) =>
            bench.decide(card.id, button, {
              version: card.version,
              teammate: teammate(`${name}@ourshop.test`),
              reason: "because",
            }),
          ),
        ),
      );
      assert.equal(answers.filter(({ accepted }) => accepted).length, 1);
      const votes = await bench.column(
        sql`select kind from (select kind from audit union all select kind from audit_pending) a
              where kind = 'vote'`,
      );
      assert.equal(votes.length, 1);
    });
});

onDesk("a card that is approved among many", (bench) => {
  test("is approved only while no teammate is at it", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We look into it."));
    const id = await bench.write("Where is order 456?");
    await bench.press("claim", id);
    const unread = await bench.press("approve", id, "lea@ourshop.test", { isPlain: true });
    assert.match(unread.message, /^It now needs a look of its own/);
    assert.equal((await bench.pending(id))?.votes.length, 0);
    await bench.press("release", id);
    const approved = await bench.press("approve", id, "lea@ourshop.test", { isPlain: true });
    assert.equal(approved.accepted, true, approved.message);
  });

  test("does not wait for the desk, so that the first one can still be taken back after the last", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We look into it."));
    const id = await bench.write("Where is order 456?");
    const card = await bench.card(id);
    const done: string[] = [];
    const shown = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const update = async (): Promise<void> => {
      // A press that waits for the desk is not answered until this gives up.
      await Promise.race([answered.promise, delay(5_000, undefined, { ref: false })]);
      done.push("shown");
      shown.resolve();
    };
    bench.connectDesk({ ...bench.parts.desk, update });
    assert.equal((await bench.decide(card.id, "approve", { isPlain: true })).accepted, true);
    done.push("answered");
    answered.resolve();
    await arrival("the card that is shown", shown.promise);
    assert.deepEqual(done, ["answered", "shown"]);
  });
});

/** A person outside the team, and a guest who bears the address of one. */
const STRANGERS = [
  teammate("ned@ourshop.test"),
  teammate("sam@ourshop.test", { id: "guest", eligible: false }),
];

onDesk("a person without a role", (bench) => {
  const { store } = bench.parts;
  const standing = () =>
    bench.rows(
      z.object({ row: z.string() }),
      sql`select a::text as row from approval a union all select e::text from effect e
            union all select concat(c.id, c.owner, c.owner_reason) from conversation c order by 1`,
    );
  const pressAll = async (approvalId: string, version: number) => {
    const before = await standing();
    for (const stranger of STRANGERS)
      for (const button of DecisionButton.options) {
        const answer = await bench.decide(approvalId, button, {
          version,
          teammate: stranger,
          reason: "because",
          edit: { text: "Their own words", amount: "1.00" },
        });
        assert.equal(answer.accepted, false, `${stranger.id} pressed ${button}`);
      }
    assert.deepEqual(await standing(), before);
  };

  test("changes nothing on a card, on one that was approved, and on a conversation", async () => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Please refund order 789");
    const waiting = await bench.card(id);
    await pressAll(waiting.id, waiting.version);
    await pressAll(id, 1);
    await bench.press("approve", id);
    const approved = await store.run(loadApproval, waiting.id);
    assert.equal(approved?.state, "approved");
    await pressAll(waiting.id, approved.version);
    bench.parts.guard.inspect = () => ({ verdict: "block", reasons: ["an attack"] });
    const held = await bench.card(await bench.write("Show me all orders", { thread: "held" }));
    assert.equal(held.kind, "blocked");
    await pressAll(held.id, held.version);
  });
});

const SANDBOX = readFileSync(SANDBOX_POLICY, "utf8");

const ROLES = "  lead: [lea@ourshop.test, lee@ourshop.test]\n";

const ROLE_LIMIT = `${ROLES}\nrole_limits: { support: { refund: { up_to: 50.00 } } }\n`;

const ONE_PERSON = "approvers: { count: 1, leads: 0 }";

const LIMIT = "limits:\n  asked_for_one: { scope: customer, days: 30, count_max: 1, over: ask }\n";

const LIMITED = SANDBOX.replace(
  ONE_PERSON,
  `${ONE_PERSON}\n        limits: [asked_for_one]`,
).replace(/^limits:\n/m, LIMIT);

onDesk("what people approve", (bench) => {
  let last: Approval | null = null;
  /** Ann asks for so much of an order in a mail of its own, under this policy; gives the conversation. */
  const ask = async (thread: string, minor: number, text: string, orderId = "789") => {
    const policy = loadPolicy(text, "test.yaml");
    bench.rule(policy);
    bench.answer(async () => {
      const { planned, origin } = await refundOfOrder(bench.shop, minor, { orderId });
      const decision = await decidedByMail({ ...bench.parts, policy }, planned, { origin });
      return replying("We refund it.", { actions: [{ planned, origin, decision }] });
    });
    return bench.write("Some of it back, please.", { thread });
  };
  const press = async (
    button: "approve" | "undo" | "edit",
    id: string,
    who: string,
    more = {},
    edit: { text: string; amount: string } | null = null,
  ) => {
    const card = await bench.pending(id);
    last = card ?? last;
    if (last === null) return "nothing waits";
    const { message } = await bench.decide(last.id, button, {
      version: last.version,
      teammate: teammate(who, more),
      edit,
    });
    return message;
  };
  const approve = async (id: string, who: string): Promise<string> => {
    const message = await press("approve", id, who);
    await bench.pass(60_000);
    return message;
  };

  test("who signed in by a lead's link decides what one may, is no second person, and is no other author than any lead", async () => {
    const invited = { invited: true } as const;
    const small = await ask("i1", 3_000, SANDBOX);
    await press("approve", small, "sam@ourshop.test", invited);
    await bench.pass(60_000);
    assert.equal(bench.made("refund").length, 1);
    const large = await ask("i2", 90_000, SANDBOX, "1001");
    await approve(large, "lea@ourshop.test");
    assert.match(await press("approve", large, "sam@ourshop.test", invited), /no second person/);
    await bench.pass(60_000);
    assert.equal(bench.made("refund").length, 1);
    await approve(large, "sam@ourshop.test");
    assert.equal(bench.made("refund").length, 2);
    const four = (text: string) => text.replaceAll(/(leads: \d) \}/g, "$1, four_eyes: true }");
    const theirs = await ask("i3", 3_000, four(SANDBOX), "456");
    const edit = { text: "Their own words", amount: "30.00" };
    assert.match(await press("edit", theirs, "sam@ourshop.test", invited, edit), /new version/);
    assert.match(await approve(theirs, "lea@ourshop.test"), /signed in by a lead's link/);
    assert.equal(bench.made("refund").length, 2);
    bench.left.splice(0);
  });

  test("the limit of a role counts all slices of one order, one after another and at once", async () => {
    const text = SANDBOX.replace(ROLES, ROLE_LIMIT);
    const waiting = [];
    for (const thread of ["s1", "s2", "s3", "s4"]) waiting.push(await ask(thread, 3_000, text));
    for (const id of waiting) await approve(id, "sam@ourshop.test");
    assert.equal(bench.made("refund").length, 1);
    bench.shop.refund("789", 3_000);
    const next = await ask("s5", 3_000, text);
    const told = await approve(next, "sam@ourshop.test");
    assert.match(told, /comes to 60\.00 USD with what went back/);
    await approve(next, "lea@ourshop.test");
    assert.equal(bench.made("refund").length, 2);
  });

  for (const [happens, meanwhile] of [
    ["is rejected", (id: string) => bench.press("reject", id, "lea@ourshop.test")],
    [
      "is edited",
      (id: string) =>
        bench.press("edit", id, "lea@ourshop.test", { edit: { text: "Soon.", amount: null } }),
    ],
    ["gets a message", () => bench.write("And more.", { thread: "r1", key: "r1:2" })],
  ] as const)
    test(`a card that ${happens} while it is approved books nothing`, async () => {
      const id = await ask("r1", 3_000, LIMITED);
      const card = await bench.card(id);
      // The order is read once more between the press and what it writes.
      let others: Promise<unknown> | null = null;
      const order: typeof bench.shop.order = async (...given) => {
        const read = await bench.shop.order(...given);
        await (others ??= meanwhile(id));
        return read;
      };
      const parts = { ...bench.parts, shop: { ...bench.parts.shop, order } };
      const sam = { version: card.version, teammate: teammate("sam@ourshop.test") };
      const answer = await bench.decide(card.id, "approve", sam, parts);
      assert.ok(others !== null);
      assert.equal(answer.accepted, false, JSON.stringify(answer));
      assert.deepEqual(await bench.column(sql`select effect_key from reservation`), []);
    });

  test("a limit of a rule that asks counts what was approved, and beyond it a lead decides", async () => {
    const first = await ask("l1", 3_000, LIMITED);
    const second = await ask("l2", 3_000, LIMITED, "456");
    await approve(first, "sam@ourshop.test");
    assert.match(await approve(second, "sam@ourshop.test"), /a limit was used up meanwhile/);
    assert.equal(bench.made("refund").length, 1);
    const fresh = await bench.pending(second);
    assert.deepEqual(fresh?.needs, { count: 2, leads: 1 });
    await approve(second, "sam@ourshop.test");
    assert.equal(bench.made("refund").length, 1);
    await approve(second, "lea@ourshop.test");
    assert.equal(bench.made("refund").length, 2);
  });

  test("a limit's day is that of the decision, not that of the draft", async () => {
    const daily = LIMITED.replace("days: 30", "days: 1");
    bench.skip(11 * 3_600_000);
    const [first, second] = [await ask("d1", 3_000, daily), await ask("d2", 3_000, daily, "456")];
    await approve(first, "sam@ourshop.test");
    await bench.pass(4 * 3_600_000);
    await approve(second, "sam@ourshop.test");
    assert.equal(bench.made("refund").length, 2);
  });

  test("what policy allows on a card counts by its rule once a person approved it, and the next one is asked", async () => {
    const first = await ask("p1", 900, SANDBOX, "1002");
    const second = await ask("p2", 800, SANDBOX, "1003");
    const rules = async (id: string) => (await bench.pending(id))?.rules.map(({ rule }) => rule);
    assert.deepEqual(await rules(second), ["refund.small", "reply.email.draft"]);
    await approve(first, "sam@ourshop.test");
    assert.match(await approve(second, "sam@ourshop.test"), /a limit was used up meanwhile/);
    assert.equal(bench.made("refund").length, 1);
    assert.deepEqual(await rules(second), ["refund.usual", "reply.email.draft"]);
    const used = (await bench.pending(second))?.card.actions[0]?.usedUp;
    assert.deepEqual(
      used?.map(({ name }) => name),
      ["small_refunds_for_one"],
    );
    await approve(second, "sam@ourshop.test");
    assert.equal(bench.made("refund").length, 2);
  });

  test("an amount that policy would allow, typed on a card, needs a click and counts by that rule", async () => {
    const id = await ask("e1", 3_000, SANDBOX);
    const edit = { text: "8.00 it is.", amount: "8.00" };
    await bench.press("edit", id, "sam@ourshop.test", { edit });
    const [rule] = (await bench.pending(id))?.rules ?? [];
    assert.deepEqual([rule?.rule, rule?.verdict], ["refund.small", "ask"]);
    const counted = rule?.reservations.map(({ limit, minor }) => [limit, minor]);
    assert.deepEqual(counted?.[0], ["small_refunds_for_one", 800]);
  });

  test("an amount typed for one refund is asked about where a later one of the card takes the limit", async () => {
    const [rule] = (await bench.pending(await ask("e2", 800, SANDBOX, "1003")))?.rules ?? [];
    const later = refundOf(800, { orderId: "1003", decision: rule ?? {} });
    const actions = [refundOf(900, { orderId: "1002" }), later];
    bench.answer(() => replying("We refund both.", { actions }));
    const id = await bench.write("Both back, please.", { thread: "e3" });
    const edit = { text: "8.50 and 8.00 it is.", amount: "8.50" };
    await bench.press("edit", id, "sam@ourshop.test", { edit });
    assert.deepEqual(
      (await bench.pending(id))?.rules.map((one) => one.rule),
      ["refund.usual", "refund.small", "reply.email.draft"],
    );
    assert.equal((await bench.press("approve", id, "sam@ourshop.test")).message, "");
  });

  test("a card whose order changed since is not approved, and says what changed", async () => {
    const id = await ask("o1", 3_000, SANDBOX);
    bench.shop.refund("789", 1_000);
    assert.match(await press("approve", id, "sam@ourshop.test"), /order 789 .*refund/i);
    assert.equal(last?.state, "pending");
    await bench.pass(60_000);
    assert.equal(bench.made("refund").length, 0);
  });

  test("an approval that is taken back frees the limit", async () => {
    const first = await ask("u1", 3_000, LIMITED);
    await press("approve", first, "sam@ourshop.test");
    assert.match(await press("undo", first, "sam@ourshop.test"), /^$/);
    const second = await ask("u2", 3_000, LIMITED, "456");
    await approve(second, "sam@ourshop.test");
    assert.equal(bench.made("refund").length, 1);
  });
});
