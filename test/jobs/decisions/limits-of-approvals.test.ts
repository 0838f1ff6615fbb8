/** Limits on what people approve: of a role over the slices of one order, and of a customer over all their cards. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { decideAction } from "#jobs/plan/ask-policy.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

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
      const order = await bench.shop.order(orderId, AbortSignal.timeout(PATIENCE_MS));
      assert.ok(order !== null);
      const facts = sealedOrderFacts(order);
      const { planned, origin } = refundOf(minor, { orderId });
      const action = {
        ...planned,
        key: `refund:shop:${orderId}:${facts.refundCount}`,
        facts: [facts],
      };
      const decision = await decideAction({ ...bench.parts, policy }, action, {
        conversation: { channel: "email", brand: "" },
        level: 2,
        customerId: facts.customerId,
        topic: "refund",
        origin,
        earlier: [],
      });
      return replying("We refund it.", { actions: [{ planned: action, origin, decision }] });
    });
    return bench.write("Some of it back, please.", { thread });
  };
  const refunds = () => bench.left.filter(({ action }) => action.operation === "refund").length;
  const press = async (button: "approve" | "undo", id: string, who: string) => {
    const card = await bench.pending(id);
    last = card ?? last;
    if (last === null) return "nothing waits";
    const { message } = await deskHandler(bench.parts).decide({
      decisionId: bench.parts.ids.next("click"),
      approvalId: last.id,
      version: last.version,
      button,
      teammate: { id: who, name: who.split("@")[0] ?? who, email: who, eligible: true },
      reason: "",
      edit: null,
    });
    return message;
  };
  const approve = async (id: string, who: string): Promise<string> => {
    const message = await press("approve", id, who);
    bench.skip(60_000);
    await bench.tick();
    return message;
  };

  test("the limit of a role counts all slices of one order, one after another and at once", async () => {
    const text = SANDBOX.replace(ROLES, ROLE_LIMIT);
    const waiting = [];
    for (const thread of ["s1", "s2", "s3", "s4"]) waiting.push(await ask(thread, 3_000, text));
    for (const id of waiting) await approve(id, "sam@ourshop.test");
    assert.equal(refunds(), 1);
    bench.shop.refund("789", 3_000);
    const next = await ask("s5", 3_000, text);
    assert.match(
      await approve(next, "sam@ourshop.test"),
      /comes to 60\.00 USD with what went back/,
    );
    await approve(next, "lea@ourshop.test");
    assert.equal(refunds(), 2);
  });

  test("a limit of a rule that asks counts what was approved, and beyond it a lead decides", async () => {
    const [first, second] = [
      await ask("l1", 3_000, LIMITED),
      await ask("l2", 3_000, LIMITED, "456"),
    ];
    await approve(first, "sam@ourshop.test");
    assert.match(await approve(second, "sam@ourshop.test"), /a limit was used up meanwhile/);
    assert.equal(refunds(), 1);
    const fresh = await bench.pending(second);
    assert.deepEqual(fresh?.needs, { count: 2, leads: 1 });
    await approve(second, "sam@ourshop.test");
    assert.equal(refunds(), 1);
    await approve(second, "lea@ourshop.test");
    assert.equal(refunds(), 2);
  });

  test("a card whose order changed since is not approved, and says what changed", async () => {
    const id = await ask("o1", 3_000, SANDBOX);
    bench.shop.refund("789", 1_000);
    assert.match(await press("approve", id, "sam@ourshop.test"), /order 789 .*refund/i);
    assert.equal(last?.state, "pending");
    bench.skip(60_000);
    await bench.tick();
    assert.equal(refunds(), 0);
  });

  test("an approval that is taken back frees the limit", async () => {
    const first = await ask("u1", 3_000, LIMITED);
    await press("approve", first, "sam@ourshop.test");
    assert.match(await press("undo", first, "sam@ourshop.test"), /^$/);
    const second = await ask("u2", 3_000, LIMITED, "456");
    await approve(second, "sam@ourshop.test");
    assert.equal(refunds(), 1);
  });
});
